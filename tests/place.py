"""Two contracts with every kind of person in them, and a value for each part of an address."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from flask import Flask
from psycopg.sql import SQL, Identifier
from sqlalchemy import URL, make_url, select
from werkzeug.routing import Rule

from grants.database import db
from grants.domain.accounts import accounts
from grants.domain.campaign.campaign_list import ItemTerms, add_item
from grants.domain.campaign.late_permission import allow
from grants.domain.contract.contract import add_part
from grants.domain.envelope import locked_for
from grants.domain.importing.usual import ask_usual_questions
from grants.domain.ledger.operation import operation
from grants.domain.organisation.invitation import invite
from grants.domain.organisation.merging import merge
from grants.domain.programming.version import freeze
from grants.models import (
    AnalysisCriterion,
    Base,
    CheckItem,
    CrossTheme,
    DocumentKind,
    FactorKind,
    Invitation,
    Mail,
    MemberRole,
    Membership,
    Operation,
    Question,
    Role,
    SecondFactor,
    State,
    User,
)
from tests.acts import propose
from tests.factories import (
    World,
    campaign,
    document,
    grant_role,
    member,
    organisation,
    piece,
    two_communes,
    user,
    world,
)
from tests.factories.agreements import agreement
from tests.factories.basics import add

KINDS = {
    "anonymous",
    "applicant",
    "editor",
    "other_applicant",
    "instructor",
    "other_instructor",
    "coordinator",
    "commune_coordinator",
    "other_commune_coordinator",
    "committee",
    "administrator",
    "elsewhere_applicant",
    "elsewhere_instructor",
    "elsewhere_coordinator",
    "elsewhere_committee",
}


class Place:
    """Two contracts with everybody in them, and a value for each part of an address."""

    def __init__(self) -> None:
        w, elsewhere = world("ici"), world("ailleurs")
        deposited = w.project()
        metz, woippy = two_communes(w.contract)
        deposited.commune = metz
        draft = w.project(state=State.DRAFT)
        pending = user("Candidate")
        request = Membership(user_id=pending.id, organisation_id=w.bearer.id, role=MemberRole.EDITOR)
        last_year = campaign(w.contract, [w.cget], year=2025, open_now=False)
        db.session.add(request)
        db.session.flush()
        self.people: dict[str, User | None] = {
            "anonymous": None,
            "applicant": w.applicant,
            "editor": member(w.bearer, MemberRole.EDITOR),
            "other_applicant": member(organisation()),
            "instructor": w.state_instructor,
            "other_instructor": w.city_instructor,
            "coordinator": w.coordinator,
            "commune_coordinator": grant_role(user("Metz"), Role.COORDINATOR, w.contract, commune=metz),
            "other_commune_coordinator": grant_role(user("Woippy"), Role.COORDINATOR, w.contract, commune=woippy),
            "committee": w.committee,
            "administrator": w.administrator,
            "elsewhere_applicant": elsewhere.applicant,
            "elsewhere_instructor": elsewhere.state_instructor,
            "elsewhere_coordinator": elsewhere.coordinator,
            "elsewhere_committee": elsewhere.committee,
        }
        # Administrator rights are for the whole instance: a second one keeps the first removable.
        grant_role(user("Autre admin"), Role.ADMINISTRATOR)
        self.token = accounts.new_link(pending, by=w.administrator)
        self.invitation_token = invite(
            w.bearer, self.people["other_applicant"].email, MemberRole.EDITOR, by=w.applicant
        )
        self.confirmation = _confirmation_of(pending)
        self.values: dict[str, Any] = self._values(w, deposited.id, draft.id, request, last_year)
        db.session.commit()
        for person in filter(None, self.people.values()):
            db.session.refresh(person)
            db.session.expunge(person)  # known by their id from here on, whatever is rolled back

    def _values(self, w: World, deposited: int, draft: int, request: Membership, last_year: Any) -> dict[str, Any]:
        late = w.campaign.closes_at + timedelta(days=1)
        return {
            "slug": w.contract.slug,
            "year_a": 2025,
            **dict.fromkeys(("year", "year_b"), w.campaign.year),
            "deposited": deposited,
            "draft": draft,
            "funder_id": w.cget.id,
            "campaign_id": w.campaign.id,
            "contract_id": w.contract.id,
            **dict.fromkeys(("organisation_id", "kept_id", "gone_id"), w.bearer.id),
            "merge_id": merge(organisation(), organisation(), by=w.administrator).id,
            "membership_id": request.id,
            "token": self.token,
            "user_id": w.committee.id,
            "role_id": next(iter(w.committee.roles)).id,
            "factor_id": add(SecondFactor(user_id=w.committee.id, kind=FactorKind.TOTP, label="", secret="")).id,
            "institution_id": w.state.id,
            "theme_id": w.contract.themes[0].id,
            "zone_id": w.contract.zones[0].id,
            "envelope_id": locked_for(w.campaign.id, w.cget.id).id,
            "commune_id": w.contract.communes[0].id,
            "cross_theme_id": add_part(CrossTheme, w.contract, label="Jeunesse", by=w.administrator).id,
            "question_id": self._question(w).id,
            **self._documents(w),
            "address_token": "x",
            "invitation_id": db.session.scalars(select(Invitation.id)).one(),
            "invitation_token": self.invitation_token,
            "mail_id": self.confirmation.id,
            "confirmation": self.confirmation.text.partition("/confirmer/")[2].split()[0],
            "permission_id": allow(w.campaign, w.bearer, late, "Panne", by=w.administrator).id,
            "path": "analyse",
            "what": "themes",
            "kind": "quartiers",
            "part_id": w.contract.zones[0].id,
            "item_id": self._criterion(w).id,
            "operation_id": self._operation(w).id,
            "agreement_id": (made := agreement(w, {w.cget: (100, 200)})).id,
            "agreement_action_id": made.actions[0].id,
            "moment_key": f"v{freeze(w.campaign, 'Arbitrage', by=w.coordinator).id}",
            "name": "porteur",
            "part": "representant",
            "section": "projet",
            **dict.fromkeys(("step", "action"), "admit"),
        }

    def _documents(self, w: World) -> dict[str, int]:
        quote = piece(w.campaign, required=False)
        piece(w.campaign, "RIB", kind=DocumentKind.BANK_DETAILS)
        valid = date(2099, 1, 1)
        kept = document(w.bearer, w.applicant, kind=DocumentKind.BANK_DETAILS, valid_until=valid)
        return {"piece_id": quote.id, "document_id": kept.id}

    def _operation(self, w: World) -> Operation:
        with operation(w.contract.id, "propose", by=w.state_instructor) as made:
            propose(w.projects[0], w.cget, Decimal(100), by=w.state_instructor)
        return made

    def _criterion(self, w: World) -> AnalysisCriterion:
        add_item(CheckItem, w.campaign, ItemTerms("Budget équilibré"), by=w.administrator)
        terms = ItemTerms("Ancrage", weight=2)
        return add_item(AnalysisCriterion, w.campaign, terms, by=w.administrator)

    def _question(self, w: World) -> Question:
        ask_usual_questions(w.campaign, "VVV", by=w.administrator)
        return w.campaign.questions[0]

    def parts(self, rule: Rule) -> dict[str, Any]:
        """What everybody's rights are asked about: a draft for its applicant, a deposited project for the others."""
        own = rule.endpoint.startswith("applicant.")
        values = self.values | {"project_id": self.values["draft" if own else "deposited"]}
        missing = rule.arguments - values.keys()
        assert not missing, f"{rule}: say in Place._values what {missing} is"
        # Of a call's criteria, whose addresses name them beside their path.
        named = {"critere": "au moins la moitié de filles"} if rule.endpoint.endswith("_criterion") else {}
        return {name: values[name] for name in rule.arguments} | named


