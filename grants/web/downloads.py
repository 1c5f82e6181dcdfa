"""Files to download, under names that people recognise."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any

from flask import Response, send_file

from exports.pdf import Letterhead, letterhead
from grants.web.filters import identity
from grants.web.uploads import storage

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
_NOT_IN_A_FILE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


def own_letterhead() -> Letterhead:
    """Of this site, for a document."""
    content = b""
    if logo := identity().logo:
        with suppress(FileNotFoundError), storage().open(logo.storage_key) as file:
            content = file.read()
    return letterhead(identity(), content)


def send_table(content: bytes | BytesIO, name: str, mimetype: str) -> Response:
    """`name` may have accents: browsers that do not know them get it without, and would get two
    spaces for a long dash, so it is a short one. Never cached: the figures change, and not
    everybody may read them."""
    stream = BytesIO(content) if isinstance(content, bytes) else content
    stream.seek(0)
    response = send_file(
        stream,
        mimetype=mimetype,
        as_attachment=True,
        max_age=0,
        download_name=_NOT_IN_A_FILE_NAME.sub("-", name.replace("–", "-")),
    )
    response.cache_control.no_store = True
    return response


def send_workbook(name: str, write: Callable[..., None], *what: Any) -> Response:
    """`write`: takes `what` it is to hold, and where to."""
    out = BytesIO()
    write(*what, out)
    return send_table(out, f"{name}.xlsx", XLSX)
