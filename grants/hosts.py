"""By which names the site is asked for: what is no name, or another site's, is refused first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import get_host

from grants.config import Settings

_HERE = ["127.0.0.1", "localhost", "[::1]"]
_REFUSED = "Adresse inconnue : ouvrez le site par son adresse habituelle.\n"


class KnownHosts:
    """In production, the public address (GRANTS_BASE_URL) and this machine; elsewhere any name."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.app, self.url_map = app.wsgi_app, app.url_map
        public = urlsplit(settings.base_url).hostname or ""
        self.trusted = [public, *_HERE] if settings.production and public not in _HERE else None

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        try:
            get_host(environ, self.trusted)
            self.url_map.bind_to_environ(environ)
        except (HTTPException, ValueError):
            start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
            return [_REFUSED.encode()]
        return self.app(environ, start_response)
