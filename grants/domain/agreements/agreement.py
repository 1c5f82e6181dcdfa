"""An agreement over several years: its terms, its actions and what each funder has promised them.

Until it is signed all of it may be changed; from then on amounts change by amendments with a reason, and what they
replace stays to be read. Every change locks the contract's row first, as settings do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from grants.database import all_of, db
from grants.domain import envelope
from grants.domain.contract.contract import lock
from grants.domain.dossier.themes import offered
from grants.domain.instruction.classification import MOST_YEARS, checked_commune
from grants.domain.ledger import history
from grants.domain.locking import fresh
from grants.errors import Conflict, DomainError
from grants.french import euros, today
from grants.models import IN_FORCE, Agreement, AgreementAction, AgreementAmount, Contract, Funder, Organisation, User
from grants.permissions import require

ZERO = Decimal(0)
NOT_YOURS = "Seul le chef de projet tient les conventions."
Held = dict[envelope.Link, Decimal]


class Promised(NamedTuple):
    """Euros of one funder for one year: `expected` in all, of which `firm`."""

    firm: Decimal = ZERO
    expected: Decimal = ZERO


def add_agreement(contract: Contract, bearer: Organisation, *, by: User, **terms: Any) -> Agreement:
    """`terms`: title, number, first and last year. Raises `DomainError` at the field for years that cannot be."""
    require(by, "contract.coordinate", contract, NOT_YOURS)
    lock(contract)
    _check_terms(contract, **terms)
    made = Agreement(contract=contract, organisation=bearer, **terms)
    db.session.add(made)
    db.session.flush()
    history.record(made, "create", by=by, field="title", new=made.title)
    return made


def change_agreement(agreement: Agreement, *, by: User, version: int | None = None, **terms: Any) -> None:
    """`terms`: also when it was signed, and whether it is archived and holds nothing any more.

    Raises as `add_agreement`; for years that leave amounts outside, for a signature without amounts, taken back or
    beyond an envelope; and `Conflict` past `version`."""
    _locked(agreement, by, version)
    _check_terms(agreement.contract, **terms)
    paid = {(row.action_id, row.year) for row in amounts(agreement) if row.expected}
    if outside := {year for _, year in paid} - set(range(terms["first_year"], terms["last_year"] + 1)):
        raise DomainError(f"Des montants sont écrits pour {', '.join(map(str, sorted(outside)))}.", "last_year")
    if agreement.signed_on and not terms["signed_on"]:
        raise DomainError("Une convention signée le reste : corrigez la date, ou archivez-la.", "signed_on")
    without = [action.title for action in agreement.actions if action.id not in {id_ for id_, _ in paid}]
    if terms["signed_on"] and (without or not paid):
        what = f"« {', '.join(without)} » est sans montant" if without else "elle n'a aucune action"
        raise DomainError(f"Elle ne peut pas encore être signée : {what}.", "signed_on")
    before = held(agreement)
    history.change_each(agreement, "update", terms, by=by)
    refuse_overrun(agreement, before, "signed_on")


def add_action(agreement: Agreement, *, by: User, **terms: Any) -> AgreementAction:
    """`terms`: title, kind of call, theme, commune. Raises `DomainError` at the field for a theme that this kind does
    not offer, or a commune of elsewhere."""
    _locked(agreement, by, working=True)
    made = AgreementAction(agreement=agreement, contract_id=agreement.contract_id, **_checked(agreement, **terms))
    db.session.add(made)
    db.session.flush()
    history.record(made, "create", by=by, field="title", new=made.title)
    return made


def change_action(
    action: AgreementAction,
    promised: Mapping[tuple[int, int], Promised],
    *,
    by: User,
    version: int | None = None,
    reason: str = "",
    **terms: Any,
) -> None:
    """`promised`: by funder and year, what holds from now on; others stay. Once signed, that is an amendment.

    Raises `DomainError` as `add_action`; for a funder or year of elsewhere, an amount below nought, more firm than
    expected, an amendment without a reason, more than an envelope has left; and `Conflict` past `version`."""
    agreement = _locked(action.agreement, by, version, working=True)
    checked, before = _checked(agreement, **terms), held(agreement)
    _check_promised(agreement, promised)
    now = {(row.funder_id, row.year): row for row in amounts(agreement) if row.action_id == action.id}
    rank = max((row.amendment for row in now.values()), default=0) + 1 if agreement.signed_on else 0
    for key, amount in promised.items():
        row = now.get(key)
        if amount == (Promised(row.firm, row.expected) if row else Promised()):
            continue
        if rank and not reason:
            raise DomainError("La convention est signée : indiquez le motif de l'avenant.", "reason")
        if row and not rank:
            db.session.delete(row)
            db.session.flush()
        _write(action, key, amount, rank, by, reason if rank else "")
    history.change_each(action, "update", checked, by=by)
    refuse_overrun(agreement, before)


def _write(action: AgreementAction, key: tuple[int, int], amount: Promised, rank: int, by: User, reason: str) -> None:
    """What is nothing, and replaces nothing that was signed, is not kept; history keeps all."""
    funder_id, year = key
    shown = f"{year} : {amount.expected:.2f} ({amount.firm:.2f})"
    history.record(action, "amend", by=by, field="amount", new=shown, reason=reason, funder_id=funder_id)
    if rank or amount.expected:
        values = {"contract_id": action.contract_id, "amendment": rank, "reason": reason, **amount._asdict()}
        db.session.add(AgreementAmount(action_id=action.id, funder_id=funder_id, year=year, **values))
    db.session.flush()


def amounts(agreement: Agreement) -> list[AgreementAmount]:
    """Those in force."""
    own = select(AgreementAction.id).where(AgreementAction.agreement_id == agreement.id)
    return all_of(select(AgreementAmount).where(AgreementAmount.action_id.in_(own), IN_FORCE))


def _locked(agreement: Agreement, by: User, version: int | None = None, *, working: bool = False) -> Agreement:
    """Its row, read afresh; it has another version then. `working`: not one that is archived."""
    require(by, "contract.coordinate", agreement, NOT_YOURS)
    lock(agreement.contract)
    fresh(agreement, key_share=True)
    if version is not None and agreement.version != version:
        raise Conflict(
            "Cette convention a été modifiée entre-temps par une autre personne. Votre saisie est gardée ci-dessous :"
            " relisez-la, puis enregistrez de nouveau pour la faire valoir."
        )
    if working and agreement.archived:
        raise DomainError("Cette convention est archivée : remettez-la d'abord en vigueur.")
    flag_modified(agreement, "title")
    return agreement


def _check_terms(
    contract: Contract, *, first_year: int, last_year: int, signed_on: date | None = None, **_: Any
) -> None:
    for field, year in (("first_year", first_year), ("last_year", last_year)):
        if not contract.start_year <= year <= contract.end_year:
            raise DomainError(f"Le contrat va de {contract.start_year} à {contract.end_year}.", field)
    if not 0 <= last_year - first_year < MOST_YEARS:
        raise DomainError(f"Elle finit après qu'elle commence, et dure {MOST_YEARS} ans au plus.", "last_year")
    if signed_on and signed_on > today():
        raise DomainError("Cette date est dans l'avenir : écrivez celle de la signature.", "signed_on")


def _checked(agreement: Agreement, *, theme_id: int, call_kind: str, commune_id: int | None = None, **more: Any) -> Any:
    if theme_id not in {choice.id for choice in offered(agreement.contract_id, call_kind)}:
        raise DomainError("Ce dispositif ne propose pas ce classement : choisissez-en un autre.", "theme_id")
    checked_commune(agreement.contract, commune_id)
    return {"theme_id": theme_id, "call_kind": call_kind, "commune_id": commune_id, **more}


def _check_promised(agreement: Agreement, promised: Mapping[tuple[int, int], Promised]) -> None:
    funders = set(db.session.scalars(select(Funder.id).where(Funder.contract_id == agreement.contract_id)))
    for (funder_id, year), (firm, expected) in promised.items():
        if funder_id not in funders or year not in agreement.years:
            raise DomainError("Ce financeur n'est pas de ce contrat, ou cette année n'est pas de cette convention.")
        if not 0 <= firm <= expected:
            message = f"Ferme ({euros(firm)}) n'est ni négatif, ni plus que ce qui est prévu ({euros(expected)})."
            raise DomainError(message, f"firm_{funder_id}_{year}")


def held(agreement: Agreement) -> Held:
    """What it holds now of calls' columns."""
    slices: Held = {}
    for _, campaign_id, funder_id, firm in db.session.execute(envelope.slices().where(Agreement.id == agreement.id)):
        slices[campaign_id, funder_id] = slices.get((campaign_id, funder_id), ZERO) + firm
    return slices


def refuse_overrun(agreement: Agreement, before: Held, field: str | None = None) -> None:
    """Raises `DomainError` where it holds more than before of an envelope that has not so much; one that is still to
    come is asked when it comes. The envelopes stay locked."""
    after = held(agreement)
    changes = [(link, after.get(link, ZERO) - before.get(link, ZERO)) for link in before.keys() | after.keys()]
    for room in envelope.rooms(change for change in changes if change[1]):
        if room.raises and room.left is not None and room.left < 0:
            label = db.session.get_one(Funder, room.links[0][1]).label
            raise DomainError(
                f"L'enveloppe de {label} n'y suffit pas : il y manquerait {euros(-room.left)}. Diminuez le montant"
                " ferme, ou relevez d'abord l'enveloppe.",
                field,
            )
