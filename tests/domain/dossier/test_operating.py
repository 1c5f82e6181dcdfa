"""A call that pays for an organisation as a whole asks nothing of one action."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from grants.database import copy_as, db
from grants.domain.campaign.campaign import CampaignTerms, change_campaign, copy_campaign
from grants.domain.dossier.checks import faults
from grants.domain.dossier.deposit import submit
from grants.domain.dossier.drafts import OF_ACTIONS
from grants.errors import DomainError
from grants.models import Project, State
from tests.conftest import SignIn, both
from tests.factories import World, complete_draft, world


def operating_draft(w: World) -> Project:
    draft = complete_draft(w)
    draft.audience = draft.evaluation = draft.in_charge_name = draft.description = ""
    draft.beneficiaries = draft.beneficiaries_qpv = draft.starts_on = draft.ends_on = None
    draft.zones = []
    return draft


@both
def test_nothing_of_an_action_is_asked_and_it_is_deposited(app: Flask) -> None:
    w = world()
    draft = operating_draft(w)
    assert {fault.section for fault in faults(draft)} == {"projet", *OF_ACTIONS}
    w.campaign.operating = True
    assert faults(draft) == []
    submit(draft, by=w.applicant)
    assert draft.state is State.SUBMITTED


def test_its_pages(app: Flask, sign_in: SignIn) -> None:
    w = world()
    w.campaign.operating = True
    draft = operating_draft(w)
    db.session.commit()
    client, own = sign_in(w.applicant), f"/mes-projets/{draft.id}"
    page = client.get(own).text
    assert "Budget de l&#39;organisation" in page
    assert "Public et territoire" not in page
    assert "à quoi l&#39;aide servira" in client.get(f"{own}/projet").text
    assert [client.get(f"{own}/{section.value}").status_code for section in OF_ACTIONS] == [404] * 3
    assert "Le budget de toute votre organisation" in client.get(f"{own}/budget").text


def test_it_stays_so_once_there_are_dossiers_and_for_the_next_year(app: Flask) -> None:
    w = world()
    terms = replace(copy_as(CampaignTerms, w.campaign), operating=True)
    funders = [link.funder for link in w.campaign.funders]
    change_campaign(w.campaign, terms, funders, by=w.administrator)
    assert copy_campaign(w.campaign, 2027, by=w.administrator).operating
    w.project()
    with pytest.raises(DomainError) as refused:
        change_campaign(w.campaign, replace(terms, operating=False), funders, by=w.administrator)
    assert refused.value.field == "operating"


def test_a_school_year_counts_in_the_budget_year_that_pays(app: Flask) -> None:
    """September to June, paid by either of the two budgets."""
    w = world()
    draft = complete_draft(w)
    for first, last in ((2026, 2027), (2025, 2026)):
        draft.starts_on, draft.ends_on = draft.starts_on.replace(year=first, month=9), draft.ends_on.replace(year=last)
        assert faults(draft) == []
    draft.starts_on, draft.ends_on = draft.starts_on.replace(year=2027), draft.ends_on.replace(year=2028)
    assert [fault.field for fault in faults(draft)] == ["starts_on"]
