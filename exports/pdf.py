"""PDF from a Typst template and data; the only importer of typst.

Data goes in as JSON and comes out as text: what people wrote is never markup. The result is
PDF/UA-1, tagged, in French, with a title; its fonts are those that Typst brings along, so that a
document looks the same on every machine.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

import typst

from grants import paths
from grants.domain.contract.colours import DEFAULT, tokens
from grants.models import SiteIdentity

TEMPLATES = paths.TEMPLATES / "pdf"
# What Typst's own Libertinus Serif has not: emoji, Arabic, Chinese, control characters ...
BEYOND = re.compile(
    "[^\n\t\u0020-\u007e\u00a0-\u024f\u0391-\u03a1\u03a3-\u03ff\u0400-\u045f\u2010-\u2027\u202f-\u203a€™]"
)
MISSING = "□"


@dataclass(frozen=True)
class Letterhead:
    """Whose document it is. `ink`: of titles, read on white; `logo`: the bytes of a PNG."""

    name: str = ""
    service: str = ""
    contact: str = ""
    rule: str = DEFAULT
    ink: str = DEFAULT
    logo: list[int] = field(default_factory=list)


def letterhead(identity: SiteIdentity, logo: bytes) -> Letterhead:
    colours = tokens(identity.accent)
    contact = " · ".join(filter(None, (*identity.address.splitlines(), identity.number, identity.email)))
    rule, ink = colours["brand"], colours["brand-deep"]
    return Letterhead(identity.name, identity.service, contact, rule, ink, list(logo))


def render(template: str, data: dict[str, Any], head: Letterhead | None = None) -> bytes:
    """The document `templates/pdf/<template>.typ` makes of `data` (JSON's own types only).

    PDF/UA-1 refuses a character that no font can show: such text is set anew with the fonts of the
    machine, and where these have no such character either, it is shown as an empty box.
    """
    data = data | {"head": asdict(head or Letterhead())}
    text = json.dumps(data, ensure_ascii=False)
    try:
        return _compile(template, text)
    except typst.TypstError:
        try:
            return _compile(template, text, system_fonts=True)
        except typst.TypstError:
            return _compile(template, json.dumps(_within(data), ensure_ascii=False))


def _compile(template: str, data: str, *, system_fonts: bool = False) -> bytes:
    made: bytes = typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        format="pdf",
        sys_inputs={"data": data},
        pdf_standards="ua-1",
        ignore_system_fonts=not system_fonts,
    )
    return made


def _within(value: Any) -> Any:
    """The same with an empty box for each character that the font lacks."""
    if isinstance(value, str):
        return BEYOND.sub(MISSING, value)
    if isinstance(value, dict):
        return {key: _within(each) for key, each in value.items()}
    return [_within(each) for each in value] if isinstance(value, list) else value
