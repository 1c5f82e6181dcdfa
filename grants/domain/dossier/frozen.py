"""The dossier as it was sent: copied whole at the deposit, with the labels of that day, so that
nothing that changes later (organisation, orientations, questions, classification) changes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, or_, select

from grants.database import db
from grants.domain.chart_of_accounts import account_name
from grants.domain.dossier.budget import DossierFigures
from grants.domain.dossier.drafts import Section
from grants.domain.dossier.statements import ATTESTS, COMMITS
from grants.domain.organisation.bank import masked
from grants.domain.organisation.profile import in_words
from grants.models import CampaignPiece, Document, DocumentKind, Organisation, Project, Submission, User
from grants.words import word

FORMAT = 1  # of `Submission.content`
# Told line by line rather than in answers.
TOLD_APART = (Section.BUDGET, Section.REQUESTS, Section.PIECES)


@dataclass(frozen=True)
class Chapter:
    """One page of the dossier: label and answer of each field, as one reads them."""

    section: str
    title: str
    answers: tuple[tuple[str, str], ...]


Reader = Callable[[Project], Iterable[Chapter]]
_readers: list[Reader] = []


def words_come_from(reader: Reader) -> None:
    """Labels are those of the forms, which this layer does not know: whoever does says how to
    read a dossier, once, when the application starts."""
    _readers[:] = [reader]


_KEEP = insert(Submission.__table__)  # type: ignore[arg-type]  # a table, whatever the type says


def freeze(project: Project, content: dict[str, Any], *, by: User, at: datetime) -> None:
    """Keep what was `copied` of a dossier that is just being deposited; in its transaction."""
    content |= {"reference": project.reference}
    db.session.execute(
        _KEEP, {"project_id": project.id, "by_id": by.id, "at": at, "content": content, "sha256": fingerprint(content)}
    )


def fingerprint(content: dict[str, Any]) -> str:
    """SHA-256 of the content as canonical JSON: keys sorted, no spaces, UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def copied(project: Project, figures: DossierFigures, *, by: User) -> dict[str, Any]:
    """The whole dossier, its reference left out, which it is given last."""
    [reader] = _readers
    campaign = project.campaign
    return {
        "format": FORMAT,
        "title": project.title,
        "contract": campaign.contract.label,
        "campaign": campaign.label,
        "year": project.year,
        "by": by.name,
        "organisation": [list(pair) for pair in _identity(project.organisation)],
        "chapters": [[each.section, each.title, [list(pair) for pair in each.answers]] for each in reader(project)],
        "budget": _budget(figures),
        "requests": [[asked.funder, str(asked.amount)] for asked in figures.requests if asked.in_campaign],
        "sworn": _sworn(project, by),
        "documents": _documents(project),
    }


def _identity(bearer: Organisation) -> list[tuple[str, str]]:
    """What is known of the organisation; its account masked, as everywhere."""
    facts = {
        "Nom": bearer.name,
        "Sigle": bearer.acronym,
        "Nature": bearer.nature,
        "SIRET": bearer.siret,
        "RNA": bearer.rna,
        "Adresse": bearer.address,
        "Adresse postale": bearer.mail_address,
        "Site": bearer.website,
        "Courriel": bearer.email,
        "Téléphone": bearer.phone,
        "Représentant légal": bearer.representative_name,
        "Sa fonction": bearer.representative_role,
        "Son courriel": bearer.representative_email,
        "Son téléphone": bearer.representative_phone,
        "Agréments": bearer.agreements,
        "Fédération": bearer.federation,
        "Reconnue d'utilité publique": bearer.public_utility,
        "Publication au Journal officiel": bearer.jo_published_on,
        "Soumise aux impôts commerciaux": bearer.commercial_taxes,
        "Plus de 500 000 € d'aides publiques sur trois ans": bearer.large_public_aid,
        "Adhérents": bearer.members_count,
        "Bénévoles": bearer.volunteers,
        "Salariés": bearer.employees,
        "Salariés en équivalent temps plein": ""
        if bearer.employees_fte is None
        else f"{bearer.employees_fte:f}".replace(".", ","),
        "Titulaire du compte": bearer.account_holder,
        "IBAN": masked(bearer.iban),
        "BIC": bearer.bic,
    }
    return [(label, in_words(value)) for label, value in facts.items() if value not in (None, "")]


def _budget(figures: DossierFigures) -> list[dict[str, Any]]:
    return [
        {
            "side": line.side,
            "account": line.account,
            "name": account_name(line),
            "amount": str(line.amount),
            "ordinary_law": line.ordinary_law,
            "other_funding": line.other_funding,
        }
        for line in figures.lines
    ]


def _sworn(project: Project, by: User) -> dict[str, Any]:
    """Who swore, when (instants in UTC), and the words that they swore to."""
    signatory = by if project.sworn_by_id == by.id else project.sworn_by
    moments = {"sworn_at": project.sworn_at, "commitment_at": project.commitment_at}
    return {
        "by": signatory.name if signatory else "",
        **{name: at.isoformat() for name, at in moments.items() if at},
        "attests": list(ATTESTS),
        "commits": COMMITS,
    }


_DOCUMENTS = (
    select(Document.kind, CampaignPiece.label, Document.filename, Document.size, Document.sha256)
    .outerjoin(CampaignPiece, CampaignPiece.id == Document.piece_id)
    .where(
        or_(Document.project_id == bindparam("project"), Document.organisation_id == bindparam("bearer")),
        Document.removed_at.is_(None),
    )
    .order_by(Document.id)
)


def _documents(project: Project) -> list[dict[str, Any]]:
    """Those of the action and of its organisation that stood there at the deposit."""
    own = {"project": project.id, "bearer": project.organisation_id}
    return [
        {"label": label or word(kind or DocumentKind.OTHER), "filename": filename, "size": size, "sha256": sha256}
        for kind, label, filename, size, sha256 in db.session.execute(_DOCUMENTS, own)
    ]
