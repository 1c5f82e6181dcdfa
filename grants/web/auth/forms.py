"""The shape of what people type about themselves and their organisation."""

from __future__ import annotations

from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is not in the stubs yet
    EmailField,
    Field,
    PasswordField,
    RadioField,
    SelectChoice,
)
from wtforms.validators import InputRequired

from grants.domain.accounts import accounts, passwords
from grants.domain.contact import normalise_email
from grants.models import MemberRole
from grants.web.fields import AtMost, at_most, line, tidy
from grants.web.forms import CheckedText, Form, NoNul
from grants.words import word

MAX_PASSWORD = AtMost(200)


def typed(field: Field) -> str:
    """What a person wrote in a field of text."""
    return str(field.data or "")


def _email(label: str, autocomplete: str, *more: CheckedText) -> EmailField:
    return EmailField(
        label,
        validators=[*at_most(254, "Indiquez votre adresse de courriel."), *more],
        filters=[tidy, str.lower],
        render_kw={"autocomplete": autocomplete, "spellcheck": "false"},
    )


def _new_password(label: str) -> PasswordField:
    return PasswordField(
        label,
        validators=[
            InputRequired("Choisissez un mot de passe."),
            MAX_PASSWORD,
            NoNul(),
            CheckedText(passwords.check_strength),
        ],
        render_kw={"autocomplete": "new-password"},
    )


def known_password(label: str, needed: Any = None) -> PasswordField:
    needed = needed or InputRequired("Écrivez votre mot de passe.")
    return PasswordField(
        label, validators=[needed, MAX_PASSWORD, NoNul()], render_kw={"autocomplete": "current-password"}
    )


class EmailForm(Form):
    email = _email("Adresse de courriel", "username")


class SignInForm(EmailForm):
    password = known_password("Mot de passe")


class NameForm(Form):
    name = line(
        "Prénom et nom",
        needed="Indiquez votre nom.",
        also=[CheckedText(accounts.person_name)],
        render_kw={"autocomplete": "name"},
    )


class SignUpForm(NameForm):
    email = _email("Adresse de courriel", "username", CheckedText(normalise_email))
    password = _new_password("Mot de passe")


class ChoosePasswordForm(Form):
    password = _new_password("Nouveau mot de passe")


class ChangePasswordForm(Form):
    current = known_password("Mot de passe actuel")
    password = _new_password("Nouveau mot de passe")


class MemberRoleForm(Form):
    role = RadioField(
        "Rôle",
        choices=[SelectChoice(r.value, word(r)) for r in MemberRole],
        coerce=MemberRole,
        validators=[InputRequired("Choisissez un rôle.")],
    )
