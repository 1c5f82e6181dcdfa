"""What somebody had before them, where no version tells one state from another."""

from __future__ import annotations

import hashlib


def fingerprint(values: object) -> str:
    """The same for the same values: a page carries it, and what it sends is compared."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]
