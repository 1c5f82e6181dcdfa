"""Slips that are told plainly, and words that fit."""

import re

import pytest

from grants.database import db
from grants.domain.dossier import checks, drafts
from grants.models import Kind, State
from grants.web.forms import Form
from tests.conftest import SignIn
from tests.factories import World, project
from tests.web.dossiers import draft_of, send
from tests.web.reading import plain


def test_a_number_mistyped_is_told_apart_from_one_that_is_short(w: World, sign_in: SignIn) -> None:
    client, path = sign_in(w.applicant), f"/organisation/{w.bearer.id}/identite"
    assert "faute de frappe" in send(client, path, siret="78467169500088").text
    short = send(client, path, siret="7846716950008").text
    assert "faute de frappe" not in short
    assert "14 chiffres du SIRET" in short


@pytest.mark.parametrize("on", ["1900-01-01", "2999-01-01"])
def test_dates_have_bounds(w: World, sign_in: SignIn, on: str) -> None:
    client, draft = sign_in(w.applicant), draft_of(w)
    told = send(client, f"/organisation/{w.bearer.id}/statut", jo_published_on=on)
    assert (told.status_code, "Vérifiez cette date" in told.text) == (422, True)
    told = send(client, f"/mes-projets/{draft.id}/calendrier", starts_on=on)
    assert (told.status_code, "Vérifiez l'année" in plain(told.text)) == (422, True)


def test_what_turns_the_direction_of_writing_is_dropped(w: World, sign_in: SignIn) -> None:
    draft = draft_of(w)
    path = f"/mes-projets/{draft.id}/projet"
    send(sign_in(w.applicant), path, title="Lire\u202e\u2066 ici\u200f")
    db.session.expire_all()
    assert draft.title == "Lire ici"


def test_a_draft_is_abandoned_without_a_reason(w: World, sign_in: SignIn) -> None:
    draft = draft_of(w)
    client = sign_in(w.applicant)
    assert client.post(f"/mes-projets/{draft.id}/retirer", data={}).status_code == 302
    db.session.expire_all()
    assert draft.state is State.WITHDRAWN
    sent = project(w.campaign, w.applicant, bearer=w.bearer)
    db.session.commit()
    refused = client.post(f"/mes-projets/{sent.id}/retirer", data={})
    assert (refused.status_code, "Indiquez le motif" in refused.text) == (422, True)


def test_what_was_taken_up_empty_is_to_be_filled(w: World, sign_in: SignIn) -> None:
    """An imported dossier has amounts, but no budget."""
    draft = draft_of(w)
    draft.budget, draft.total_cost, draft.kind = [], 40_000, Kind.RENEWAL
    draft.to_review = [drafts.Section.BUDGET, drafts.Section.REQUESTS]
    db.session.commit()
    client, path = sign_in(w.applicant), f"/mes-projets/{draft.id}"
    budget = plain(client.get(f"{path}/budget").text)
    assert "À remplir." in budget
    assert "Cette page reprend" not in budget
    assert "dépenses à remplir" in budget
    assert "de trop" not in budget
    assert "Cette page reprend" in plain(client.get(f"{path}/demandes").text)
    assert {fault.section for fault in checks.faults(draft)} == {"budget"}


def test_a_share_of_nothing_is_not_told(w: World, sign_in: SignIn) -> None:
    blank = draft_of(w, requested={})
    page = sign_in(w.applicant).get(f"/mes-projets/{blank.id}/demandes").text
    assert '<p data-when="requested" hidden>' in page


@pytest.mark.slow
def test_a_choice_that_is_none_is_told_in_our_words(w: World, sign_in: SignIn) -> None:
    """Whatever the library itself would say is ours, and says what to do."""
    client, draft = sign_in(w.applicant), draft_of(w)
    for name, value in (
        ("applicant_theme_id", "9999"),
        ("applicant_theme_id", "x"),
        ("kind", "AUTRE"),
        ("cross_theme_ids", ["9999"]),
    ):
        told = send(client, f"/mes-projets/{draft.id}/projet", **{name: value})
        assert (told.status_code, "choisissez-en un autre" in told.text) == (422, True), name
    assert Form.Meta().get_translations(None).gettext("Not a valid week.").startswith("Relisez")


def test_a_sheet_says_once_that_its_dossier_is_deposited(w: World, sign_in: SignIn) -> None:
    page = plain(sign_in(w.coordinator).get(f"/projets/{w.project().id}").text)
    assert "déposé le" in " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "déposé déposé" not in " ".join(re.sub("<[^>]+>", " ", page).split())
