"""Envelopes: what may be granted, and the lock under which it is granted (design §3.4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from grants.database import db
from grants.domain import history
from grants.errors import DomainError
from grants.french import euros
from grants.models import (
    NOT_COUNTING,
    Campaign,
    CampaignFunder,
    Envelope,
    EnvelopeStatus,
    Funder,
    FundingLine,
    Project,
    User,
)


def granted(envelope_id: int) -> Decimal:
    """Euros granted from it, over all its campaigns, by lines that count."""
    total = db.session.scalar(
        select(func.sum(FundingLine.granted))
        .join(
            CampaignFunder,
            (CampaignFunder.campaign_id == FundingLine.campaign_id)
            & (CampaignFunder.funder_id == FundingLine.funder_id),
        )
        .join(Project, Project.id == FundingLine.project_id)
        .where(CampaignFunder.envelope_id == envelope_id, Project.state.not_in(NOT_COUNTING))
    )
    return total or Decimal(0)


def locked_for(campaign_id: int, funder_id: int) -> Envelope | None:
    """The envelope that this funder grants from in this campaign, its row locked until the end
    of the transaction, so that what is left cannot change under the decision."""
    return db.session.scalar(
        select(Envelope)
        .join(CampaignFunder, CampaignFunder.envelope_id == Envelope.id)
        .where(
            CampaignFunder.campaign_id == campaign_id, CampaignFunder.funder_id == funder_id
        )
        .with_for_update(of=Envelope)
        .execution_options(populate_existing=True)
    )


def check_room(campaign_id: int, funder_id: int, more: Decimal) -> None:
    """Raises `DomainError` unless `more` euros may still be granted; holds the lock."""
    envelope = locked_for(campaign_id, funder_id)
    if envelope is None:
        raise DomainError(
            "Ce financeur n'a pas d'enveloppe pour cet appel : rien ne peut être accordé."
            " L'administrateur doit d'abord la saisir.",
            "granted",
        )
    left = envelope.amount - granted(envelope.id)
    if more > left:
        raise DomainError(
            f"L'enveloppe serait dépassée : il reste {euros(left)}, il en faudrait"
            f" {euros(more)}. Diminuez ce montant, ou annulez une autre décision d'abord.",
            "granted",
        )


def set_envelope(
    funder: Funder,
    campaigns: Iterable[Campaign],
    amount: Decimal,
    *,
    by: User,
    status: EnvelopeStatus = EnvelopeStatus.PROVISIONAL,
    dated_on: date | None = None,
    source: str = "",
) -> Envelope:
    """Create or change the envelope of a funder for these campaigns (all in one envelope).

    Raises `DomainError` for a negative amount, a campaign without this funder, campaigns that
    are split over several envelopes, or an amount below what is granted already.
    """
    if amount < 0:
        raise DomainError("Le montant d'une enveloppe ne peut pas être négatif.", "amount")
    links = _links(funder, list(campaigns))
    envelope = _shared_envelope(links)
    if envelope is None:
        envelope = Envelope(funder=funder, amount=amount, status=status, dated_on=dated_on)
        db.session.add(envelope)
        db.session.flush()
        history.record(
            envelope, "create", by=by, field="amount", new=amount, contract_id=funder.contract_id
        )
    for link in links:
        link.envelope_id = envelope.id
    db.session.flush()
    _update(envelope, amount, status, dated_on, source, by=by)
    return envelope


def _links(funder: Funder, campaigns: list[Campaign]) -> list[CampaignFunder]:
    links = []
    for campaign in campaigns:
        link = db.session.get(CampaignFunder, (campaign.id, funder.id))
        if link is None:
            raise DomainError(
                f"{funder.label} ne participe pas à l'appel « {campaign.label} »"
                f" {campaign.year} : ajoutez-le d'abord à cet appel.",
                "funder",
            )
        links.append(link)
    return links


def _shared_envelope(links: list[CampaignFunder]) -> Envelope | None:
    ids = {link.envelope_id for link in links if link.envelope_id is not None}
    if len(ids) > 1:
        raise DomainError(
            "Ces appels ont déjà des enveloppes différentes : modifiez-les une à une.", "campaigns"
        )
    return db.session.get_one(Envelope, ids.pop(), with_for_update=True) if ids else None


def _update(
    envelope: Envelope,
    amount: Decimal,
    status: EnvelopeStatus,
    dated_on: date | None,
    source: str,
    *,
    by: User,
) -> None:
    already = granted(envelope.id)
    if amount < already:
        raise DomainError(
            f"{euros(already)} sont déjà accordés sur cette enveloppe :"
            " elle ne peut pas être plus petite.",
            "amount",
        )
    contract_id = envelope.funder.contract_id
    for field, value in (
        ("amount", amount), ("status", status), ("dated_on", dated_on), ("source", source)
    ):  # fmt: skip
        history.change(envelope, "update", field, value, by=by, contract_id=contract_id)
    db.session.flush()
