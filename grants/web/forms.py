"""What all forms share: French messages, amounts, and a domain's refusal put at its field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar

from flask import Flask, Response, flash, g, request
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import DateField, Field, MultipleFileField
from wtforms.validators import Optional, ValidationError
from wtforms.widgets import TextInput

from grants.database import db
from grants.domain.money import parse_amount
from grants.errors import DomainError
from grants.french import decimal, whole
from grants.web.filters import plain_amount

T = TypeVar("T")
DAY_ADVICE = "Écrivez une date comme 31/12/2026."


def what_was_sent() -> MultiDict[str, str] | None:
    """The fields of this request, or those given back to their page (`web.kept`); nothing where a
    page is only opened."""
    if "kept" in g:
        g.given_back = True
        return MultiDict(g.kept.fields)
    return request.form if request.method == "POST" else None


_CHOOSE = "Ce choix n'est plus dans la liste : choisissez-en un autre, puis enregistrez."
_IN_FRENCH = {
    "Not a valid choice.": _CHOOSE,
    "Invalid Choice: could not coerce.": _CHOOSE,
    "Invalid choice(s): one or more data inputs could not be coerced.": _CHOOSE,
    "'%(value)s' is not a valid choice for this field.": _CHOOSE,
    "'%(value)s' are not valid choices for this field.": _CHOOSE,
    "This field is required.": "Remplissez ce champ.",
}


class _Words:
    """What fields and validators of the library say by themselves, in our words."""

    @staticmethod
    def gettext(text: str) -> str:
        return _IN_FRENCH.get(text, "Relisez cette réponse et corrigez-la.")

    @classmethod
    def ngettext(cls, one: str, many: str, count: int) -> str:
        return cls.gettext(one if count == 1 else many)


class Form(FlaskForm):  # type: ignore[misc]
    """`whole`: a refusal that belongs to no single field, shown in the error summary."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def get_translations(self, form: Any) -> Any:
            return _Words

        def wrap_formdata(self, form: Form, formdata: Any) -> Any:
            """What was typed, and files where a field asks for them: a file or JSON in the place of
            a text is nothing."""
            if formdata is None or hasattr(formdata, "getlist"):
                return formdata
            sent = what_was_sent()
            asked = [name for name, f in form._fields.items() if isinstance(f, MultipleFileField)]
            if sent is None or not asked or not form.is_submitted():
                return sent
            files = [(name, file) for name in asked for file in request.files.getlist(name)]
            return CombinedMultiDict((MultiDict(files), sent))

        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Any:
            if longest := field.flags.longest:
                render_kw["data-longest"] = longest  # `static/js/counter.js`
            if g.get("given_back"):
                render_kw["data-given-back"] = True  # `static/js/unsent.js`
            return super().render_field(field, render_kw)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        g.setdefault("form", self)

    @property
    def whole(self) -> list[str]:
        return list(self.form_errors)

    def refuse(self, error: DomainError) -> None:
        """Put a refusal of the domain where the person will look for it."""
        for name, message in error.messages:
            field: Field | None = self._fields.get(name or "")
            if field is None:
                self.form_errors.append(message)
            else:
                field.errors = [*field.errors, message]


@contextmanager
def refusals_at(form: Form) -> Iterator[None]:
    """Domain work under a form: a refusal rolls back and is told at the form (`form.errors`)."""
    try:
        yield
    except DomainError as error:
        db.session.rollback()
        form.refuse(error)


def made_by(form: Form, save: Callable[[], T]) -> T | None:
    """What `save` made, committed, once the form was sent whole; nothing where it was not, or was
    refused: what is wrong then stands at the form."""
    made = None
    if form.validate_on_submit():
        with refusals_at(form):
            made = save()
        if form.errors:
            return None
        db.session.commit()
    return made


def saved(form: Form, save: Callable[[], Any], done: str | Callable[[Any], str] = "") -> bool:
    """Was the form sent whole, and what it asks done, committed and said? Otherwise what is wrong
    stands at the form. `done`: or what is said of what `save` made."""
    made = made_by(form, lambda: (save(),))
    if made and (said := done(*made) if callable(done) else done):
        flash(said, "success")
    return made is not None


def _mark_refused(response: Response) -> Response:
    """A page that shows its form again, with what is wrong in it, is no success (422)."""
    form: Form | None = g.get("form")
    if request.method == "POST" and response.status_code == 200 and form and form.errors:
        response.status_code = 422
    return response


def init_app(app: Flask) -> None:
    app.after_request(_mark_refused)


class AmountField(Field):
    """Euros as people type them (`12 000,50`); `data` is a `Decimal` or `None`.

    What was typed stays in the field when it is not an amount.
    """

    widget = TextInput()
    data: Decimal | None

    def __init__(self, label: str, validators: Any = None, **more: Any) -> None:
        quiet = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(label, validators, render_kw=quiet, **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed = str(valuelist[0]) if valuelist else ""
        self.data = None
        try:
            self.data = parse_amount(self.typed)
        except DomainError as error:
            raise ValueError(error.message) from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return plain_amount(self.data)


class QuantityField(AmountField):
    """A number that may have two decimals (`0,5`); `data` is a `Decimal` or `None`."""

    def __init__(self, label: str, most: int = 100_000, **more: Any) -> None:
        super().__init__(label, **more)
        self.most = most

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Écrivez un nombre, par exemple 2 ou 0,5.") from None
        if self.data is not None and self.data > self.most:
            raise ValueError(f"Écrivez un nombre entre 0 et {whole(self.most)}.")

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else decimal(self.data)


class DayField(DateField):
    """A day, as browsers send it (`2026-12-31`) or as people type it (`31/12/2026`)."""

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, [Optional()], format=["%Y-%m-%d", "%d/%m/%Y"], invalid_value_message=DAY_ADVICE, **more)  # type: ignore[call-arg]


class CheckedText:
    """The domain's own check of one text, so that its refusal is told with the other faults."""

    def __init__(self, check: Callable[[str], object]) -> None:
        self.check = check

    def __call__(self, form: Form, field: Field) -> None:
        if not field.errors:
            try:
                self.check(field.data or "")
            except DomainError as error:
                raise ValidationError(error.message) from None


class NoNul:
    """Refuses the NUL character, which PostgreSQL cannot store."""

    def __call__(self, form: Form, field: Field) -> None:
        if isinstance(field.data, str) and "\x00" in field.data:
            raise ValidationError("Ce texte contient un caractère invisible : retapez-le.")


class RemarkNeedsChoice:
    """A remark beside a choice that is not made would not be kept: refused rather than lost."""

    def __init__(self, choice: str) -> None:
        self.choice = choice

    def __call__(self, form: Form, field: Field) -> None:
        if field.data and not form[self.choice].data:
            raise ValidationError(
                "Choisissez d'abord une réponse au-dessus, ou effacez cette remarque : seule, elle"
                " ne serait pas gardée."
            )
