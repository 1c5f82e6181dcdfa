"""What a call has its instructors look at: set up, copied, answered; scores and their means."""

from decimal import Decimal

import pytest
from flask import Flask

from grants.database import db
from grants.domain.campaign import campaign_list
from grants.domain.campaign.campaign import copy_campaign
from grants.domain.campaign.campaign_list import (
    LOOKED_AT,
    ItemTerms,
    PieceTerms,
    add_item,
    answers,
    change_item,
    remove_item,
    restore_item,
)
from grants.domain.campaign.campaign_part import move_part, parts_of
from grants.domain.documents.document import ReceivedFile
from grants.domain.dossier import pieces
from grants.domain.importing.usual import COMMON_CAMPAIGN, USUAL_CAMPAIGNS, add_usual
from grants.domain.instruction.analysis import Given, given_by, score
from grants.domain.instruction.checklist import PointAnswer, check, missing, points_of, state_of
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import AnalysisCriterion, CampaignPiece, Checked, CheckItem, HistoryEntry, State
from grants.queries.sheet.analysis import NOBODY, Summary, analysis_of, summaries
from grants.storage import StoredFile
from tests.conftest import both
from tests.factories import World, complete_draft, world


@pytest.fixture
def w(app: Flask) -> World:
    return world()


def criteria(w: World) -> list[AnalysisCriterion]:
    for label, weight in (("Ancrage", 3), ("Budget", 1)):
        add_item(AnalysisCriterion, w.campaign, ItemTerms(label, weight=weight), by=w.administrator)
    return parts_of(AnalysisCriterion, w.campaign)


def test_the_usual_lists_come_once_in_order_and_are_copied(w: World) -> None:
    for kind in LOOKED_AT:
        usual = [terms.label for _, model, terms in USUAL_CAMPAIGNS[COMMON_CAMPAIGN].parts.items if model is kind]
        add_usual(kind, w.campaign, by=w.administrator)
        add_usual(kind, w.campaign, by=w.administrator)
        first, second, *_ = parts_of(kind, w.campaign)
        assert [item.label for item in parts_of(kind, w.campaign)] == usual
        move_part(first, 1, by=w.administrator)
        move_part(first, -1, by=w.administrator)
        move_part(first, -1, by=w.administrator)
        change_item(second, ItemTerms(" Autre  mot ", weight=4), by=w.administrator)
    copy = copy_campaign(w.campaign, w.campaign.year + 1, by=w.administrator)
    for kind in LOOKED_AT:
        there = [(i.label, i.position) for i in parts_of(kind, copy)]
        assert there == [(i.label, i.position) for i in parts_of(kind, w.campaign)]
        assert there[1][0] == "Autre mot"


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (ItemTerms("  ", weight=1), "label"),
        (ItemTerms("ANCRAGE", weight=1), "label"),
        (ItemTerms("Autre"), "weight"),
        (ItemTerms("Autre", weight=11), "weight"),
    ],
)
def test_what_is_no_criterion(w: World, terms: ItemTerms, field: str) -> None:
    criteria(w)
    with pytest.raises(DomainError) as refused:
        add_item(AnalysisCriterion, w.campaign, terms, by=w.administrator)
    assert refused.value.field == field


def test_what_is_removed_comes_back_with_its_answers(w: World) -> None:
    used, unused = criteria(w)
    project = w.project()
    score(project, {used.id: Given(2)}, by=w.state_instructor)
    before = summaries(w.contract.id, w.campaign.year)
    assert (answers(used), answers(unused)) == ((1, 1), (0, 0))
    remove_item(used, by=w.administrator)
    remove_item(unused, by=w.administrator)
    assert parts_of(AnalysisCriterion, w.campaign) == []
    assert parts_of(AnalysisCriterion, w.campaign, archived=True) == [used, unused]
    assert summaries(w.contract.id, w.campaign.year) == {}
    restore_item(used, by=w.administrator, total=1)
    assert parts_of(AnalysisCriterion, w.campaign) == [used]
    assert summaries(w.contract.id, w.campaign.year) == before
    add_item(AnalysisCriterion, w.campaign, ItemTerms(unused.label, weight=1), by=w.administrator)
    with pytest.raises(DomainError, match="déjà ce nom"):
        restore_item(unused, by=w.administrator, total=1)