def _confirmation_of(person: User) -> Mail:
    person.email_confirmed_at = None
    accounts.mail_confirmation(person)
    return db.session.scalars(select(Mail).where(Mail.purpose == "confirm_email")).one()


def routes(app: Flask) -> list[Rule]:
    return [r for r in app.url_map.iter_rules() if r.endpoint != "static" and not r.endpoint.endswith(".static")]


def address(app: Flask, place: Place, rule: Rule) -> str:
    return app.url_map.bind("localhost").build(rule.endpoint, place.parts(rule))


class Keeper:
    """Puts the database back as it was when this was made."""

    def __init__(self, app: Flask) -> None:
        url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
        self.database = _Sqlite(url) if url.drivername == "sqlite" else _Postgres(url)

    def __enter__(self) -> Keeper:
        return self

    def __exit__(self, *_error: object) -> None:
        self.restore()
        self.database.close()

    def written(self) -> bool:
        """Has anybody written since?"""
        return self.database.written()

    def restore(self) -> None:
        db.session.remove()
        if self.written():
            self.database.restore()


class _Sqlite:
    def __init__(self, url: URL) -> None:
        self.before = sqlite3.connect(":memory:")
        self.live = sqlite3.connect(str(url.database))
        self.live.backup(self.before)
        self.version = self._version()

    def _version(self) -> int:
        """Changes with each commit of another connection."""
        return self.live.execute("PRAGMA data_version").fetchone()[0]

    def written(self) -> bool:
        return self._version() != self.version

    def restore(self) -> None:
        self.before.backup(self.live)
        self.version = self._version()

    def close(self) -> None:
        self.live.close()
        self.before.close()


class _Postgres:
    """Table by table; replica mode keeps triggers and foreign keys out of it."""

    def __init__(self, url: URL) -> None:
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self.live = psycopg.connect(plain, autocommit=True)
        self.live.execute("SET session_replication_role = replica")
        self.before = {name: self._rows(name) for name in Base.metadata.tables}
        # A row inserted or changed is of a later transaction; one deleted is missing.
        state = SQL("SELECT {}, count(*), max(xmin::text::bigint) FROM {}")
        self.asked = SQL(" UNION ALL ").join(state.format(name, Identifier(name)) for name in self.before)
        self.state = self._state()

    def _rows(self, table: str) -> bytes:
        with self.live.cursor().copy(SQL("COPY {} TO STDOUT").format(Identifier(table))) as copy:
            return b"".join(copy)

    def _state(self) -> set[Any]:
        return set(self.live.execute(self.asked, prepare=True))

    def written(self) -> bool:
        return self._state() != self.state

    def restore(self) -> None:
        for name, *_ in self.state - self._state():
            table = Identifier(name)
            self.live.execute(SQL("DELETE FROM {}").format(table))
            with self.live.cursor().copy(SQL("COPY {} FROM STDIN").format(table)) as back:
                back.write(self.before[name])
        self.state = self._state()

    def close(self) -> None:
        self.live.close()
