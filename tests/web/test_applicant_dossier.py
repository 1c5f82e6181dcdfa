"""Writing a dossier in a browser: from the call to the receipt, section by section."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from grants.database import db
from grants.domain import dossier
from grants.domain.chart_of_accounts import ACCOUNTS
from grants.models import BudgetLine, FundingLine, MemberRole, Membership, Project, Side, State, now
from tests.conftest import SignIn
from tests.factories import World, campaign, member, organisation, piece, theme, user, world
from tests.web.dossiers import draft_of, fields_of, send


@pytest.mark.slow
def test_a_volunteer_deposits_a_dossier(w: World, sign_in: SignIn) -> None:
    client = sign_in(w.applicant)
    start = f"/deposer/{w.campaign.id}"
    assert db.session.query(Project).count() == 0
    assert client.get(start).status_code == 200
    assert db.session.query(Project).count() == 0
    home = send(client, start).location
    assert "à faire" in client.get(home).text
    leaf = next(t for t in w.contract.themes if t.number)
    pages = [
        ("organisation", {"confirmed": "y"}),
        (
            "projet",
            {
                "title": "Lire ensemble",
                "kind": "NEW",
                "applicant_theme_id": leaf.id,
                "objectives": "Lire",
                "description": "Ateliers",
            },
        ),
        (
            "public",
            {
                "audience": "Enfants",
                "beneficiaries": "1 200",
                "beneficiaries_qpv": "30",
                "zone_ids": w.contract.zones[0].id,
            },
        ),
        ("calendrier", {"starts_on": "2026-01-15", "ends_on": "2026-06-30"}),
        ("moyens", {"evaluation": "Livres lus", "staff_employees_count": "2", "staff_employees_fte": "0,5"}),
        (
            "budget",
            {"a641": "9 000,50", "a606": "999.50", "a756": "2000", "other_label_0": "CAF", "other_amount_0": "3000"},
        ),
        ("demandes", {f"funder_{w.cget.id}": "3 000 €", f"funder_{w.ville.id}": "2000"}),
        ("attestations", {"sworn": "y", "commitment": "y"}),
    ]
    for section, typed in pages:
        answer = send(client, f"{home}/{section}", **typed)
        assert answer.status_code == 302, (section, answer.text)
    check = client.get(f"{home}/deposer")
    assert "Le dossier est complet" in check.text
    assert "Lire ensemble" in check.text
    done = send(client, f"{home}/deposer")
    assert done.location == f"{home}/accuse"
    receipt = client.get(done.location).text
    assert "2026-0001" in receipt
    assert "Votre dossier est arrivé" in receipt
    project = db.session.query(Project).one()
    assert (project.state, project.total_cost) == (State.SUBMITTED, Decimal(10_000))
    assert "2026-0001" in client.get("/mes-projets").text


def test_a_half_filled_section_is_saved_and_says_what_it_lacks(w: World, sign_in: SignIn) -> None:
    client = sign_in(w.applicant)
    home = send(client, f"/deposer/{w.campaign.id}").location
    send(client, f"{home}/public", audience="Enfants", beneficiaries="", beneficiaries_qpv="")
    page = client.get(home).text
    assert "À compléter ou à revoir : Indiquez le nombre de bénéficiaires attendu. Et 2 de plus." in page
    assert f'href="{home}/public?verifier=1#beneficiaries"' in page
    assert "commencé" in page
    assert "Indiquez le nombre de bénéficiaires attendu." in page
    assert "pas encore déposé" in page
    assert 'href="#beneficiaries"' in client.get(f"{home}/public").text
    assert 'id="beneficiaries-erreur"' in client.get(f"{home}/public?verifier=1").text


def test_the_filled_button_leads_to_the_next_step_and_to_the_deposit_once_all_is_done(
    w: World, sign_in: SignIn
) -> None:
    piece(w.campaign, "Affiche", required=False)  # a step that lacks nothing from the start
    client, filled = sign_in(w.applicant), r'(?s)class="btn btn-primary" href="([^"]*)">(.*?)</a>'
    home = send(client, f"/deposer/{w.campaign.id}").location

    def leads() -> list[tuple[str, str]]:
        return [(there, " ".join(words.split())) for there, words in re.findall(filled, client.get(home).text)]

    assert leads() == [(f"{home}/organisation", "Commencer : votre organisation")]
    send(client, f"{home}/organisation", confirmed="y")
    assert leads() == [(f"{home}/projet", "Continuer : l&#39;action et son orientation")]
    home = f"/mes-projets/{draft_of(w).id}"
    assert leads() == [(f"{home}/deposer", "Vérifier et déposer")]


def test_what_is_too_much_is_to_be_looked_at_again_not_missing(w: World, sign_in: SignIn) -> None:
    client, home = sign_in(w.applicant), f"/mes-projets/{draft_of(w).id}"
    told = send(client, f"{home}/demandes", **{f"funder_{w.cget.id}": "99999"})
    assert "À compléter ou à revoir : Vous demandez" in client.get(told.location).text
    page = client.get(f"{home}/demandes").text
    assert "À compléter ou à revoir, avant de déposer" in page
    assert "Il manque encore" not in page


BAD_SHAPES = [
    ("projet", "title", "x" * 251, "250 caractères"),
    ("projet", "title", "a\x00b", "caractère invisible"),
    ("projet", "kind", "OTHER", ""),
    ("projet", "applicant_theme_id", "9" * 30, ""),
    ("projet", "applicant_theme_id", "abc", ""),
    ("projet", "predecessor_id", "1", ""),
    ("projet", "cross_theme_ids", "77", ""),
    ("projet", "description", "é" * 10_001, "10000 caractères"),
    ("public", "beneficiaries", "douze", "nombre entier"),
    ("public", "beneficiaries", "-1", "nombre entier"),
    ("public", "beneficiaries", "9" * 5000, "nombre entier"),
    ("public", "beneficiaries_qpv", "31", "ne peut pas dépasser"),
    ("public", "zone_ids", "999999999999999999999", ""),
    ("calendrier", "starts_on", "2026-02-30", "Écrivez une date"),
    ("calendrier", "starts_on", "31/13/2026", "Écrivez une date comme 31/12/2026"),
    ("calendrier", "ends_on", "2025-12-31", "précéder"),
    ("budget", "a641", "12 OOO", "pas un montant"),
    ("budget", "a641", "-5", "pas un montant"),
    ("budget", "a641", "9" * 40, "trop grand"),
    ("budget", "a67", "1e9", "pas un montant"),
    ("budget", "other_status_0", "MAYBE", ""),
]


@pytest.mark.slow
def test_bad_shapes_are_told_at_the_field_and_what_was_typed_stays(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    client = sign_in(w.applicant)
    seen = {name: fields_of(client, f"/mes-projets/{project.id}/{name}") for name, *_ in BAD_SHAPES}
    for section, field, typed, message in BAD_SHAPES:
        answer = client.post(f"/mes-projets/{project.id}/{section}", data=seen[section] | {field: typed})
        case = (section, field, typed)
        assert (answer.status_code, message in answer.text) == (422, True), case
        assert f'id="{field}-erreur"' in answer.text, case
        assert not message or "\x00" in typed or typed in answer.text, case
        db.session.expire_all()
        assert dossier.faults(project) == [], case


def test_the_usual_lines_and_those_in_use_are_open_and_all_have_an_example(w: World, sign_in: SignIn) -> None:
    draft = draft_of(w)
    draft.budget = [BudgetLine(side=Side.EXPENSE, account="613", amount=Decimal(10), position=0)]
    db.session.commit()
    page = sign_in(w.applicant).get(f"/mes-projets/{draft.id}/budget").text
    hidden = "".join(re.findall(r"(?s)<details.*?</details>", page))
    in_view = set(re.findall(r'name="a(\w+)"', page)) - set(re.findall(r'name="a(\w+)"', hidden))
    assert in_view == {"604", "606", "613", "625", "641", "70", "756", "864", "870"}
    assert 'name="a616"' in hidden
    assert 'name="other_label_0"' in hidden
    assert page.count("Par exemple") == len(ACCOUNTS)


@pytest.mark.parametrize(("field", "at"), [("other_label_0", "other_amount_0"), ("other_amount_0", "other_label_0")])
def test_half_a_subsidy_is_asked_for_its_other_half(w: World, sign_in: SignIn, field: str, at: str) -> None:
    project = draft_of(w)
    answer = send(sign_in(w.applicant), f"/mes-projets/{project.id}/budget", **{field: "12"})
    assert answer.status_code == 422
    assert f'id="{at}-erreur"' in answer.text


@pytest.mark.slow
def test_forged_choices_are_refused(w: World, sign_in: SignIn) -> None:
    elsewhere = world()
    reserved = theme(w.contract, "Parcours", number=1, position=9)
    reserved.call_kind = "Réussite éducative (PRE)"
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}"
    leaf = project.applicant_theme_id
    for forged in (elsewhere.contract.themes[2].id, reserved.id):
        answer = send(client, f"{path}/projet", applicant_theme_id=forged)
        assert answer.status_code == 422
    send(client, f"{path}/demandes", **{f"funder_{elsewhere.cget.id}": "1"})
    send(client, f"{path}/organisation", state="SUBMITTED", reference="2026-0001", confirmed="y")
    db.session.expire_all()
    assert (project.applicant_theme_id, project.state, project.reference) == (leaf, State.DRAFT, None)
    lines = db.session.query(FundingLine).filter_by(project_id=project.id)
    assert {line.funder_id for line in lines} == {w.cget.id, w.ville.id}


def test_a_field_sent_twice_counts_once(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}/demandes"
    sent = {**fields_of(client, path), f"funder_{w.cget.id}": ["1", "2"]}
    assert client.post(path, data=sent).status_code == 302
    line = db.session.query(FundingLine).filter_by(funder_id=w.cget.id).one()
    assert line.requested == 1


@pytest.mark.slow
def test_a_draft_whose_call_is_closed_says_so_on_top(w: World, sign_in: SignIn) -> None:
    path, client = f"/mes-projets/{draft_of(w).id}", sign_in(w.applicant)
    pages = [path, f"{path}/projet", f"{path}/budget", f"{path}/deposer"]
    for page in pages:
        assert "ne peut pas être déposé" not in client.get(page).text
    w.campaign.closes_at = now()
    db.session.commit()
    for page in pages:
        text = client.get(page).text
        assert text.count("ne peut pas être déposé") == 1, page
        assert "Cet appel est clos" in text


def test_starting(w: World, sign_in: SignIn) -> None:
    path = f"/deposer/{w.campaign.id}"
    assert sign_in(None).get(path).location.startswith("/connexion?next=")
    assert sign_in(user()).get(path).location.startswith("/organisation?next=")
    two = member(w.bearer)
    other = organisation("Deuxième")
    db.session.add(Membership(user_id=two.id, organisation_id=other.id, role=MemberRole.EDITOR, approved_at=now()))
    closed = campaign(w.contract, [w.cget], open_now=False)
    later = campaign(w.contract, [w.cget])
    later.opens_at = now() + timedelta(days=1)
    db.session.commit()
    client = sign_in(two)
    assert client.post(path, data={}).status_code == 422  # which one?
    assert client.post(path, data={"organisation_id": organisation().id}).status_code == 422
    for call, words in ((closed, "clos"), (later, "ouvrira")):
        page = client.get(f"/deposer/{call.id}").text
        assert words in page
        assert "Commencer le dossier" not in page
        client.post(f"/deposer/{call.id}", data={"organisation_id": other.id})
    assert db.session.query(Project).count() == 0
    client.post(path, data={"organisation_id": other.id})
    assert db.session.query(Project).one().organisation_id == other.id


def test_the_page_says_that_the_statement_is_to_be_made_again(w: World, sign_in: SignIn) -> None:
    draft = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{draft.id}/calendrier"
    assert send(client, path).status_code == 302
    assert "doit la refaire" not in client.get("/mes-projets").text
    send(client, path, schedule="Le jeudi")
    assert "doit la refaire avant le dépôt" in client.get("/mes-projets").text
    assert "Signer et déposer" in client.get(f"/mes-projets/{draft.id}/deposer").text


def test_what_is_pasted_is_not_cut_but_refused_and_kept(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}/projet"
    assert "maxlength" not in client.get(path).text
    refused = send(client, path, title="a" * 325)
    assert refused.status_code == 422
    assert "250 caractères au plus : il y en a 325" in refused.text
    assert "a" * 325 in refused.text


def test_a_page_says_which_step_it_is_and_that_the_last_is_saved_once(w: World, sign_in: SignIn) -> None:
    client, path = sign_in(w.applicant), f"/mes-projets/{draft_of(w).id}"
    page = client.get(send(client, f"{path}/calendrier").location).text
    assert "Étape 5 sur 8" in page  # without questions and pieces, which this call does not ask
    assert page.count("nregistré ") == 1
    assert page.count('class="notice') == 1  # what was put back, hidden