def test_one_too_many_is_not_put_back(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = criteria(w)
    remove_item(first, by=w.administrator)
    monkeypatch.setattr(campaign_list, "MOST_ITEMS", 1)
    with pytest.raises(DomainError, match="au plus"):
        restore_item(first, by=w.administrator, total=1)


@both
def test_no_file_falls_on_a_piece_that_was_just_removed(app: Flask) -> None:
    w = world()
    add_item(CampaignPiece, w.campaign, PieceTerms("Devis", "", True, None), by=w.administrator)
    draft = complete_draft(w)
    [slot] = pieces.slots_of(draft)
    remove_item(parts_of(CampaignPiece, w.campaign)[0], by=w.administrator)
    received = ReceivedFile("devis.pdf", "application/pdf", StoredFile("key", 12, "0" * 64))
    with pytest.raises(DomainError, match="« Devis » n'est plus demandé"):
        pieces.add(slot, received, draft, by=w.applicant, total=1000)


def test_points_are_checked_by_the_coordinator_and_what_lacks_is_asked_for(w: World) -> None:
    add_item(CheckItem, w.campaign, ItemTerms("RIB au bon nom"), by=w.administrator)
    project = w.project(state=State.SUBMITTED)
    [point] = points_of(project)
    seen = state_of([point])
    lacks = {point.item.id: PointAnswer(Checked.MISSING)}
    with pytest.raises(DomainError, match="ce qui manque") as refused:
        check(project, lacks, by=w.coordinator, seen=seen)
    assert refused.value.field == f"remark_{point.item.id}"
    lacks = {point.item.id: PointAnswer(Checked.MISSING, "RIB de 2026")}
    check(project, lacks, by=w.coordinator, seen=seen)
    assert missing(project) == ["RIB de 2026"]
    with pytest.raises(Conflict, match="RIB au bon nom : manque"):
        check(project, {}, by=w.coordinator, seen=seen)
    with pytest.raises(NotAllowed):
        check(project, {}, by=w.city_instructor, seen=state_of(points_of(project)))
    check(project, {}, by=w.coordinator, seen=state_of(points_of(project)))
    assert points_of(project)[0].answer is None
    written = db.session.query(HistoryEntry).filter_by(action="check").order_by("id").all()
    assert [e.new for e in written] == ["RIB au bon nom : manque (RIB de 2026)", ""]


@both
def test_each_gives_their_own_scores_and_means_are_weighted(app: Flask) -> None:
    w = world()
    anchored, budget = criteria(w)
    project, other = w.project(), w.project()
    assert analysis_of(project).summary == NOBODY
    given = {anchored.id: Given(4, "Très connu"), budget.id: Given(1)}
    score(project, given, by=w.state_instructor)
    score(project, {anchored.id: Given(2)}, by=w.city_instructor)
    assert given_by(project, w.state_instructor) == given
    found = analysis_of(project)
    # (4 x 3 + 1 x 1) / 4 = 3.25, and 2: their mean is 2.625, rounded half up.
    assert [mean for _name, mean in sorted(found.by_person, key=lambda p: p[1])] == [Decimal("2.00"), Decimal("3.25")]
    assert found.summary == Summary(2, Decimal("2.63"), Decimal("1.25"))
    assert [row.mean for row in found.criteria] == [Decimal("3.00"), Decimal("1.00")]
    assert summaries(w.contract.id, w.campaign.year) == {project.id: found.summary}
    score(project, {anchored.id: None, budget.id: Given(1)}, by=w.state_instructor)
    assert analysis_of(project).criteria[0].mean == Decimal("2.00")
    with pytest.raises(DomainError):
        score(other, {anchored.id: Given(5)}, by=w.state_instructor)
    with pytest.raises(NotAllowed):
        score(other, {anchored.id: Given(3)}, by=w.committee)
