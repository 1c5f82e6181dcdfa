"""What tests of the applicant's pages share: a world, drafts, and pages sent back as seen."""

import re

from flask.testing import FlaskClient

from grants.database import db
from grants.models import CrossTheme, Project, User, now
from tests.factories import World, complete_draft, complete_record, world


def applicants_world(slug: str = "") -> World:
    """A world whose bearer has all its details, committed."""
    made = world(slug)
    db.session.add(CrossTheme(contract_id=made.contract.id, label="La jeunesse", position=1))
    complete_record(made.bearer, made.campaign.year)
    db.session.commit()
    return made


def draft_of(w: World, **more) -> Project:
    made = complete_draft(w, **more)
    db.session.commit()
    return made


def swear(project: Project, by: User) -> None:
    """Again, to what is answered now: a change lets the statement fall."""
    project.sworn_at, project.sworn_by_id = now(), by.id
    db.session.commit()


def fields_of(client: FlaskClient, path: str) -> dict[str, str]:
    return fields_in(client.get(path).text)


def fields_in(html: str) -> dict[str, str]:
    """What the page would send, untouched (text fields and hidden ones)."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        box = re.search(r'type="(checkbox|radio)"', tag)
        if name and (not box or " checked" in tag):
            found[name[1]] = value[1] if value else ""
    texts = r'(?s)<textarea[^>]*name="([^"]*)"[^>]*>\s*(.*?)</textarea>'
    for name, text in re.findall(texts, html):
        found[name] = text
    for name, options in re.findall(r'(?s)<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', html):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        chosen = chosen or re.search(r'<option value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


def send(client: FlaskClient, path: str, **changes):
    return client.post(path, data={**fields_of(client, path), **changes})
