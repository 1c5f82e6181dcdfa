"""What our own scripts ask is answered in JSON rather than by a page."""

from __future__ import annotations

from flask import request


def for_script() -> bool:
    """The request says that it wants JSON before anything else."""
    return request.accept_mimetypes.best == "application/json"
