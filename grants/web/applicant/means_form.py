"""The form of the means: a text, the table of people, the evaluation, the person in charge."""

from __future__ import annotations

from typing import Any

from wtforms import Field

from grants.domain.dossier.drafts import Answers
from grants.domain.dossier.means import PEOPLE, MeansAnswers, Staff
from grants.models import Project
from grants.web.applicant.forms import SectionForm
from grants.web.fields import WholeField, email_line, line, paragraphs, phone_line
from grants.web.forms import QuantityField

CONTACT = ("in_charge_name", "in_charge_phone", "in_charge_email")


class StaffFields:
    """The two fields of one line of the table."""

    def __init__(self, form: MeansForm, who: str) -> None:
        self.label = PEOPLE[who].removeprefix("- ")
        self.within = PEOPLE[who].startswith("- ")
        self.count: Field = form[f"staff_{who}_count"]
        self.fte: Field = form[f"staff_{who}_fte"]


class MeansForm(SectionForm):
    """`staff_employees_count`, `staff_employees_fte` ... for each line of the table."""

    holds = MeansAnswers

    means = paragraphs("Moyens matériels et humains", rows=4)
    evaluation = paragraphs("Évaluation et indicateurs", rows=5)
    in_charge_name = line("Responsable de l'action")
    in_charge_phone = phone_line("Son téléphone")
    in_charge_email = email_line("Son courriel")

    @classmethod
    def values(cls, stored: Answers) -> dict[str, Any]:
        assert isinstance(stored, MeansAnswers)  # noqa: S101 - for the type
        values = dict(vars(stored))
        for staff in values.pop("staff"):
            values[f"staff_{staff.who}_count"] = staff.count
            values[f"staff_{staff.who}_fte"] = staff.fte
        return values

    def propose(self, project: Project) -> None:
        """The legal representative answers for the action, until somebody else is named."""
        if any(self[name].data for name in CONTACT):
            return
        for name in CONTACT:
            self[name].data = getattr(project.organisation, name.replace("in_charge", "representative"))

    @property
    def staff(self) -> list[StaffFields]:
        return [StaffFields(self, who) for who in PEOPLE]

    def answers(self) -> MeansAnswers:
        lines = (Staff(who, self[f"staff_{who}_count"].data, self[f"staff_{who}_fte"].data) for who in PEOPLE)
        texts = {name: self[name].data for name in ("means", "evaluation", *CONTACT)}
        staff = tuple(ln for ln in lines if ln.count is not None or ln.fte is not None)
        return MeansAnswers(staff=staff, **texts)


for _who, _label in PEOPLE.items():
    _bare = _label.removeprefix("- dont ")
    setattr(MeansForm, f"staff_{_who}_count", WholeField(f"{_bare} : nombre", most=100_000))
    setattr(MeansForm, f"staff_{_who}_fte", QuantityField(f"{_bare} : ETP"))
