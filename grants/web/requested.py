"""What is asked of each funder of a call, whoever types it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from grants.domain.dossier.budget import surprising
from grants.models import Funder
from grants.web.forms import AmountField
from grants.web.versioned import MergedForm

FIELD = "funder_"


def request_fields(funders: Iterable[Funder], label: str = "{}") -> dict[str, AmountField]:
    """One per funder, for the class of a form made for their call; `label` of its name."""
    return {f"{FIELD}{each.id}": AmountField(label.format(each.label)) for each in funders}


class RequestedForm(MergedForm):
    """Has `request_fields`, of the call `campaign_id`."""

    campaign_id: int

    def validate(self, extra_validators: Any = None) -> bool:
        """An amount far beyond what its funder has may be a slip: it is asked about once."""
        sound = super().validate(extra_validators)
        changed = self.changed()
        typed = [(f, f.data) for f in self.requests() if f.data and f.name in changed]
        least = surprising(self.campaign_id) if typed else {}
        for field, amount in typed:
            if amount >= least[_funder(field)]:
                self.doubt(field)
        return bool(sound) and not self.doubted

    def requests(self) -> list[AmountField]:
        return [field for field in self if field.name.startswith(FIELD)]

    def requested(self) -> tuple[tuple[int, Decimal], ...]:
        """Funder and euros."""
        return tuple((_funder(field), field.data) for field in self.requests() if field.data)


def _funder(field: AmountField) -> int:
    return int(field.name.removeprefix(FIELD))
