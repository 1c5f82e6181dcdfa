"""How people are reached: addresses and numbers as they are kept. Each raises `DomainError`."""

from __future__ import annotations

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from grants.errors import DomainError
from grants.names import number as number_of
from grants.names import plain

MAX_EMAIL = 254
PHONE = re.compile(r"[0-9+(). /-]+")
FRANCE = 33
WEBSITE = re.compile(r"https?://[^\s/.]+\.\S+")


def normalise_email(text: str) -> str:
    """As it is kept, in lower case; raises `DomainError` for what is no address. Whether it
    exists is not asked of anybody."""
    email = plain(text)
    if len(email) > MAX_EMAIL:
        raise DomainError(f"L'adresse dépasse {MAX_EMAIL} caractères : vérifiez-la.", "email")
    try:
        known = validate_email(email, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise DomainError(
            "Écrivez une adresse de courriel, sans espace, sans accent avant le @, ni point ou"
            " virgule à la fin, comme prenom.nom@exemple.fr.",
            "email",
        ) from None
    return str(known.ascii_email).lower()


def email_at(field: str, typed: str) -> str:
    """An address or nothing; raises `DomainError` at `field`."""
    try:
        return normalise_email(typed) if typed else ""
    except DomainError as error:
        raise DomainError(error.message, field) from None


def phone_at(field: str, typed: str) -> str:
    """A telephone number as the French write it, or nothing; raises `DomainError` at `field`."""
    text = number_of(typed)
    if not text:
        return ""
    try:
        number = phonenumbers.parse(text, "FR") if PHONE.fullmatch(text) else None
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise DomainError("Écrivez un numéro entier, comme 01 23 45 67 89 ou +32 2 123 45 67.", field)
    french = number.country_code == FRANCE
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if french else form.INTERNATIONAL)


def website_at(field: str, typed: str) -> str:
    """An address of the web or nothing; `www.exemple.fr` is meant as one. Raises `DomainError` at `field`."""
    address = plain(typed)
    if address and "://" not in address:
        address = f"https://{address}"
    if address and not WEBSITE.fullmatch(address):
        raise DomainError("Écrivez une adresse entière, comme https://www.exemple.fr.", field)
    return address
