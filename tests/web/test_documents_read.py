"""Documents are read by those entitled alone, and listed on the sheet."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from grants.database import db
from grants.models import DocumentKind, MemberRole, Project, Provenance, State
from grants.web import uploads
from tests import documents as files
from tests.conftest import SignIn, both
from tests.factories import World, document, member, organisation, piece, world
from tests.web.dossiers import draft_of


@pytest.mark.slow
def test_who_may_read_an_organisation_s_document(w: World, sign_in: SignIn, app: Flask) -> None:
    elsewhere = world("autre")
    stored = uploads.Storage(app.config["SETTINGS"].uploads.storage_url).write(io.BytesIO(files.PDF))
    kept = document(w.bearer, w.applicant, kind=DocumentKind.BANK_DETAILS)
    kept.storage_key = stored.key
    readers = {
        "editor": member(w.bearer, MemberRole.EDITOR),
        "other member": member(organisation()),
        "instructor": w.state_instructor,
        "coordinator": w.coordinator,
        "committee": w.committee,
        "administrator": w.administrator,
        "elsewhere": elsewhere.state_instructor,
    }
    db.session.commit()

    def may() -> set[str]:
        codes = {n: sign_in(p).get(f"/documents/{kept.id}").status_code for n, p in readers.items()}
        assert set(codes.values()) <= {200, 403}
        return {name for name, code in codes.items() if code == 200}

    assert may() == {"editor"}
    draft = draft_of(w)
    assert may() == {"editor"}
    deposited = w.project()
    db.session.commit()
    assert may() == {"editor", "instructor", "coordinator"}
    kept.removed_at = deposited.submitted_at - timedelta(days=1)
    db.session.commit()
    assert may() == {"editor"}
    assert draft.state is State.DRAFT
    assert sign_in(None).get(f"/documents/{kept.id}").location.startswith("/connexion")


@pytest.mark.slow
@both
def test_what_comes_long_after_a_deposit_is_for_other_contracts(w: World, sign_in: SignIn) -> None:
    """Both sides: the contract that it was sent for reads it, the one of years ago does not."""
    here, there = w.project(), world("autre")
    then = there.project(bearer=w.bearer)
    own = document(then, w.applicant)  # of the dossier itself: theirs for good
    kept, later = (document(w.bearer, w.applicant) for _ in range(2))
    then.submitted_at = kept.uploaded_at - timedelta(days=364)
    here.submitted_at = later.uploaded_at = kept.uploaded_at + timedelta(days=3)
    db.session.commit()
    new, old = (sign_in(each.state_instructor) for each in (w, there))

    def reads(client: FlaskClient, of: Project) -> set[str]:
        sheet = client.get(f"/projets/{of.id}").text
        names = {"kept": kept, "later": later, "own": own}
        listed = {name for name, one in names.items() if f"/documents/{one.id}" in sheet}
        may = {
            name for name, one in names.items() if client.get(f"/documents/{one.id}").status_code == 404
        }  # no file is behind it
        assert listed == may
        return may

    assert reads(new, here) == {"kept", "later"}
    assert reads(old, then) == {"kept", "own"}
    then.state, then.state_reason = State.WITHDRAWN, "Abandon"
    db.session.commit()
    assert reads(old, then) == {"own"}
    then.provenance = Provenance.IMPORTED
    then.submitted_at = later.uploaded_at
    db.session.commit()
    assert reads(old, then) == {"own"}


def test_who_may_read_a_piece_of_a_dossier(w: World, sign_in: SignIn) -> None:
    draft = draft_of(w)
    other = w.project()
    mine = document(draft, w.applicant)
    theirs = document(other, w.applicant)
    db.session.commit()
    instructor = sign_in(w.state_instructor)
    assert instructor.get(f"/documents/{mine.id}").status_code == 403
    assert instructor.get(f"/documents/{theirs.id}").status_code == 404  # no file is behind it
    assert sign_in(member(organisation())).get(f"/documents/{mine.id}").status_code == 403


def counted(work: Callable[[], str]) -> tuple[str, int]:
    statements: list[str] = []

    def listen(*args) -> None:
        statements.append(args[2])

    event.listen(db.engine, "before_cursor_execute", listen)
    done = work()
    event.remove(db.engine, "before_cursor_execute", listen)
    return done, len(statements)


def test_the_sheet_lists_them_in_one_query(w: World, sign_in: SignIn) -> None:
    deposited = w.project()
    asked = piece(w.campaign, "Devis")
    db.session.commit()
    counts, client = [], sign_in(w.coordinator)
    for number in (0, 5, 5):
        for _ in range(number):
            document(deposited, w.applicant, piece=asked)
            document(w.bearer, w.applicant)
        db.session.commit()
        page, count = counted(lambda: client.get(f"/projets/{deposited.id}").text)
        counts.append(count)
    assert counts[1] == counts[2]
    assert page.count("/documents/") == 20
