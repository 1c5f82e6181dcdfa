"""An administrator says which pieces a call asks for."""

import pytest
from flask.testing import FlaskClient

from grants.database import db
from grants.domain.campaign import campaign as calls
from grants.domain.campaign.campaign_part import parts_of
from grants.models import Campaign, CampaignPiece, DocumentKind, HistoryEntry
from tests.conftest import SignIn
from tests.factories import World, document
from tests.web.dossiers import send
from tests.web.reading import plain


def add(client: FlaskClient, w: World, **typed: str):
    return client.post(f"/reglages/appels/{w.campaign.id}/listes/pieces/ajouter", data=typed)


def labels(w: World) -> list[str]:
    return [piece.label for piece in parts_of(CampaignPiece, w.campaign)]


def test_a_new_call_of_a_kind_asks_the_usual_pieces_and_its_copy_too(w: World, sign_in: SignIn) -> None:
    client = sign_in(w.administrator)
    send(client, f"/reglages/contrats/{w.contract.slug}/appels/ajouter", label="VVV été", kind="VVV", preset="VVV")
    made = db.session.query(Campaign).filter_by(label="VVV été").one()
    asked = ["Relevé d'identité bancaire (RIB)", "Statuts", "Projet pédagogique"]
    assert [piece.label for piece in parts_of(CampaignPiece, made)] == asked
    copy = calls.copy_campaign(made, made.year + 1, by=w.administrator)
    assert [piece.label for piece in parts_of(CampaignPiece, copy)] == asked


def test_added_ordered_changed_and_removed(w: World, sign_in: SignIn) -> None:
    client = sign_in(w.administrator)
    assert add(client, w, label="Devis", kind="", required="y").status_code == 302
    assert add(client, w, label="", kind="STATUTES").status_code == 302
    assert labels(w) == ["Devis", "Statuts"]
    quote, statutes = parts_of(CampaignPiece, w.campaign)
    assert (quote.required, statutes.required) == (True, False)
    client.post(f"/reglages/listes/pieces/{statutes.id}/deplacer", data={"vers": "haut"})
    client.post(f"/reglages/listes/pieces/{statutes.id}/deplacer", data={"vers": "haut"})
    assert labels(w) == ["Statuts", "Devis"]
    page = client.get(f"/reglages/appels/{w.campaign.id}/listes/pieces").text
    assert "association" in page
    assert "tous les porteurs" in page
    send(client, f"/reglages/listes/pieces/{quote.id}", label="Trois devis")
    assert labels(w) == ["Statuts", "Trois devis"]
    assert 'value="Trois devis"' in client.get(f"/reglages/listes/pieces/{quote.id}").text
    removed = client.post(f"/reglages/listes/pieces/{statutes.id}/retirer", follow_redirects=True)
    assert "C'est retiré : « Statuts »." in plain(removed.text)
    assert labels(w) == ["Trois devis"]
    done = db.session.query(HistoryEntry).filter_by(subject="campaign_pieces").count()
    assert done >= 5


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"label": "", "kind": ""}, "Écrivez le nom de la pièce"),
        ({"label": "DEVIS", "kind": ""}, "a déjà ce nom"),
        ({"label": "Mes statuts", "kind": "STATUTES"}, "demande déjà ce document"),
        ({"label": "x" * 251, "kind": ""}, "250 caractères"),
        ({"label": "a", "kind": "NO_SUCH"}, ""),
    ],
)
def test_refused_at_its_field(w: World, sign_in: SignIn, typed: dict[str, str], message: str) -> None:
    client = sign_in(w.administrator)
    add(client, w, label="Devis", kind="")
    add(client, w, label="", kind="STATUTES")
    answer = add(client, w, **typed)
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert message in answer.text
    assert len(labels(w)) == 2


def test_a_piece_that_has_files_stays(w: World, sign_in: SignIn) -> None:
    client = sign_in(w.administrator)
    add(client, w, label="Devis", kind="")
    (quote,) = parts_of(CampaignPiece, w.campaign)
    document(w.project(), w.applicant, piece=quote)
    db.session.commit()
    asked = client.get(f"/reglages/listes/pieces/{quote.id}/retirer", follow_redirects=True).text
    assert "rendez-la facultative plutôt" in asked
    client.post(f"/reglages/listes/pieces/{quote.id}/retirer")
    answer = send(client, f"/reglages/listes/pieces/{quote.id}", label="D", kind="LEADERS")
    assert "gardez sa nature" in answer.text
    assert [(p.label, p.kind) for p in parts_of(CampaignPiece, w.campaign)] == [("Devis", None)]


def test_next_year_s_copy_asks_the_same(w: World, sign_in: SignIn) -> None:
    client = sign_in(w.administrator)
    add(client, w, label="Devis", kind="", required="y")
    add(client, w, label="", kind="BANK_DETAILS")
    copy = calls.copy_campaign(w.campaign, w.campaign.year + 1, by=w.administrator)
    assert [(p.label, p.required, p.kind) for p in parts_of(CampaignPiece, copy)] == [
        ("Devis", True, None),
        ("Relevé d'identité bancaire (RIB)", False, DocumentKind.BANK_DETAILS),
    ]
