"""What everybody may read: home, calls, legal pages, help, and how the site looks."""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from markdown_it import MarkdownIt
from markupsafe import Markup

from exports import table_csv
from exports.financed import ONLY_NOTIFIED, action_table, bearer_table, financed_data, theme_table
from exports.financed import write as workbook_of
from grants.config import Settings
from grants.domain.accounts.sessions import LONGEST
from grants.domain.contract.colours import style_sheet, version
from grants.domain.contract.notices import notices_of
from grants.domain.documents.document import KEPT_REMOVED
from grants.domain.ledger.security import KEPT
from grants.paths import GUIDES
from grants.permissions import can
from grants.queries.campaign.announced import CampaignPage, announced_campaigns, campaign_page
from grants.queries.programming.financed import Financed, financed_years, latest_financed
from grants.queries.programming.financed import financed as financed_of
from grants.web import uploads
from grants.web.access import access, this_user
from grants.web.committee.screen import screen
from grants.web.downloads import CSV, send_table, send_workbook
from grants.web.filters import demonstration_band, identity, joined
from grants.words import NATURES

bp = Blueprint("public", __name__)
GUIDE_NAMES = ("porteur", "instruction", "administration")
# What search engines may read; `$` ends an address.
INDEXED = (
    *("/$", "/appels/", "/ce-qui-est-finance", "/aide", "/mentions-legales", "/donnees-personnelles"),
    *("/accessibilite", "/static/", "/theme.css", "/logo.png"),
)


@bp.get("/")
@access("public")
def home() -> ResponseReturnValue:
    calls, latest = announced_campaigns(), latest_financed() if _publishes() else []
    return render_template("public/home.html", calls=calls, latest=latest)


def _load_campaign(campaign_id: int) -> CampaignPage | None:
    """A draft as applicants will see it, for who may open it alone."""
    page = campaign_page(campaign_id)
    return page if page and (page.campaign.opened_at or can(this_user(), "campaign.open", page.campaign)) else None


@bp.get("/appels/<int:campaign_id>")
@access("public", _load_campaign)
def campaign(page: CampaignPage) -> ResponseReturnValue:
    return render_template("public/campaign.html", page=page, call=page.campaign, natures=NATURES)


def _publishes() -> bool:
    return notices_of(identity()).publishes


@bp.get("/ce-qui-est-finance")
@access("public")
def financed_latest() -> ResponseReturnValue:
    """The latest year of the first contract; its page leads to the others."""
    if not _publishes():
        abort(404)
    first = next(iter(financed_years().items()), None)
    if first is None:
        return render_template("public/financed.html", figures=None)
    return redirect(url_for("public.financed", slug=first[0].slug, year=first[1][0]))


def _load_financed(slug: str, year: int) -> Financed | None:
    """Of published years alone, so that guessed ones take no room among the figures that are kept."""
    published = financed_years() if _publishes() else {}
    return next(
        (financed_of(known, year) for known, years in published.items() if known.slug == slug and year in years), None
    )


@bp.get("/ce-qui-est-finance/<slug>/<int:year>")
@access("public", _load_financed)
def financed(figures: Financed) -> ResponseReturnValue:
    tables = (theme_table(figures), bearer_table(figures), action_table(figures))
    return render_template(
        "public/financed.html",
        figures=figures,
        tables=[screen(table, stacked=True) for table in tables],
        years=financed_years(),
        only=ONLY_NOTIFIED,
    )


@bp.get("/ce-qui-est-finance/<slug>/<int:year>.xlsx")
@access("public", _load_financed)
def financed_workbook(figures: Financed) -> ResponseReturnValue:
    return send_workbook(_file_name(figures), workbook_of, figures)


@bp.get("/ce-qui-est-finance/<slug>/<int:year>.csv")
@access("public", _load_financed)
def financed_csv(figures: Financed) -> ResponseReturnValue:
    return send_table(table_csv.write(financed_data(figures)), f"{_file_name(figures)}.csv", CSV)


def _file_name(figures: Financed) -> str:
    return f"Ce qui est financé {figures.year} – {figures.contract}"


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
        retention_years=settings.retention_years,
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


@bp.get("/robots.txt")
@access("public", passive=True)
def robots() -> ResponseReturnValue:
    """What anybody may read may be found; nothing of a demonstration, whose figures are partly made up."""
    open_to_all = [] if demonstration_band(current_app) else INDEXED
    lines = ["User-agent: *", *(f"Allow: {path}" for path in open_to_all), "Disallow: /"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


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
