"""Envelopes: what may be granted, and the lock under which it is granted (rules 4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Select, String, cast, exists, func, select
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import flag_modified

from grants.database import all_of, db
from grants.domain.ledger import history
from grants.domain.locking import fresh
from grants.errors import Conflict, DomainError
from grants.french import day, euros, today
from grants.models import (
    IN_FORCE,
    NOT_COUNTING,
    Agreement,
    AgreementAction,
    AgreementAmount,
    Campaign,
    CampaignFunder,
    Contract,
    Envelope,
    EnvelopeStatus,
    Funder,
    FundingLine,
    HistoryEntry,
    Project,
    User,
)
from grants.words import word


def granted(envelope_id: int, campaign_id: int | None = None) -> Decimal:
    """Euros granted from it, over all its campaigns (or in one), by lines that count."""
    statement = (
        select(func.sum(FundingLine.granted))
        .join(
            CampaignFunder,
            (CampaignFunder.campaign_id == FundingLine.campaign_id)
            & (CampaignFunder.funder_id == FundingLine.funder_id),
        )
        .join(Project, Project.id == FundingLine.project_id)
        .where(CampaignFunder.envelope_id == envelope_id, Project.state.not_in(NOT_COUNTING))
    )
    if campaign_id is not None:
        statement = statement.where(CampaignFunder.campaign_id == campaign_id)
    return db.session.scalar(statement) or Decimal(0)


def slices() -> Select[int | None, int, int, Decimal]:
    """What signed agreements hold firm of a call's columns: envelope, campaign, funder, euros. It is taken
    first, and until a dossier is made of that year of the action: then what is granted to that counts alone, and
    nothing once retention has deleted the year. Of several calls of a kind and year the first pays."""
    link, call = CampaignFunder, aliased(Campaign)
    of_kind = (call.contract_id == Agreement.contract_id, call.year == AgreementAmount.year)
    first = select(func.min(call.id)).where(*of_kind, call.kind == AgreementAction.call_kind).scalar_subquery()
    made = exists().where(Project.agreement_action_id == AgreementAction.id, Project.year == AgreementAmount.year)
    purged = exists().where(
        HistoryEntry.subject == Contract.__tablename__,
        HistoryEntry.subject_id == Agreement.contract_id,
        HistoryEntry.action == "retention",
        HistoryEntry.field == cast(AgreementAmount.year, String),
    )
    return (
        select(link.envelope_id, link.campaign_id, link.funder_id, AgreementAmount.firm)
        .select_from(AgreementAmount)
        .join(AgreementAction, AgreementAction.id == AgreementAmount.action_id)
        .join(Agreement, Agreement.id == AgreementAction.agreement_id)
        .join(link, (link.campaign_id == first) & (link.funder_id == AgreementAmount.funder_id))
        .where(
            Agreement.signed_on.is_not(None), ~Agreement.archived, AgreementAmount.firm > 0, IN_FORCE, ~made, ~purged
        )
    )


def reserved(envelope_id: int) -> Decimal:
    """Euros that agreements hold of it, beside what is granted."""
    own = slices().where(CampaignFunder.envelope_id == envelope_id).subquery()
    return db.session.scalar(select(func.sum(own.c.firm))) or Decimal(0)


def locked_for(campaign_id: int, funder_id: int) -> Envelope | None:
    """The envelope that this funder grants from in this campaign, locked until the end of the
    transaction, so that what is left cannot change under the decision.

    First the link, then the envelope, everywhere: which envelope it is may change as well.
    """
    link = _locked_link(campaign_id, funder_id)
    if link is None or link.envelope_id is None:
        return None
    return db.session.get_one(Envelope, link.envelope_id, with_for_update=True, populate_existing=True)


def _locked_link(campaign_id: int, funder_id: int) -> CampaignFunder | None:
    return db.session.get(
        CampaignFunder, (campaign_id, funder_id), with_for_update={"key_share": True}, populate_existing=True
    )


Link = tuple[int, int]  # campaign and funder


class Room(NamedTuple):
    """Euros `needed` of an envelope by these `links`, and `left` in it; nothing where there is
    none. `raises`: whether any line takes more than it had."""

    needed: Decimal
    left: Decimal | None
    raises: bool
    links: list[Link]


def rooms(changes: Iterable[tuple[Link, Decimal]]) -> list[Room]:
    """What lines need, each a link and its euros more or less, of each envelope: all the links are
    locked first, then the envelopes that they point to, each kind in one order."""
    of_link: dict[Link, list[Decimal]] = defaultdict(list)
    for key, more in changes:
        of_link[key].append(more)
    sharing: dict[tuple[int, ...], list[Link]] = defaultdict(list)
    for key in sorted(of_link):
        link = _locked_link(*key)
        sharing[(link.envelope_id,) if link and link.envelope_id else (0, *key)].append(key)
    found = []
    for (envelope_id, *_none), links in sorted(sharing.items()):
        needed = [more for link in links for more in of_link[link]]
        left = _left(envelope_id) if envelope_id else None
        found.append(Room(sum(needed, Decimal(0)), left, max(needed) > 0, links))
    return found


def _left(envelope_id: int) -> Decimal:
    envelope = db.session.get_one(Envelope, envelope_id, with_for_update=True, populate_existing=True)
    return envelope.amount - granted(envelope.id) - reserved(envelope.id)


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

    Its amount may move below what is granted: nothing more is granted then (rules 4). Raises
    `DomainError` for a negative amount, a date to come, a campaign without this funder, campaigns
    that are split over several envelopes, or a move without a date and a source of its own.
    """
    if amount < 0:
        raise DomainError("Le montant d'une enveloppe ne peut pas être négatif.", "amount")
    if dated_on and dated_on > today():
        raise DomainError("Cette date est dans l'avenir : écrivez celle de l'acte.", "dated_on")
    links = _links(funder, list(campaigns))
    envelope = _shared_envelope(links)
    if envelope is None:
        envelope = Envelope(funder=funder, amount=amount, status=status, dated_on=dated_on)
        db.session.add(envelope)
        db.session.flush()
        _record(envelope, "create", "amount", None, amount, by, _act(source.strip(), dated_on))
    for link in links:
        if link.envelope_id is None:
            link.envelope_id = envelope.id
            flag_modified(envelope, "amount")  # raises the version: its calls are part of it
            _record(envelope, "attach", "campaign", None, link.campaign_id, by)
    db.session.flush()
    _update(envelope, amount, status, dated_on, source, by=by)
    return envelope


