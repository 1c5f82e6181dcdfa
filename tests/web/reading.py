"""A page's text, as it is read."""

import re


def plain(page: str) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", page).replace("&#39;", "'")
