"""Names compared as people mean them, whatever the typing."""

from __future__ import annotations

import re
from unicodedata import normalize

_APOSTROPHES = re.compile("[\u2019\u2018\u02bc\u00b4`\u2032]")


def fold(text: str) -> str:
    """`text` for comparison: equal after NFC, case, spaces and apostrophes.

    Longer than `text` at times (`ß` becomes `ss`).
    """
    folded = normalize("NFC", normalize("NFD", text).casefold())
    return " ".join(_APOSTROPHES.sub("'", folded).split())
