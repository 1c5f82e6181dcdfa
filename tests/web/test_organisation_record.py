"""The pages of an organisation's record, of invitations and of prefill; who sees the IBAN."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.database import db
from grants.domain.dossier.deposit import submit
from grants.domain.organisation import invitation, prefill
from grants.domain.organisation.prefill import Proposal, Unavailable
from grants.french import today
from grants.models import MemberRole, Membership, Nature, Organisation
from tests.conftest import SignIn
from tests.factories import World, complete_record, member, organisation, user
from tests.web.dossiers import draft_of, fields_of, send

IBAN, MASKED = "FR1420041010050500013M02606", "FR14 •••• 2606"
SIRET = "78467169500087"


@pytest.mark.slow
def test_a_record_is_filled_part_by_part(app: Flask, sign_in: SignIn) -> None:
    of = organisation("Écho")
    client, base = sign_in(member(of)), f"/organisation/{of.id}"
    db.session.commit()
    page = client.get(f"{base}?next=/mes-projets").text
    assert "à compléter" in page
    assert "Tout est toujours exact" not in page
    onwards = {
        "identite": "representant",
        "representant": "statut",
        "statut": "moyens",
        "moyens": f"budget/{today().year}",
    }
    parts = {
        "identite": {"nature": "ASSOCIATION", "siret": SIRET, "address": "1 rue Haute"},
        "representant": {
            "representative_name": "Ada",
            "representative_role": "Présidente",
            "representative_email": "ada@example.org",
        },
        "statut": {
            "public_utility": "non",
            "commercial_taxes": "non",
            "large_public_aid": "oui",
            "jo_published_on": "2001-02-03",
        },
        "moyens": {"members_count": "1 200", "volunteers": "0", "employees": "3", "employees_fte": "1,5"},
        "banque": {"iban": "FR14 2004 1010 0505 0001 3M02 606", "account_holder": "Écho"},
        f"budget/{of.created_at.year}": {"a606": "1 000", "a756": "1000,50"},
    }
    for part, typed in parts.items():
        answer = send(client, f"{base}/{part}?next=/mes-projets", **typed)
        if part in onwards:
            assert answer.location == f"{base}/{onwards[part]}?next=/mes-projets", (part, answer.text)
        else:  # nothing after it lacks anything
            assert answer.location == "/mes-projets", (part, answer.text)
    answer = send(client, f"{base}/moyens?next=/mes-projets", **parts["moyens"])
    assert answer.location == f"{base}?next=/mes-projets"  # it lacked nothing
    page = client.get(f"{base}?next=/mes-projets").text
    assert "à compléter" not in page
    answer = client.post(f"{base}/confirmer?next=/mes-projets")
    assert answer.location == "/mes-projets"
    db.session.expire_all()
    assert (of.large_public_aid, of.public_utility, of.members_count) == (True, False, 1200)
    assert of.confirmed_at is not None
    assert "1\u202f000,50" in client.get(f"{base}/budget/{of.created_at.year}").text


def test_each_nature_has_its_own_pages(app: Flask, sign_in: SignIn) -> None:
    of = complete_record(organisation(), 2026)
    client = sign_in(member(of))
    for nature in Nature:
        of.nature = nature
        db.session.commit()
        _has_its_own_pages(client, of, nature)


def _has_its_own_pages(client: FlaskClient, of: Organisation, nature: Nature) -> None:
    base = f"/organisation/{of.id}"
    small = nature is Nature.MUNICIPAL_SERVICE
    for part in ("statut", "moyens", "banque", "budget/2026"):
        known = client.get(f"{base}/{part}").status_code == 200
        assert known is not (
            small
            or (nature is Nature.PUBLIC_BODY and part == "statut")
            or (nature is Nature.LANDLORD and part == "budget/2026")
        )
    page = client.get(f"{base}/moyens").text
    assert ("Adhérents" in page) is (nature is Nature.ASSOCIATION)
    for missing in ("nulle-part", "budget/1999", "budget/2101", "budget"):
        assert client.get(f"{base}/{missing}").status_code == 404


REFUSED = [
    ("statut", {"public_utility": "peut-être"}, "par oui ou par non"),
    ("statut", {"jo_published_on": "2026-02-30"}, "Écrivez une date"),
    ("moyens", {"members_count": "beaucoup"}, "nombre entier"),
    ("moyens", {"employees": "1", "employees_fte": "2"}, "équivalent temps plein ne peut"),
    ("moyens", {"employees_fte": "NaN"}, "Écrivez un nombre"),
    ("banque", {"iban": "FR76"}, "IBAN n&#39;est pas valable"),
    ("banque", {"iban": "a\x00"}, "caractère invisible"),
    ("budget/2026", {"a606": "12 OOO"}, "12 OOO"),
    ("identite", {"nature": "ASSOCIATION", "siret": SIRET, "website": "echo"}, "https://"),
]


def test_refusals_stand_at_their_field_and_lose_nothing(app: Flask, sign_in: SignIn) -> None:
    of = organisation()
    client = sign_in(member(of))
    db.session.commit()
    for part, typed, message in REFUSED:
        page = send(client, f"/organisation/{of.id}/{part}", **typed).text
        assert (message in page, "Il y a un problème" in page) == (True, True), (part, typed)


@pytest.mark.slow
def test_the_iban_is_masked_but_where_it_is_needed(w: World, sign_in: SignIn) -> None:
    draft, stranger = draft_of(w), member(organisation())
    applicant, base = sign_in(w.applicant), f"/organisation/{w.bearer.id}"
    record = applicant.get(base).text
    assert MASKED in record
    own = f"/mes-projets/{draft.id}"
    for path in (base, f"{own}/organisation", f"{own}/deposer", own):
        assert IBAN not in applicant.get(path).text, path
    assert IBAN in applicant.get(f"{base}/banque").text
    submit(draft, by=w.applicant)
    db.session.commit()
    for path in (own, f"{own}/accuse"):
        assert IBAN not in applicant.get(path).text, path
    sheet = f"/projets/{draft.id}/porteur"
    for person in (w.coordinator, w.state_instructor):
        assert IBAN in sign_in(person).get(sheet).text
        assert IBAN not in sign_in(person).get(f"/projets/{draft.id}").text
    for person in (w.committee, w.administrator, stranger):
        assert sign_in(person).get(sheet).status_code == 403
        assert sign_in(person).get(f"{base}/banque").status_code == 403


def test_the_dossier_asks_to_complete_and_then_only_to_confirm(w: World, sign_in: SignIn) -> None:
    draft = draft_of(w)
    draft.organisation_confirmed_at = None
    w.bearer.representative_name = ""
    db.session.commit()
    client, path = sign_in(w.applicant), f"/mes-projets/{draft.id}/organisation"
    page = client.get(path).text
    assert "Indiquez le nom du représentant légal." in page
    assert 'name="confirmed"' not in page
    forged = send(client, path, confirmed="y")
    assert forged.status_code == 422
    assert "Complétez d&#39;abord la fiche" in forged.text
    w.bearer.representative_name = "Ada"
    db.session.commit()
    assert 'name="confirmed"' in client.get(path).text
    assert send(client, path, confirmed="y").status_code == 302


def test_the_representative_is_proposed_as_person_in_charge(w: World, sign_in: SignIn) -> None:
    draft = draft_of(w)
    draft.in_charge_name = draft.in_charge_phone = ""
    db.session.commit()
    client, path = sign_in(w.applicant), f"/mes-projets/{draft.id}"
    assert fields_of(client, f"{path}/moyens")["in_charge_name"] == "Dominique Martin"
    assert "Indiquez qui est responsable" in client.get(f"{path}/deposer").text  # not yet saved
    send(client, f"{path}/moyens")
    assert "Indiquez qui est responsable" not in client.get(f"{path}/deposer").text


def test_the_treasurer_asks_for_the_signature(w: World, sign_in: SignIn) -> None:
    draft = draft_of(w)
    draft.sworn_at = draft.commitment_at = None
    editor = member(w.bearer, MemberRole.EDITOR)
    db.session.commit()
    client, path = sign_in(editor), f"/mes-projets/{draft.id}"
    assert "Demander la signature" in client.get(f"{path}/deposer").text
    answer = client.post(f"{path}/demander-signature", follow_redirects=True)
    assert f"Un courriel part à {w.applicant.name}" in answer.text
    asked = f"Signature demandée par <strong>{editor.name}</strong>"
    assert asked in client.get(path).text
    assert asked in sign_in(w.applicant).get(f"{path}/deposer").text
    draft.title = ""
    db.session.commit()
    assert "Demander la signature" not in client.get(f"{path}/deposer").text
    assert client.post(f"{path}/demander-signature").status_code == 409


def test_an_invitation_from_the_mail_to_the_membership(w: World, sign_in: SignIn) -> None:
    guest, base = user("Presidente"), f"/organisation/{w.bearer.id}"
    db.session.commit()
    signatory = sign_in(w.applicant)
    send(signatory, f"{base}/inviter", email=guest.email, role="SIGNATORY")
    assert guest.email in signatory.get(f"{base}/membres").text
    token = invitation.invite(w.bearer, guest.email, MemberRole.SIGNATORY, by=w.applicant)
    db.session.commit()
    path = f"/invitation/{token}"
    stranger = sign_in(None).get(path).text
    assert "Se connecter" in stranger
    assert f"next={path}" in stranger
    assert f'value="{guest.email}"' in sign_in(None).get(f"/inscription?next={path}").text
    for other in ("/invitation/x", "/compte"):
        assert guest.email not in sign_in(None).get(f"/inscription?next={other}").text
    assert sign_in(None).post(path).location == "/connexion"
    assert "Accepter l&#39;invitation" not in sign_in(user()).get(path).text
    thief = user("Voleur")
    db.session.commit()
    assert sign_in(thief).post(path).status_code == 403
    client = sign_in(guest)
    assert "Accepter l'invitation" in client.get(path).text
    assert client.post(path).location == "/mes-projets"
    assert client.post(path).status_code == 410
    assert client.get(path).status_code == 410
    role = db.session.query(Membership.role).filter_by(user_id=guest.id).scalar()
    assert role is MemberRole.SIGNATORY


def test_an_invitation_is_cancelled_by_its_own_organisation(w: World, sign_in: SignIn) -> None:
    invitation.invite(w.bearer, "a@example.org", MemberRole.EDITOR, by=w.applicant)
    other = organisation()
    stranger = member(other)
    db.session.commit()
    path = "/organisation/{}/invitations/1/annuler"
    assert sign_in(stranger).post(path.format(other.id)).status_code == 404
    assert sign_in(stranger).post(path.format(w.bearer.id)).status_code == 403
    sign_in(w.applicant).post(path.format(w.bearer.id))
    assert "a@example.org" not in sign_in(w.applicant).get(f"/organisation/{w.bearer.id}/membres").text


class Directory:
    """Stands for the public directory: answers as told, and counts."""

    def __init__(self) -> None:
        self.calls = 0
        self.answer: Proposal | Exception | None = None

    def lookup(self, siret: str, *, api: str) -> Proposal | None:
        self.calls += 1
        assert not db.session().in_transaction()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def directory(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Directory:
    made = Directory()
    settings = replace(app.config["SETTINGS"], siret_api="http://directory.invalid")
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    monkeypatch.setattr(prefill, "lookup", made.lookup)
    return made


def test_a_proposal_fills_the_form_and_stores_nothing(directory, sign_in: SignIn) -> None:
    directory.answer = Proposal(
        SIRET, "ECHO", "EDT", "W922001234", "3 RUE HAUTE\n92390 VLG", Nature.ASSOCIATION, closed=True
    )
    who = user()
    db.session.commit()
    client = sign_in(who)
    path = f"/organisation/nouvelle?next=/deposer/3&siret={SIRET}"
    page = client.get(path).text
    assert page.count("Proposé par l&#39;annuaire des entreprises") == 6
    assert "fermé" in page
    assert db.session.query(Organisation).count() == 0
    typed = fields_of(client, path)
    assert (typed["name"], typed["rna"], typed["nature"]) == ("ECHO", "W922001234", "ASSOCIATION")
    answer = client.post(path, data={**typed, "name": "Écho des tours", "right": "mandated"})
    assert answer.location == "/deposer/3"
    made = db.session.query(Organisation).one()
    assert (made.name, made.acronym, made.siret) == ("Écho des tours", "EDT", SIRET)


@pytest.mark.parametrize(
    ("answer", "message"), [(None, "ne connaît pas ce numéro"), (Unavailable("Pas de réponse."), "Pas de réponse.")]
)
def test_without_an_answer_the_form_works(directory, sign_in: SignIn, answer, message) -> None:
    directory.answer = answer
    who = user()
    db.session.commit()
    page = sign_in(who).get(f"/organisation/nouvelle?siret={SIRET}")
    assert page.status_code == 200
    assert message in page.text
    assert f'value="{SIRET}"' in page.text


def test_it_is_off_by_default_and_never_asked_on_a_write(directory, app, sign_in) -> None:
    who = user()
    db.session.commit()
    client = sign_in(who)
    client.post(f"/organisation/nouvelle?siret={SIRET}", data={"name": ""})
    client.get("/organisation/nouvelle")
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], siret_api="")
    page = client.get(f"/organisation/nouvelle?siret={SIRET}").text
    assert "Remplir d'après" not in page
    assert directory.calls == 0
