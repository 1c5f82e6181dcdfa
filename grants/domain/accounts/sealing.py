"""What is kept, or goes out and comes back, encrypted with the application's key: a key of its own for each purpose."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

_secret = ""


def configure(secret_key: str) -> None:
    global _secret
    _secret = secret_key


def cipher(purpose: str) -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(f"{purpose}:{_secret}".encode()).digest()))


def seal(purpose: str, *parts: Any) -> str:
    """`parts`: as JSON knows them."""
    return cipher(purpose).encrypt(json.dumps(parts).encode()).decode()


def opened(purpose: str, sealed: str, life: int | None = None) -> list[Any] | None:
    """Nothing where it is not ours, or older than `life` (seconds)."""
    try:
        parts: list[Any] = json.loads(cipher(purpose).decrypt(sealed.encode(), ttl=life))
    except InvalidToken:
        return None
    return parts
