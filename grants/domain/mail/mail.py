"""Writing mails into the outbox, in the transaction of what they tell of (grants.mailing sends).

A purpose is a pair of templates, `templates/mail/<purpose>.txt` and `.html`; the first line of
the text is the subject.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import bindparam, select

from grants.database import db
from grants.domain.contract.colours import tokens
from grants.domain.contract.identity import stored
from grants.french import day, deadline, instant
from grants.models import Mail, MemberRole, Membership, Organisation, Project, User, now
from grants.paths import TEMPLATES
from grants.words import word

SUBJECT = "Objet : "
MAX_SUBJECT = 250

_templates = Environment(
    loader=FileSystemLoader(TEMPLATES / "mail"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters.update(day=day, instant=instant, deadline=deadline, word=word)


def configure(base_url: str) -> None:
    """Where this site is, for links: from the settings, since a request's own word for it
    (`Host`) can be forged."""
    _templates.globals["base_url"] = base_url.rstrip("/")


def queue(
    purpose: str,
    to: User | str,
    *,
    project: Project | None = None,
    unique_key: str | None = None,
    due_at: datetime | None = None,
    **context: Any,
) -> Mail:
    """Add a mail to the outbox. `link` in `context`: a path of this site; by default the
    applicant's page of `project`. With a `unique_key` already used: that mail, and no second."""
    if unique_key and (told := db.session.scalar(select(Mail).where(Mail.unique_key == unique_key))):
        return told
    person = to if isinstance(to, User) else None
    subject, text, html = _written(purpose, person, project, context)
    mail = Mail(
        to=person.email if person else str(to),
        user_id=person.id if person else None,
        project_id=project.id if project else None,
        purpose=purpose,
        subject=subject,
        text=text,
        html=html,
        unique_key=unique_key,
        due_at=due_at or now(),
    )
    db.session.add(mail)
    return mail


def queue_all(purpose: str, people: Iterable[User], **context: Any) -> None:
    """`queue` the same for each of them."""
    for person in people:
        queue(purpose, person, **context)


_MEMBERS = (
    select(Membership.organisation_id, User)
    .join(Membership, Membership.user_id == User.id)
    .where(
        Membership.organisation_id.in_(bindparam("organisations", expanding=True)),
        Membership.role.in_(bindparam("roles", expanding=True)),
        Membership.approved_at.is_not(None),
        User.active,
        User.email_confirmed_at.is_not(None),
    )
    .order_by(User.id)
)


def members(organisation: Organisation, *roles: MemberRole) -> list[User]:
    """Whom to write to in an organisation: its approved members (of these roles, or all) whose
    account is open and address confirmed."""
    return members_of([organisation.id], *roles)[organisation.id]


def members_of(organisation_ids: Collection[int], *roles: MemberRole) -> dict[int, list[User]]:
    """`members` of several organisations, in one query."""
    found: dict[int, list[User]] = {id: [] for id in organisation_ids}
    asked = {"organisations": list(found), "roles": roles or tuple(MemberRole)}
    for organisation_id, user in db.session.execute(_MEMBERS, asked):
        found[organisation_id].append(user)
    return found


def _written(
    purpose: str, person: User | None, project: Project | None, context: dict[str, Any]
) -> tuple[str, str, str]:
    """Subject, text and HTML."""
    if project is not None:
        context.setdefault("link", f"/mes-projets/{project.id}")
    context["link"] = f"{_templates.globals['base_url']}{context['link']}"
    identity = stored()
    context |= {"name": person.name if person else "", "project": project}
    context |= {"identity": identity, "colours": tokens(identity.accent)}
    first, _, text = _templates.get_template(f"{purpose}.txt").render(context).partition("\n")
    html = _templates.get_template(f"{purpose}.html").render(context)
    return _subject(first), text.strip() + "\n", html


def _subject(line: str) -> str:
    """Printable and on one line, whatever names are in it: it becomes a header."""
    words = "".join(c if c.isprintable() else " " for c in line.removeprefix(SUBJECT)).split()
    text = " ".join(words)
    return text if len(text) <= MAX_SUBJECT else f"{text[: MAX_SUBJECT - 1]}…"
