"""What a form's fields hold, in words, and where two people wrote differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wtforms import BooleanField, DateField, Field, SelectField, SelectMultipleField

from grants.french import day, decimal, euros, whole
from grants.web.fields import WholeField
from grants.web.forms import AmountField, QuantityField

FIGURES: tuple[tuple[type[Field], Any], ...] = (
    (QuantityField, decimal), (AmountField, euros), (DateField, day), (WholeField, whole),
)  # fmt: skip


def _chosen(field: SelectField) -> list[str]:
    choices: Any = field.iter_choices()  # named tuples, which the stubs do not know yet
    return [choice.label for choice in choices if choice.selected and choice.value != ""]


def shown(field: Field) -> str:
    """What a field holds, as one reads it; empty text when it holds nothing."""
    value: Any = field.data
    if value is None or value == "":
        return ""
    if isinstance(field, SelectMultipleField):
        return ", ".join(_chosen(field))
    if isinstance(field, SelectField):
        return "".join(_chosen(field))
    if isinstance(field, BooleanField):
        return "oui" if value else "non"
    if isinstance(value, list):
        return " · ".join(value)
    for kind, words in FIGURES:
        if isinstance(field, kind):
            return str(words(value))
    return str(value)


@dataclass(frozen=True)
class Difference:
    """A field that two people wrote differently; `mark` tells what is stored now."""

    label: str
    stored: str
    typed: str
    mark: str
