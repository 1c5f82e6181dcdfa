"""Who else has the dossier open, said on its pages and kept fresh by static/js/presence.js."""

from __future__ import annotations

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.dossier.drafts import Section
from grants.domain.dossier.presence import others, touch
from grants.french import clock
from grants.models import Project
from grants.web.access import access, me
from grants.web.applicant import bp
from grants.web.applicant.pages import load_project
from grants.web.applicant.wording import TITLES


def presence_words(project: Project, page: str) -> list[str]:
    """« Marc Jollivet a cette page ouverte depuis 14 h 03. »"""
    return [
        f"{other.name} a {_where(other.page, page)} depuis {clock(other.since)}."
        for other in others(project, than=me())
    ]


def _where(their: str, mine: str) -> str:
    if their == mine and their:
        return "cette page ouverte"
    if their in list(Section):
        return f"ce dossier ouvert, à la page « {TITLES[Section(their)]} »,"
    return "ce dossier ouvert"


@bp.post("/mes-projets/<int:project_id>/presence")
@access("project.edit_own", load_project, passive=True)
def presence(project: Project) -> ResponseReturnValue:
    page = request.form.get("page", "")
    page = page if page in list(Section) else ""
    touch(project, page, by=me())
    db.session.commit()
    return jsonify(others=presence_words(project, page))
