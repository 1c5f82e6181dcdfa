"""What an administrator changes of whose service this is, with its logo."""

from __future__ import annotations

import re
from dataclasses import asdict
from io import BytesIO
from typing import IO

from PIL import Image, ImageOps

from grants.database import db
from grants.domain.contact import email_at, phone_at, website_at
from grants.domain.contract.identity import IdentityTerms, blank
from grants.domain.documents.document import ReceivedFile, named
from grants.domain.ledger import history
from grants.domain.locking import fresh
from grants.errors import DomainError
from grants.models import SiteIdentity, User, now
from grants.storage import Storage

COLOUR = re.compile(r"#?([0-9a-f]{6})")
LOGO_POINTS = 9_000_000  # width by height; more is refused before it is unpacked
LOGO_BOX = 480, 200  # pixels: twice what a page shows


def locked() -> SiteIdentity:
    """The row to be changed, written empty where there is none."""
    found = db.session.get(SiteIdentity, 1)
    if found is not None:
        return fresh(found)
    made = blank()
    db.session.add(made)
    db.session.flush()
    return made


def colour(typed: str) -> str:
    """As it is stored. Raises `DomainError` at `accent`."""
    found = COLOUR.fullmatch(typed.strip().lower())
    if not found:
        raise DomainError(
            "Écrivez une couleur comme #0b6b64 : un dièse, puis six chiffres ou lettres de a à f.", "accent"
        )
    return f"#{found[1]}"


def change(identity: SiteIdentity, terms: IdentityTerms, *, by: User) -> None:
    """Of the row that `locked` gave. Raises `DomainError` at the field."""
    checked = asdict(terms) | {
        "accent": colour(terms.accent),
        "phone": phone_at("phone", terms.phone),
        "email": email_at("email", terms.email),
        "website": website_at("website", terms.website),
    }
    history.change_each(identity, "update", checked, by=by)


def set_logo(received: ReceivedFile | None, storage: Storage, *, by: User) -> str:
    """Its picture, drawn anew as a PNG (nothing else that a file may hide stays), in place of the
    old one; nothing: none. The key of what is now stored. Raises `DomainError`."""
    identity = locked()
    old = identity.logo
    identity.logo = None
    if received:
        with storage.open(received.stored.key) as file:
            drawn = storage.write(_drawn(file))
        logo = ReceivedFile("logo.png", "image/png", drawn)
        identity.logo = named(logo, by)
        db.session.flush()
    if old:
        old.removed_at = now()
    history.record(identity, "update", by=by, field="logo", new=received.filename if received else "")
    return identity.logo.storage_key if identity.logo else ""


def _drawn(file: IO[bytes]) -> BytesIO:
    try:
        with Image.open(file, formats=("PNG", "JPEG", "WEBP")) as picture:
            if picture.width * picture.height > LOGO_POINTS:
                raise DomainError("Cette image est trop grande : réduisez-la, 1 000 pixels de large suffisent.", "logo")
            picture.load()
            drawn = ImageOps.exif_transpose(picture).convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DomainError("Cette image ne s'ouvre pas. Envoyez le logo en PNG, JPEG ou WebP.", "logo") from None
    drawn.thumbnail(LOGO_BOX)
    made = BytesIO()
    drawn.save(made, "PNG", optimize=True)
    made.seek(0)
    return made
