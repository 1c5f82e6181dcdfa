"""All that may be done to a contract's year, at random: what `test_past` and the soak do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from grants.database import db
from grants.domain import dossier
from grants.domain.campaign.campaign import CampaignTerms, change_campaign
from grants.domain.decisions.rules import Decision
from grants.domain.dossier import drafts
from grants.domain.dossier.answers import ProjectAnswers, PublicAnswers
from grants.domain.dossier.budget import BudgetAnswers, OtherSubsidy, RequestAnswers
from grants.domain.dossier.drafts import Section
from grants.domain.envelope import envelope_campaigns, locked_for, release, set_envelope
from grants.domain.instruction import on_behalf, opinion, piece_request
from grants.domain.instruction.classification import Classification, reclassify
from grants.domain.instruction.lineage import set_predecessors
from grants.domain.instruction.piece_request import PiecesWanted
from grants.domain.ledger.operation import operation
from grants.domain.programming.version import freeze, lift, validate
from grants.domain.undo.operation import undo
from grants.domain.workflow import TRANSITIONS, advance
from grants.french import today
from grants.models import EnvelopeStatus, Judgement, Kind, OtherFunding, Outcome, Project, Role, State, Zone
from grants.models import Operation as Deed
from tests import acts
from tests.factories import World, campaign, complete_draft, grant_role, project, two_communes, user, world


def scene() -> World:
    """Three dossiers of this year, two of last year's, a second call, and one to deposit."""
    w = world("past")
    last = campaign(w.contract, [w.cget, w.ville], year=2025)
    set_envelope(w.cget, [last], Decimal(9000), by=w.administrator)
    w.other = campaign(w.contract, [w.cget, w.ville, w.reg], kind="VVV")
    w.past = [project(last, w.applicant, requested={w.cget: 900}) for _ in range(2)]
    db.session.add(Zone(contract_id=w.contract.id, label="Sud", position=2))
    for state in (State.ADMISSIBLE, State.ADMISSIBLE, State.SUBMITTED):
        w.project(state=state, requested={w.cget: 5000, w.ville: 3000, w.reg: 900})
    decide(w, w.projects[0], 4)
    asks(w, w.projects[2], 0)
    w.project(state=State.SUBMITTED)
    w.project(requested={w.cget: 4000})
    w.projects[0].predecessor_id = w.past[0].id
    w.draft = complete_draft(w)
    w.region_instructor = grant_role(user("Région"), Role.INSTRUCTOR, w.contract, w.region)
    w.communes = two_communes(w.contract)
    for dossier_of in (*w.projects[::2], w.draft):
        dossier_of.commune_id = w.communes[0].id
    db.session.flush()
    return w


def pick(w: World, which: int, *states: State) -> Project:
    """The first from there on that is in one of these states, if any is."""
    rest = [w.projects[(which + i) % len(w.projects)] for i in range(len(w.projects))]
    return next((p for p in rest if p.state in states), rest[0])


def by_of(w: World, funder: Any) -> Any:
    return {w.cget.id: w.state_instructor, w.ville.id: w.city_instructor}.get(funder.id, w.coordinator)


def decide(w: World, p: Project, n: int) -> None:
    funder = (w.cget, w.ville, w.reg)[n % 3]
    decision = (
        Decision(Outcome.ACCEPTED, Decimal(700 + n), condition="Local", raised_reason="Report"),
        Decision(Outcome.REJECTED, reason="Hors\u00a0sujet", redirected_to="FIPD"),
        Decision(Outcome.DEFERRED, reason="À revoir"),
        Decision(Outcome.CANCELLED, reason="Renonce"),
    )[n % 4]
    decision = replace(decision, typed_from="Courriel", revision_reason="Comité")
    with operation(w.contract.id, "decide", by=by_of(w, funder)):
        acts.decide(p, funder, decision, by=by_of(w, funder))


def propose(w: World, p: Project, n: int) -> None:
    funder = (w.cget, w.ville, w.reg)[n % 3]
    amount = Decimal(n * 100) / 3 if n % 4 else None
    with operation(w.contract.id, "propose", by=by_of(w, funder)):
        acts.propose(
            p,
            funder,
            amount and amount.quantize(Decimal("0.01")),
            by=by_of(w, funder),
            typed_from="Courriel",
            revision_reason="Comité",
        )


def opens(w: World, p: Project, n: int) -> None:
    funder = (w.reg, w.ville)[n % 2]
    p = w.projects[-1] if n % 3 else p
    with operation(w.contract.id, "open", by=by_of(w, funder)):
        acts.open_line(p, funder, "Réorienté", by=by_of(w, funder))


def undoes(w: World, p: Project, n: int) -> None:
    done = db.session.scalars(select(Deed).order_by(Deed.id.desc()).limit(1 + n % 2)).all()
    if done:
        undo(done[-1].id, by=done[-1].by, reason="Non")


def tell(w: World, p: Project, n: int) -> None:
    funder = (w.cget, w.ville)[n % 2]
    if n % 3:
        acts.notify(p, funder, f"A-{n}", date(2026, 5, 1 + n), by=by_of(w, funder))
    else:
        acts.confirm(p, w.reg, by=w.region_instructor)


