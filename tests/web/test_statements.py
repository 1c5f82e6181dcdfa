"""The sworn statement: made with the deposit by one press, undone by a change and told so, made
again before an answer to the service counts."""

import pytest

from exports.dossier_pdf import _sworn
from grants.database import db
from grants.domain import dossier
from grants.domain.dossier.drafts import Section
from grants.domain.instruction import piece_request
from grants.domain.instruction.piece_request import PiecesWanted
from grants.french import today
from grants.models import MemberRole, Project, State, now
from tests.conftest import SignIn
from tests.factories import World, member
from tests.web.dossiers import draft_of, fields_of, send
from tests.web.reading import plain


def unsigned(w: World) -> Project:
    draft = draft_of(w)
    draft.sworn_at = draft.sworn_by_id = draft.commitment_at = None
    db.session.commit()
    return draft


@pytest.mark.slow
def test_a_signatory_attests_and_deposits_by_one_press(w: World, sign_in: SignIn) -> None:
    draft = unsigned(w)
    path = f"/mes-projets/{draft.id}/deposer"
    editor = member(w.bearer, MemberRole.EDITOR)
    db.session.commit()
    assert "Signer et déposer" not in sign_in(editor).get(path).text
    client = sign_in(w.applicant)
    page = client.get(path).text
    assert "Signer et déposer" in page
    assert "À compléter" not in page
    assert "pas le représentant légal nommé dans la fiche (Dominique Martin)" in plain(page)
    w.applicant.name = "MARTIN Dominique"
    db.session.commit()
    assert "représentant légal nommé" not in client.get(path).text
    w.applicant.name = "Autre"
    db.session.commit()
    half = send(client, path, sworn="y")
    assert half.status_code == 422
    assert "souscrire le contrat d'engagement" in plain(half.text)
    assert "Il ne manque que la signature" in half.text
    assert "n'est pas complet" not in plain(half.text)
    links = [link in half.text for link in ('<a href="#commitment">', '<a href="#sworn">')]
    assert links == [True, False]  # what is ticked is not missing
    stale = client.post(path, data={"sworn": "y", "commitment": "y", "version": "1"})
    assert "entre-temps" in stale.text
    forged = {"sworn": "y", "commitment": "y", "version": str(draft.version)}
    assert sign_in(editor).post(path, data=forged).status_code == 422
    db.session.expire_all()
    assert (draft.state, draft.sworn_at) == (State.DRAFT, None)
    assert send(client, path, sworn="y", commitment="y").location.endswith("/accuse")
    db.session.expire_all()
    assert (draft.state, draft.sworn_by_id) == (State.SUBMITTED, w.applicant.id)
    assert "parmi les pièces" in sign_in(w.coordinator).get(f"/projets/{draft.id}").text
    assert dossier.sent.sent_of(draft).content["sworn"]["by"] == w.applicant.name


def test_the_pdf_says_in_full_what_was_sworn(w: World, sign_in: SignIn) -> None:
    sent = dossier.sent.sent_of(dossier.submit(draft_of(w), by=w.applicant))
    made = _sworn(sent)
    assert made[0].startswith(f"Attesté sur l'honneur par {w.applicant.name}, le ")
    assert "à jour de ses obligations administratives" in made[0]
    assert "respecter les lois de la République" in made[1]
    del sent.content["sworn"]["attests"], sent.content["sworn"]["commits"]  # kept before
    assert len(_sworn(sent)) == 2
    db.session.rollback()


def test_what_undid_it_is_told(w: World, sign_in: SignIn) -> None:
    draft = draft_of(w)
    colleague = member(w.bearer, MemberRole.EDITOR)
    db.session.commit()
    send(sign_in(colleague), f"/mes-projets/{draft.id}/calendrier", schedule="Le jeudi")
    for page in ("attestations", "deposer"):
        told = plain(sign_in(w.applicant).get(f"/mes-projets/{draft.id}/{page}").text)
        assert f"{colleague.name} a changé « Calendrier » le" in told, page


@pytest.mark.slow
def test_an_answer_that_undid_it_counts_once_it_is_made_again(w: World, sign_in: SignIn) -> None:
    project = dossier.submit(draft_of(w), by=w.applicant)
    wanted = PiecesWanted((), today(), {Section.BUDGET: "Budget"})
    piece_request.ask(project, wanted, by=w.coordinator)
    w.campaign.closes_at = now()
    db.session.commit()
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}"
    coordinator, sheet = sign_in(w.coordinator), f"/projets/{project.id}"
    assert client.get(f"{path}/attestations").location == path
    budget = fields_of(client, f"{path}/budget")
    changed = {"a641": "9 000", "a606": "1 000"}
    saved = client.post(f"{path}/budget", data=budget | changed, headers={"Accept": "application/json"}).json["message"]
    assert "pas encore envoyé au service : terminez par « J'ai tout envoyé »" in plain(saved)
    page = plain(client.get(f"{path}/budget").text)
    assert "avant « J'ai tout envoyé »" in page
    assert "Pas encore envoyé au service" in page
    assert "standing is-deposited" not in page
    assert "ne peut pas être déposé" not in page
    refused = client.post(f"{path}/pieces-demandees", data={"done": "1"})
    assert (refused.status_code, "attestation sur" in refused.text) == (422, True)
    assert f'href="{path}/attestations"' in client.get(f"{path}/pieces-demandees").text
    assert "Attestation sur l'honneur à refaire" in plain(coordinator.get(sheet).text)
    db.session.remove()  # as at the end of a request
    assert send(client, f"{path}/attestations", sworn="y", commitment="y").status_code == 302
    assert client.post(f"{path}/pieces-demandees", data={"done": "1"}).status_code == 302
    assert "honneur à refaire" not in plain(coordinator.get(sheet).text)
    db.session.remove()
    for page in (path, "/mes-projets"):
        told = client.get(page).text
        assert "Rien à faire : le service vérifie ce que vous avez envoyé" in plain(told)
        assert "vous sont demandées" not in told
        assert "Envoyer les pièces" not in told