def change_envelope(
    envelope: Envelope,
    campaigns: list[Campaign],
    amount: Decimal,
    *,
    by: User,
    version: int | None = None,
    **terms: Any,
) -> Envelope:
    """These calls draw on it from now on, with the `terms` of `set_envelope`. Raises as that
    does, `Conflict` past `version`, and where a call left out has something granted."""
    kept = {campaign.id for campaign in campaigns}
    if not kept:
        raise DomainError("Cochez au moins un appel.", "campaigns")
    links = _links(envelope.funder, [*envelope_campaigns(envelope), *campaigns])
    locked(envelope, version)
    for link in links:
        if link.envelope_id not in (None, envelope.id):
            raise DomainError("Un de ces appels a déjà une autre enveloppe : modifiez-la d'abord.", "campaigns")
    drawing = envelope_campaigns(envelope)
    # What joins comes first: an envelope that no call draws on is deleted.
    set_envelope(envelope.funder, [*drawing, *campaigns], amount, by=by, **terms)
    release(envelope, [c for c in drawing if c.id not in kept], by=by)
    return envelope


def locked(envelope: Envelope, version: int | None = None) -> Envelope:
    """The row locked and read afresh; raises `Conflict` when it is past `version`."""
    fresh(envelope)
    if version is not None and envelope.version != version:
        raise Conflict(
            "Cette enveloppe a été modifiée entre-temps : elle est maintenant de"
            f" {euros(envelope.amount)} ({word(envelope.status)}). Votre saisie est gardée"
            " ci-dessous : vérifiez-la, puis enregistrez à nouveau pour la faire valoir."
        )
    return envelope


def release(envelope: Envelope, campaigns: list[Campaign], *, by: User) -> None:
    """These calls no longer draw on it. Raises `DomainError` where something is granted; an
    envelope that no call draws on any more is deleted (history keeps its amount)."""
    links = _links(envelope.funder, campaigns)
    locked(envelope)
    for campaign, link in zip(sorted(campaigns, key=lambda campaign: campaign.id), links, strict=True):
        if granted(envelope.id, campaign.id):
            raise DomainError(
                f"Des montants sont accordés sur cette enveloppe dans « {campaign.label} » :"
                " elle doit continuer de couvrir cet appel.",
                "campaigns",
            )
        link.envelope_id = None
        flag_modified(envelope, "amount")  # raises the version: its calls are part of it
        _record(envelope, "release", "campaign", campaign.id, None, by)
    db.session.flush()
    if not envelope_campaigns(envelope):
        _record(envelope, "release", "status", envelope.status, None, by)
        _record(envelope, "delete", "amount", envelope.amount, None, by)
        db.session.delete(envelope)
        db.session.flush()


def envelope_campaigns(envelope: Envelope) -> list[Campaign]:
    """The calls that draw on it."""
    return all_of(
        select(Campaign)
        .join(CampaignFunder, CampaignFunder.campaign_id == Campaign.id)
        .where(CampaignFunder.envelope_id == envelope.id)
        .order_by(Campaign.year, Campaign.label)
    )


def _record(envelope: Envelope, action: str, field: str, old: Any, new: Any, by: User, reason: str = "") -> None:
    history.record(envelope, action, by=by, field=field, old=old, new=new, reason=reason)


def _links(funder: Funder, campaigns: list[Campaign]) -> list[CampaignFunder]:
    """Locked, in one order for everybody."""
    links = []
    for campaign in sorted(set(campaigns), key=lambda campaign: campaign.id):
        link = _locked_link(campaign.id, funder.id)
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
        raise DomainError("Ces appels ont déjà des enveloppes différentes : modifiez-les une à une.", "campaigns")
    return db.session.get_one(Envelope, ids.pop(), with_for_update=True) if ids else None


def _act(source: str, dated_on: date | None) -> str:
    """What says so, for history: "Arrêté 12, 3 mars 2026"."""
    return ", ".join(part for part in (source, day(dated_on) if dated_on else "") if part)


def _update(
    envelope: Envelope, amount: Decimal, status: EnvelopeStatus, dated_on: date | None, source: str, *, by: User
) -> None:
    source = source.strip()
    before, moved = envelope.amount, amount != envelope.amount
    if moved and (not (dated_on and source) or (dated_on, source) == (envelope.dated_on, envelope.source)):
        raise DomainError(
            f"Le montant change (il était de {euros(before)}) : indiquez la date et la source de ce"
            " changement (arrêté, courriel, erreur de saisie…), et non celles d'avant.",
            "source",
        )
    for field, value in (("amount", amount), ("status", status), ("dated_on", dated_on), ("source", source)):
        history.change(envelope, "update", field, value, by=by, reason=_act(source, dated_on) if moved else "")
    db.session.flush()
