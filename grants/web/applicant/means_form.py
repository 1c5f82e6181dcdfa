"""The form of the means: a text, the table of people, the evaluation, the person in charge."""

from __future__ import annotations

from typing import Any

from wtforms import EmailField, Field, StringField, TelField, TextAreaField
from wtforms.validators import Regexp

from grants.domain.dossier.drafts import Answers
from grants.domain.dossier.means import PEOPLE, MeansAnswers, Staff
from grants.models import Project
from grants.web.applicant.forms import MOST_WORDS, SectionForm, WholeField, at_most, tidy
from grants.web.forms import QuantityField

PHONE = Regexp(r"[0-9+(). -]*$", message="Écrivez un numéro comme 01 23 45 67 89.")
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

    means = TextAreaField(
        "Moyens matériels et humains", at_most(MOST_WORDS), filters=[tidy], render_kw={"rows": 4}
    )
    evaluation = TextAreaField(
        "Évaluation et indicateurs", at_most(MOST_WORDS), filters=[tidy], render_kw={"rows": 5}
    )
    in_charge_name = StringField(
        "Responsable de l'action", at_most(250), filters=[tidy], render_kw={"maxlength": 250}
    )
    in_charge_phone = TelField("Son téléphone", [*at_most(30), PHONE], filters=[tidy])
    in_charge_email = EmailField("Son courriel", at_most(250), filters=[tidy])

    @classmethod
    def values(cls, stored: Answers) -> dict[str, Any]:
        assert isinstance(stored, MeansAnswers)  # noqa: S101 - for the type
        values = dict(vars(stored))
        for line in values.pop("staff"):
            values[f"staff_{line.who}_count"] = line.count
            values[f"staff_{line.who}_fte"] = line.fte
        return values

    def propose(self, project: Project) -> None:
        """The legal representative answers for the action, until somebody else is named."""
        if any(self[name].data for name in CONTACT):
            return
        for name in CONTACT:
            self[name].data = getattr(
                project.organisation, name.replace("in_charge", "representative")
            )

    @property
    def staff(self) -> list[StaffFields]:
        return [StaffFields(self, who) for who in PEOPLE]

    def answers(self) -> MeansAnswers:
        lines = (
            Staff(who, self[f"staff_{who}_count"].data, self[f"staff_{who}_fte"].data)
            for who in PEOPLE
        )
        texts = {name: self[name].data for name in ("means", "evaluation", *CONTACT)}
        staff = tuple(ln for ln in lines if ln.count is not None or ln.fte is not None)
        return MeansAnswers(staff=staff, **texts)


for _who, _label in PEOPLE.items():
    _bare = _label.removeprefix("- dont ")
    setattr(MeansForm, f"staff_{_who}_count", WholeField(f"{_bare} : nombre", most=100_000))
    setattr(MeansForm, f"staff_{_who}_fte", QuantityField(f"{_bare} : ETP"))
