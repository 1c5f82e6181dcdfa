"""By which names the site is asked for: what is no name, or another site's, is refused first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.urls import iri_to_uri
from werkzeug.wsgi import get_host

from grants.config import Settings

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_REFUSED = "Adresse inconnue : ouvrez le site par son adresse habituelle (réglage GRANTS_BASE_URL).\n"


class KnownHosts:
    """In production, the public address (GRANTS_BASE_URL) and this machine; elsewhere any name."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.app, self.url_map = app.wsgi_app, app.url_map
        public = urlsplit(iri_to_uri(settings.base_url)).hostname
        self.trusted = {public, *_LOOPBACK} if settings.production else None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            # Werkzeug's own list of trusted hosts never takes an address of IPv6.
            host = urlsplit(f"//{get_host(environ)}").hostname
            if self.trusted and host not in self.trusted:
                raise SecurityError
            self.url_map.bind_to_environ(environ)
        except (HTTPException, ValueError):
            start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
            return [_REFUSED.encode()]
        return self.app(environ, start_response)
