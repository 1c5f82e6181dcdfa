"""What a call asks and looks at, as the contract's file tells it: pieces, questions and criteria,
checklist and analysis grid. Missing ones are added and others brought up to the file, by the same
functions as from the settings' pages; nothing is taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from grants.database import copy_as
from grants.domain.campaign.campaign_list import AnyItem, Items, ItemTerms, PieceTerms, Terms, add_item, change_item
from grants.domain.campaign.campaign_part import parts_of
from grants.domain.campaign.criteria import Criterion, add_criterion, archive_criterion, criteria_of, figures_to_choose
from grants.domain.campaign.question import QuestionTerms, add_question, asked_questions, change_question
from grants.domain.importing.document import FileNode
from grants.domain.importing.faults import FileFault, ImportRefused, one_of
from grants.errors import DomainError
from grants.models import (
    AnalysisCriterion,
    AnswerType,
    Campaign,
    CampaignPiece,
    CheckItem,
    DocumentKind,
    Question,
    User,
)
from grants.names import fold
from grants.words import word

LISTS: dict[str, Items] = {"pieces": CampaignPiece, "controle": CheckItem, "analyse": AnalysisCriterion}
_HELP = 2000


@dataclass(frozen=True)
class AskPart:
    """A question; `above`, `answer`: the earlier question that it depends on, and its answer."""

    terms: QuestionTerms
    above: str
    answer: str


@dataclass(frozen=True)
class CampaignParts:
    """Each by its path in the file. `figures`: criteria whose numbers are named by their labels."""

    items: list[tuple[str, Items, Terms]] = field(default_factory=list)
    asks: list[tuple[str, AskPart]] = field(default_factory=list)
    figures: list[tuple[str, Criterion]] = field(default_factory=list)


def read_parts(node: FileNode) -> CampaignParts:
    """Of one call of the file; its faults go to the node's."""
    items: list[tuple[str, Items, Terms]] = []
    for key, kind in LISTS.items():
        read = _piece if kind is CampaignPiece else _item
        items += [(one.path, kind, read(one)) for one in node.nodes(key, required=False)]
    return CampaignParts(
        items,
        [(one.path, _ask(one)) for one in node.nodes("questions", required=False)],
        [(one.path, _figure(one)) for one in node.nodes("criteres", required=False)],
    )


def _item(node: FileNode) -> ItemTerms:
    return ItemTerms(node.text("libelle"), _help(node), node.number("poids"))


def _piece(node: FileNode) -> PieceTerms:
    kind = _word(node, "document", DocumentKind, required=False)
    label = node.text("libelle", required=kind is None)
    return PieceTerms(label, _help(node), node.flag("obligatoire") is not False, kind)


def _help(node: FileNode) -> str:
    return node.text("aide", _HELP, required=False, lines=True)


def _ask(node: FileNode) -> AskPart:
    terms = QuestionTerms(
        node.text("question"),
        _word(node, "type", AnswerType) or AnswerType.TEXT,
        _help(node),
        tuple(node.texts("choix", required=False)),
        bool(node.flag("obligatoire")),
    )
    above = node.text("si_question", required=False)
    return AskPart(terms, above, node.text("si_reponse", required=bool(above)))


def _figure(node: FileNode) -> Criterion:
    part, total = tuple(node.texts("nombres")), tuple(node.texts("sur"))
    return Criterion(node.text("libelle"), part, total, node.number("pourcent") or 0)


def _word(node: FileNode, key: str, kind: Any, *, required: bool = True) -> Any:
    """The member of an enumeration that the file names by its word; `None` where it names none."""
    text = node.text(key, required=required)
    named = {fold(word(one)): one for one in kind}
    if text and fold(text) not in named:
        node.fault(key, f"n'est pas connu, {one_of(map(word, kind))}")
    return named.get(fold(text))


def write_parts(campaign: Campaign, parts: CampaignParts, *, by: User) -> int:
    """How many were added or changed. Raises `ImportRefused` at the first that the call cannot have."""
    changes = 0
    for path, kind, terms in parts.items:
        with _at(path, terms.label):
            changes += _write_item(campaign, kind, terms, by)
    for path, ask in parts.asks:
        with _at(path, ask.terms.label):
            changes += _write_question(campaign, ask, by)
    for path, figure in parts.figures:
        with _at(path, figure.label):
            changes += _write_figure(campaign, figure, by)
    return changes


