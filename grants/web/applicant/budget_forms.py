"""The forms in figures: a field per account of the chart, a field per funder of the call."""

from __future__ import annotations

from typing import Any, Self

from wtforms import BooleanField, Field, SelectField

from grants.domain.chart_of_accounts import ACCOUNTS, Account
from grants.domain.dossier.budget import BudgetAnswers, OtherSubsidy, RequestAnswers, funders_of
from grants.domain.dossier.drafts import Answers
from grants.models import OtherFunding, Project
from grants.web.applicant.forms import SectionForm
from grants.web.fields import line
from grants.web.forms import AmountField
from grants.web.requested import FIELD, RequestedForm, request_fields
from grants.words import word

SUBSIDY_ROWS = 12
BLANK_ROWS = 2
STATUSES = [(status, word(status)) for status in OtherFunding]


class SubsidyFields:
    """The four fields of one line 74 from outside the call."""

    def __init__(self, form: BudgetForm, row: int) -> None:
        self.row = row
        self.label: Field = form[f"other_label_{row}"]
        self.amount: Field = form[f"other_amount_{row}"]
        self.status: SelectField = form[f"other_status_{row}"]
        self.law: Field = form[f"other_law_{row}"]

    @property
    def used(self) -> bool:
        return bool(self.label.data or self.amount.data is not None or self.amount.errors)

    def check(self) -> bool:
        """A name without amount, or an amount without name, is a slip; says so at the field."""
        if self.label.data and self.amount.data is None and not self.amount.errors:
            self.amount.errors = ["Indiquez le montant de cette subvention."]
        if self.amount.data is not None and not self.label.data:
            self.label.errors = ["Indiquez qui apporte cette subvention."]
        return not self.label.errors and not self.amount.errors

    def answer(self) -> OtherSubsidy:
        return OtherSubsidy(self.label.data, self.amount.data, self.status.data, self.law.data, self.row)


class BudgetForm(SectionForm):
    """Its fields: `a606` for each account, `other_label_0` ... for the other subsidies."""

    holds = BudgetAnswers

    @classmethod
    def values(cls, stored: Answers) -> dict[str, Any]:
        assert isinstance(stored, BudgetAnswers)  # noqa: S101 - for the type
        values: dict[str, Any] = {f"a{code}": amount for code, amount in stored.amounts}
        for other in stored.subsidies:
            values[f"other_label_{other.row}"] = other.label
            values[f"other_amount_{other.row}"] = other.amount
            values[f"other_status_{other.row}"] = other.status
            values[f"other_law_{other.row}"] = other.ordinary_law
        return values

    def offer(self, project: Project) -> None:
        for row in self.subsidies:
            row.status.choices = STATUSES

    def account(self, account: Account) -> Field:
        field: Field = self[f"a{account.code}"]
        return field

    @property
    def subsidies(self) -> list[SubsidyFields]:
        return [SubsidyFields(self, row) for row in range(SUBSIDY_ROWS)]

    @property
    def shown_subsidies(self) -> list[SubsidyFields]:
        """Those used, and two blank ones to go on."""
        used = [row for row, fields in enumerate(self.subsidies) if fields.used]
        return self.subsidies[: (used[-1] + 1 if used else 0) + BLANK_ROWS]

    def together(self, name: str) -> str:
        """A line is one answer."""
        return f"other_{name.rpartition('_')[2]}" if name.startswith("other_") else name

    def validate(self, extra_validators: Any = None) -> bool:
        sound = super().validate(extra_validators)
        checks = [fields.check() for fields in self.subsidies]
        return bool(sound) and all(checks)

    def answers(self) -> BudgetAnswers:
        typed = ((code, self[f"a{code}"].data) for code in ACCOUNTS)
        return BudgetAnswers(
            tuple((code, amount) for code, amount in typed if amount),
            tuple(row.answer() for row in self.subsidies if row.label.data or row.amount.data is not None),
        )


for _account in ACCOUNTS.values():
    setattr(BudgetForm, f"a{_account.code}", AmountField(_account.label))
for _row in range(SUBSIDY_ROWS):
    _which = f"subvention n° {_row + 1}"
    setattr(BudgetForm, f"other_label_{_row}", line(f"Organisme ({_which})"))
    setattr(BudgetForm, f"other_amount_{_row}", AmountField(f"Montant ({_which})"))
    setattr(
        BudgetForm,
        f"other_status_{_row}",
        SelectField(f"Où en est-elle ? ({_which})", coerce=OtherFunding, default=OtherFunding.ASKED),
    )
    setattr(BudgetForm, f"other_law_{_row}", BooleanField(f"Droit commun ({_which})"))


class RequestForm(RequestedForm, SectionForm):
    """A field per funder of the call; its class is made for the call (`showing`)."""

    holds = RequestAnswers

    @classmethod
    def showing(cls, project: Project, stored: Answers, **more: Any) -> Self:
        of_call: type[Self] = type("RequestForm", (cls,), request_fields(funders_of(project)))
        return super(RequestForm, of_call).showing(project, stored, **more)

    @classmethod
    def values(cls, stored: Answers) -> dict[str, Any]:
        assert isinstance(stored, RequestAnswers)  # noqa: S101 - for the type
        return {f"{FIELD}{funder_id}": amount for funder_id, amount in stored.amounts}

    def offer(self, project: Project) -> None:
        self.campaign_id = project.campaign_id

    def answers(self) -> RequestAnswers:
        return RequestAnswers(self.requested())
