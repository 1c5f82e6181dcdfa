"""Passkeys (WebAuthn) as a second factor: a challenge goes out sealed, and comes back with its signed answer.

The library weighs 8 MiB a process: this module is loaded where somebody has a passkey, or makes one."""

from __future__ import annotations

import secrets

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from grants.domain.accounts import sealing
from grants.domain.accounts.second_factor import LIFE, FactorAnswer, Site, factors, is_spent, spend
from grants.errors import DomainError
from grants.models import FactorKind, SecondFactor, User, now

REFUSED = "La clé d'accès n'a pas répondu comme prévu : recommencez."


def registration(user: User, site: Site) -> tuple[str, str]:
    """What the browser is asked to make (JSON), and its challenge, sealed."""
    challenge, sealed = _challenge(user)
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_name=user.email,
        user_display_name=user.name,
        user_id=str(user.id).encode(),
        challenge=challenge,
        exclude_credentials=_known(user),
    )
    return options_to_json(options), sealed


def request(user: User, site: Site) -> tuple[str, str]:
    """What the browser is asked to sign (JSON), and its challenge, sealed."""
    challenge, sealed = _challenge(user)
    options = generate_authentication_options(rp_id=site.host, challenge=challenge, allow_credentials=_known(user))
    return options_to_json(options), sealed


def registered(user: User, answer: FactorAnswer, site: Site) -> SecondFactor:
    """Raises `DomainError` where it is no answer to that challenge."""
    challenge = _spent(user, answer)
    try:
        made = verify_registration_response(
            credential=answer.credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except Exception:  # of what it cannot read, the library raises whatever its parsers do
        raise DomainError(REFUSED) from None
    name, key = bytes_to_base64url(made.credential_id), bytes_to_base64url(made.credential_public_key)
    return SecondFactor(kind=FactorKind.PASSKEY, credential=name, secret=key, counter=made.sign_count)


def is_answer(user: User, answer: FactorAnswer, site: Site) -> bool:
    """Has a passkey of this person signed the challenge?"""
    challenge = _spent(user, answer)
    try:
        parsed = parse_authentication_credential_json(answer.credential)
        [factor] = [one for one in factors(user) if one.credential == parsed.id]
        done = verify_authentication_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(factor.secret),
            credential_current_sign_count=factor.counter,
        )
    except Exception:  # as above
        return False
    factor.counter, factor.used_at = done.new_sign_count, now()
    return True


def _challenge(user: User) -> tuple[bytes, str]:
    challenge = secrets.token_bytes(32)
    return challenge, sealing.seal("passkey", user.id, challenge.hex())


def _spent(user: User, answer: FactorAnswer) -> bytes:
    """The challenge, worth nothing from now on; raises `DomainError` where it is another's, too old, or used."""
    parts = sealing.opened("passkey", answer.sealed, LIFE) or [0, ""]
    if parts[0] != user.id or is_spent(user, parts[1]):
        raise DomainError(REFUSED)
    spend(parts[1])
    return bytes.fromhex(parts[1])


def _known(user: User) -> list[PublicKeyCredentialDescriptor]:
    own = [base64url_to_bytes(one.credential) for one in factors(user) if one.credential]
    return [PublicKeyCredentialDescriptor(id=name) for name in own]
