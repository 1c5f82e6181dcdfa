"""Mails: what waits, what went, what was given up, and its text; a mail tried again. And the journal of security:
read, sought in, never changed."""

from __future__ import annotations

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.ledger.security import SecurityKind
from grants.domain.mail import outbox
from grants.models import Mail
from grants.queries.administration import mails as queries
from grants.queries.administration import security as journal
from grants.queries.administration.mails import MailState
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.pages import button

ONE = "/courriels/<int:mail_id>"


@bp.get("/courriels")
@access("administer")
def mails() -> ResponseReturnValue:
    state = request.args.get("etat", MailState.WAITING, type=MailState)
    counts, late = queries.counts()
    page = queries.mails(state, request.args.get("page", 1, type=int), counts[state])
    return render_template(
        "admin/mails.html",
        page=page,
        states=MailState,
        state=state,
        counts=counts,
        late=late,
        sends=current_app.config["SETTINGS"].mail_server is not None,
    )


@bp.get(ONE)
@access("administer", by_id(Mail))
def mail(mail: Mail) -> ResponseReturnValue:
    return render_template("admin/mail.html", mail=mail), {"Cache-Control": "no-store"}


@button(f"{ONE}/renvoyer", by_id(Mail), back=lambda mail: url_for("admin.mail", mail_id=mail.id))
def retry_mail(mail: Mail) -> str:
    outbox.retry(mail, by=me())
    return "Ce courriel est de nouveau en attente : il part à la prochaine occasion."


@bp.get("/securite")
@access("administer")
def security() -> ResponseReturnValue:
    kind = request.args.get("quoi", None, type=SecurityKind)
    search = request.args.get("q", "")
    page = journal.events(kind, search, request.args.get("page", 1, type=int))
    return render_template("admin/security.html", page=page, kind=kind, search=search, events=journal.EVENTS)
