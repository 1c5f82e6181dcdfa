"""The fields that forms of several kinds of users have: texts, counts, choices, what was seen."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask import render_template
from markupsafe import Markup
from wtforms import EmailField, Field, HiddenField, SelectMultipleField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from grants.domain.contact import email_at, phone_at
from grants.domain.money import parse_amount
from grants.errors import DomainError
from grants.french import whole
from grants.names import clean
from grants.web.forms import CheckedText, NoNul

LONGEST_LINE = 250
LONGEST_TEXT = 10_000


def tidy(text: str | None) -> str:
    return clean((text or "").replace("\r\n", "\n")).strip()


def one_line(text: str | None) -> str:
    return " ".join(clean(text or "").split())


class AtMost:
    """Refuses a longer text, which stays in its field: a browser told of it (`maxlength`) would cut
    what is pasted without a word."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.field_flags = {"longest": length}  # `forms.Form` writes it at its control

    def __call__(self, form: Any, field: Field) -> None:
        if (there := len(field.data or "")) > self.length:
            raise ValidationError(f"Écrivez {self.length} caractères au plus : il y en a {there}.")


def at_most(length: int, needed: str = "") -> list[Any]:
    """`needed`: what is said where nothing is written; without it nothing may be."""
    checks = [AtMost(length), NoNul()]
    return [DataRequired(needed), *checks] if needed else checks


class TextLine(StringField):
    """Its filter leaves no `None`."""

    data: str


class Paragraphs(TextAreaField):
    """Its filter leaves no `None`."""

    data: str


def line(label: str, most: int = LONGEST_LINE, *, needed: str = "", also: Any = (), **more: Any) -> TextLine:
    """`also`: other checks."""
    return TextLine(label, [*at_most(most, needed), *also], filters=[one_line], **more)


def paragraphs(
    label: str, most: int = LONGEST_TEXT, *, needed: str = "", rows: int = 3, also: Any = (), **more: Any
) -> Paragraphs:
    """`also`: other checks."""
    checks = [*at_most(most, needed), *also]
    return Paragraphs(label, checks, filters=[tidy], render_kw={"rows": rows}, **more)


def email_line(label: str, **more: Any) -> EmailField:
    check = CheckedText(lambda text: email_at("", text))
    return EmailField(label, [*at_most(LONGEST_LINE), check], filters=[tidy], **more)


def phone_line(label: str, **more: Any) -> TelField:
    check = CheckedText(lambda text: phone_at("", text))
    return TelField(label, [*at_most(60), check], filters=[tidy], **more)


class SeenWidget(HiddenInput):
    """With the questions that its form has to ask (`versioned.MergedForm`)."""

    def __call__(self, field: Any, **more: Any) -> Markup:
        asks = field.asks
        asked = render_template("macros/questions.html", form=asks) if asks else ""
        return super().__call__(field, **more) + Markup(asked)  # noqa: S704  # a template of ours


class SeenField(HiddenField):
    """What the person had before them; a page that does not say so has seen nothing."""

    widget = SeenWidget()
    asks: Any = None

    @property
    def seen(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ""

    def show(self, version: str) -> None:
        self.data, self.raw_data = version, None

    @property
    def number(self) -> int:
        """As a version; 0, which nothing is at, when the page sent nothing sensible."""
        number = self.seen.partition(";")[0]
        return int(number) if re.fullmatch(r"[0-9]{1,9}", number) else 0


class WholeField(StringField):
    """A count as people type it (`1 200`), or nothing; `least` and `most` are its bounds."""

    data: Any

    def __init__(self, label: str, least: int = 0, most: int = 1_000_000, **more: Any) -> None:
        super().__init__(label, render_kw={"inputmode": "numeric", "autocomplete": "off"}, **more)
        self.least, self.most = least, most

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        self.data = None
        try:
            typed = parse_amount(str(valuelist[0]))
        except DomainError:
            typed = Decimal(-1)
        if typed is None:
            return
        if typed % 1 or not self.least <= typed <= self.most:
            raise ValueError(f"Écrivez un nombre entier entre {whole(self.least)} et {whole(self.most)}.")
        self.data = int(typed)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)


class Checkboxes(SelectMultipleField):
    """Several choices, a box each; `data` is a sorted tuple, as answers hold it."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
    data: Any

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.type = "SelectMultipleField"  # what the template's macro knows

    def process_data(self, value: Any) -> None:
        self.data = tuple(value or ())

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = tuple(sorted(set(self.data or ())))
