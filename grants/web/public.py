"""What everybody may read: home, calls, legal pages, help, and how the site looks."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from flask import Blueprint, Response, abort, current_app, render_template, request, send_file
from flask.typing import ResponseReturnValue
from markdown_it import MarkdownIt
from markupsafe import Markup

from grants.config import Settings
from grants.domain.accounts.sessions import LONGEST
from grants.domain.contract.colours import style_sheet, version
from grants.domain.contract.notices import notices_of
from grants.domain.documents.document import KEPT_REMOVED
from grants.domain.ledger.security import KEPT
from grants.paths import GUIDES
from grants.queries.call.announced import AnnouncedCall, CallPage, announced_calls, call_page
from grants.web import uploads
from grants.web.access import access
from grants.web.filters import identity, joined

bp = Blueprint("public", __name__)
GUIDE_NAMES = ("porteur", "instruction", "administration")


@bp.get("/")
@access("public")
def home() -> ResponseReturnValue:
    calls = announced_calls()
    return render_template(
        "public/home.html",
        open=_by_contract(call for call in calls if call.open),
        to_come=_by_contract(call for call in calls if call.to_come),
        payers=list(dict.fromkeys(payer for call in calls if call.open for payer in call.payers)),
    )


def _by_contract(calls: Iterable[AnnouncedCall]) -> dict[str, list[AnnouncedCall]]:
    found: dict[str, list[AnnouncedCall]] = {}
    for call in calls:
        found.setdefault(call.contract, []).append(call)
    return found


@bp.get("/appels/<int:campaign_id>")
@access("public", call_page)
def call(page: CallPage) -> ResponseReturnValue:
    return render_template("public/call.html", page=page, call=page.campaign)


@bp.get("/accessibilite")
@access("public")
def accessibility() -> ResponseReturnValue:
    return render_template("public/accessibility.html", notices=notices_of(identity()))


@bp.get("/mentions-legales")
@access("public")
def legal() -> ResponseReturnValue:
    return render_template("public/legal.html", notices=notices_of(identity()))


@bp.get("/donnees-personnelles")
@access("public")
def personal_data() -> ResponseReturnValue:
    settings: Settings = current_app.config["SETTINGS"]
    return render_template(
        "public/data.html",
        notices=notices_of(identity()),
        mail_days=settings.mail_days,
        removed_days=KEPT_REMOVED.days,
        journal_days=KEPT.days,
        idle_days=LONGEST.days,
    )


@bp.get("/aide")
@access("public")
def help_pages() -> ResponseReturnValue:
    return render_template("public/help.html", guides={name: guide(name)[0] for name in GUIDE_NAMES})


@bp.get("/aide/<name>")
@access("public")
def help_page(name: str) -> ResponseReturnValue:
    if name not in GUIDE_NAMES:
        abort(404)
    title, text = guide(name)
    return render_template("public/guide.html", title=title, text=text)


@cache
def guide(name: str) -> tuple[str, Markup]:
    """Its title, and what follows as HTML: what a guide might hold of it stays text."""
    title, _, text = (GUIDES / f"{name}.md").read_text("utf-8").partition("\n")
    html = MarkdownIt("js-default").render(joined(text))
    return title.lstrip("# "), Markup(html)  # noqa: S704  # a guide of ours, without HTML of its own


@bp.get("/theme.css")
@access("public", passive=True)
def theme() -> ResponseReturnValue:
    """The colours that are made of the accent."""
    accent = identity().accent
    return _kept(Response(style_sheet(accent), mimetype="text/css"), version(accent))


@bp.get("/logo.png")
@access("public", passive=True)
def logo() -> ResponseReturnValue:
    document = identity().logo
    if document is None:
        abort(404)
    try:
        content = uploads.storage().open(document.storage_key)
    except FileNotFoundError:
        abort(404)
    return _kept(send_file(content, document.media_type, conditional=False, etag=False), identity().logo_version)


def _kept(response: Response, version: str) -> Response:
    """By browsers for a year under the address that pages name, which changes with it."""
    long = request.args.get("v") == version
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if long else "no-cache"
    return response
