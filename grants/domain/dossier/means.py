"""With what the action is done and how it will be judged (Cerfa 12156*06, part 5)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Self

from grants.domain.contact import email_at, phone_at
from grants.domain.dossier.drafts import Answers, Section
from grants.errors import DomainError
from grants.french import decimal, whole
from grants.models import Project, User

# The Cerfa's table of people; a `-` before what is part of the line above it.
PEOPLE = {
    "volunteers": "Bénévoles",
    "employees": "Salariés",
    "permanent": "- dont en CDI",
    "fixed_term": "- dont en CDD",
    "aided": "- dont emplois aidés",
    "service": "Volontaires (service civique)",
}


@dataclass(frozen=True)
class Staff:
    """A line of the table: how many, and how many full-time equivalents."""

    who: str
    count: int | None
    fte: Decimal | None


def staff_of(stored: dict[str, Any]) -> tuple[Staff, ...]:
    """`Project.staff` in the order of the table; the lines left empty are absent."""
    return tuple(
        Staff(who, line.get("count"), None if line.get("fte") is None else Decimal(line["fte"]))
        for who in PEOPLE
        if (line := stored.get(who))
    )


def staff_in_words(stored: dict[str, Any]) -> str:
    """A line of text for each line of the table: `Salariés : 2 (1,5 ETP)`."""
    return "\n".join(_in_words(line) for line in staff_of(stored))


def _in_words(line: Staff) -> str:
    fte = "" if line.fte is None else f"{decimal(line.fte)} ETP"
    count = "" if line.count is None else whole(line.count)
    figures = f"{count} ({fte})" if count and fte else count or fte
    return f"{PEOPLE[line.who]} : {figures}"


@dataclass(frozen=True)
class MeansAnswers(Answers):
    """`staff`: the lines that are not empty; `in_charge_...`: the person to ask about it."""

    means: str
    staff: tuple[Staff, ...]
    evaluation: str
    in_charge_name: str
    in_charge_phone: str
    in_charge_email: str

    section: ClassVar[Section] = Section.MEANS

    @classmethod
    def of(cls, project: Project) -> Self:
        return cls.read(project, staff=staff_of(project.staff))

    def write(self, project: Project, by: User) -> None:
        self._check_staff()
        project.in_charge_phone = phone_at("in_charge_phone", self.in_charge_phone)
        self.store(project, "staff", "in_charge_phone", "in_charge_email")
        project.in_charge_email = email_at("in_charge_email", self.in_charge_email)
        project.staff = {
            line.who: {"count": line.count, "fte": None if line.fte is None else str(line.fte)} for line in self.staff
        }

    def _check_staff(self) -> None:
        counts = {line.who: line.count for line in self.staff}
        employees = counts.get("employees")
        for part in ("permanent", "fixed_term", "aided"):
            if employees is not None and (counts.get(part) or 0) > employees:
                raise DomainError(
                    f"Ce nombre ne peut pas dépasser celui des salariés ({employees}).", f"staff_{part}_count"
                )
        for line in self.staff:
            if line.count is not None and line.fte is not None and line.fte > line.count:
                raise DomainError(
                    f"Une personne compte au plus pour 1 équivalent temps plein : au plus {line.count} ici.",
                    f"staff_{line.who}_fte",
                )