def moves(w: World, p: Project, n: int) -> None:
    possible = [action for state, action in TRANSITIONS if state is p.state and action != "submit"]
    advance(p, possible[n % len(possible)] if possible else "", by=w.coordinator, reason=f"Motif {n}")


def asks(w: World, p: Project, n: int) -> None:
    pages = {s: s.value for s in (Section.PROJECT, Section.PUBLIC, Section.BUDGET, Section.REQUESTS)}
    wanted = PiecesWanted(("RIB",), today() + timedelta(days=9), pages)
    piece_request.ask(p, wanted, by=w.coordinator)


def answers(w: World, p: Project, n: int) -> None:
    zones = tuple(sorted(z.id for z in w.contract.zones))
    main, other = (commune.id for commune in w.communes[:: 1 - n % 2 * 2])
    communes = (main, (other,) * (n % 3))
    subsidy = OtherSubsidy("CAF", Decimal(n * 10), tuple(OtherFunding)[n % 3], n % 2 == 0)
    page = (
        replace(ProjectAnswers.of(p), title=f"Titre {n}", kind=Kind.MULTIYEAR, year_of=1, years_total=1 + n),
        PublicAnswers("Tous", 10 + n, n, zones[: n % 3], "Ici", *communes),
        BudgetAnswers((("606", Decimal(5000 + n)),), (subsidy,)),
        RequestAnswers(tuple((f.id, Decimal(n * 50)) for f in (w.cget, w.reg)[: n % 3])),
    )[n % 4]
    drafts.save(p, page, by=w.applicant, seen=type(page).of(p).fingerprint())


def classifies(w: World, p: Project, n: int) -> None:
    if n % 4 == 0:
        followed = [last.reference for last in w.past][: n % 3]
        set_predecessors(p, followed[::-1] if n % 2 else followed, by=w.coordinator)
        return
    themes = [t for t in w.contract.themes if t.number]
    call = (w.campaign, w.other)[n % 2]
    kind, commune = (Kind.NEW, Kind.RENEWAL)[n % 2], w.communes[n % 3 % 2]
    wanted = Classification(call.id, themes[n % len(themes)].id, kind, commune_id=commune.id)
    reclassify(p, wanted, by=w.coordinator, reason="Reclassé")


def arrives(w: World, p: Project, n: int) -> None:
    if n % 2 and w.draft.state is State.DRAFT:
        dossier.submit(w.draft, by=w.applicant)
        w.projects.append(w.draft)
        return
    themes = [t for t in w.contract.themes if t.number]
    w.projects.append(
        on_behalf.record(
            w.campaign,
            w.bearer,
            on_behalf.ReceivedDossier(
                f"Reçu {n}",
                themes[0].id,
                Kind.NEW,
                Decimal(4000),
                ((w.cget.id, Decimal(100 + n)),),
                today(),
                "Courrier",
                w.communes[n % 2].id,
            ),
            by=w.coordinator,
        )
    )


def money(w: World, p: Project, n: int) -> None:
    """An envelope's amount and calls, and the funders of the second call."""
    funder, by = (w.cget, w.ville, w.reg)[n % 3], w.administrator
    envelope = locked_for(w.campaign.id, funder.id)
    act = {
        "dated_on": date(2026, 4, 1 + n),
        "source": f"Arrêté {envelope and envelope.version}",
        "status": (EnvelopeStatus.PROVISIONAL, EnvelopeStatus.NOTIFIED)[n % 2],
    }
    if n % 4 == 0:
        amount = Decimal(10_000 + n) if n % 8 else Decimal(500 + n)  # a cut below the grants
        set_envelope(funder, [w.campaign], amount, by=by, **act)
    elif n % 4 == 1:
        set_envelope(funder, [w.campaign, w.other], Decimal(12_000 + n), by=by, **act)
    elif n % 4 == 2 and envelope:
        release(envelope, envelope_campaigns(envelope)[-1:], by=by)
    else:
        kept = [w.cget, w.ville, w.reg][: 1 + n % 3]
        change_campaign(w.other, CampaignTerms(2026, "VVV", w.other.label), kept, by=by)


def votes(w: World, p: Project, n: int) -> None:
    if w.campaign.validated_at:
        lift(w.campaign, "Erreur", by=w.coordinator)
    elif n % 2:
        validate(w.campaign, by=w.coordinator)
    else:
        freeze(w.campaign, f"Version {n}", by=w.coordinator)


def opines(w: World, p: Project, n: int) -> None:
    judgement = (Judgement.FAVOURABLE, Judgement.RESERVED)[n % 2]
    opinion.give(p, opinion.INSTRUCTOR, judgement, f"Remarque {n}", by=w.state_instructor)


DEEDS: tuple[Callable[[World, Project, int], None], ...] = (
    decide,
    decide,
    propose,
    propose,
    opens,
    opens,
    undoes,
    undoes,
    tell,
    tell,
    moves,
    asks,
    answers,
    answers,
    classifies,
    arrives,
    money,
    votes,
    opines,
)
WHERE = {asks: (State.SUBMITTED,), answers: (State.INCOMPLETE,), moves: tuple(State)}
