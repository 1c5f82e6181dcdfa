"""The deposits of one dossier, the first and its corrections: one of them, or two compared."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from grants.domain.dossier.sent import SentDossier, changes, deposits_of
from grants.models import Project


def chosen_deposit(project: Project) -> SentDossier | None:
    """The one that the address names (`depot`), else the last; a 404 for one that is none."""
    found = deposits_of(project)
    return _numbered(found, "depot", len(found)) if found else None


def deposits_page(project: Project, *, back: str) -> ResponseReturnValue:
    """What changed between two of them: the last two, unless others are chosen."""
    found = deposits_of(project)
    if not found:
        abort(404)
    after = _numbered(found, "au", len(found))
    before = _numbered(found, "du", max(after.number - 1, 1))
    return render_template(
        "exchange/deposits.html", project=project, deposits=found, before=before, after=after,
        changes=changes(before, after), back=back,
    )  # fmt: skip


def _numbered(deposits: list[SentDossier], name: str, default: int) -> SentDossier:
    number = request.args.get(name, default, type=int)
    return deposits[number - 1] if 1 <= number <= len(deposits) else abort(404)