@contextmanager
def _at(path: str, value: str) -> Iterator[None]:
    """A refusal within becomes a fault of the file, at this place."""
    try:
        yield
    except DomainError as refused:
        raise ImportRefused([FileFault(None, path, value, refused.message)]) from None


def _write_item(campaign: Campaign, kind: Items, terms: Terms, by: User) -> bool:
    label = terms.label or (word(terms.kind) if isinstance(terms, PieceTerms) and terms.kind else "")
    there = next((item for item in parts_of(kind, campaign) if fold(item.label) == fold(label)), None)
    if there is None:
        add_item(kind, campaign, terms, by=by)
        return True
    wanted: Terms = type(terms)(**{**vars(terms), "label": label})
    return _brought_up(there, wanted, lambda new: change_item(there, new, by=by))


def _brought_up(there: Any, terms: Any, change: Callable[[Any], None]) -> bool:
    """Was there something to change? What a row does not have (a check's weight) is not compared."""
    differs = any(getattr(there, name, value) != value for name, value in vars(terms).items())
    if differs:
        change(terms)
    return differs


def _write_question(campaign: Campaign, ask: AskPart, by: User) -> bool:
    known = {fold(question.label): question for question in asked_questions(campaign.questions)}
    above = known.get(fold(ask.above))
    if ask.above and above is None:
        raise DomainError("dépend d'une question qui ne vient pas avant elle : la nommer comme elle est écrite.")
    on = {"shown_if_id": above.id if above else None, "shown_if_answer": ask.answer if above else ""}
    terms = QuestionTerms(**{**vars(ask.terms), **on})
    there = known.get(fold(terms.label))
    if there is None:
        add_question(campaign, terms, by=by)
        return True
    stored = copy_as(QuestionTerms, there, choices=tuple(there.choices))
    return _brought_up(stored, terms, lambda new: change_question(there, new, by=by))


def _write_figure(campaign: Campaign, figure: Criterion, by: User) -> bool:
    names = {fold(label): name for name, label in figures_to_choose(campaign).items()}
    labels = figure.part + figure.total
    if unknown := next((label for label in labels if fold(label) not in names), None):
        raise DomainError(f"compare « {unknown} », qui n'est pas un nombre que cet appel demande.")
    wanted = figure.renamed({label: names[fold(label)] for label in labels})
    there = next((one for one in criteria_of(campaign) if fold(one.label) == fold(wanted.label)), None)
    if there == wanted:
        return False
    if there:
        archive_criterion(campaign, there.label, True, by=by)
    add_criterion(campaign, wanted, by=by)
    return True


def said_parts(campaign: Campaign) -> Mapping[str, list[dict[str, Any]]]:
    """The same, as the file tells it: what `read_parts` reads."""
    figures = figures_to_choose(campaign)
    labels = {question.id: question.label for question in campaign.questions}
    items = {key: [_said_item(item) for item in parts_of(kind, campaign)] for key, kind in LISTS.items()}
    asks = [_said_question(question, labels) for question in asked_questions(campaign.questions)]
    criteria = [one.renamed(figures) for one in criteria_of(campaign)]
    said = [
        {"libelle": one.label, "nombres": [*one.part], "sur": [*one.total], "pourcent": one.percent} for one in criteria
    ]
    return {**items, "questions": asks, "criteres": said}


def _said_item(item: AnyItem) -> dict[str, Any]:
    told = {"libelle": item.label, "aide": item.help}
    if isinstance(item, CampaignPiece):
        return told | {"document": word(item.kind) if item.kind else None, "obligatoire": item.required}
    return told | ({"poids": item.weight} if isinstance(item, AnalysisCriterion) else {})


def _said_question(question: Question, labels: dict[int, str]) -> dict[str, Any]:
    return {
        "question": question.label,
        "type": word(question.type),
        "choix": question.choices,
        "aide": question.help,
        "obligatoire": question.required,
        "si_question": labels.get(question.shown_if_id or 0),
        "si_reponse": question.shown_if_answer,
    }
