"""grants: the grant programme of a contrat de ville."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from flask import Flask, Request, Response, send_from_directory
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.middleware.proxy_fix import ProxyFix

from grants import extensions
from grants.config import Settings
from grants.database import configure_engine, db
from grants.domain.accounts import sealing
from grants.domain.mail import mail
from grants.hosts import KnownHosts
from grants.paths import STATIC, TEMPLATES, static_version


class SiteRequest(Request):
    """What an address asks for, without the sign that PostgreSQL takes in no text; forms refuse it
    at their fields (`web/forms.py`)."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        asked = super().args.items(multi=True)
        return ImmutableMultiDict((name, text.replace("\x00", "")) for name, text in asked)


def create_app(settings: Settings | None = None) -> Flask:
    """Raises `config.SettingsError` when the environment is incomplete or unsafe."""
    settings = settings or Settings.from_environment()
    app = Flask("grants", template_folder=str(TEMPLATES), static_folder=None)
    app.request_class = SiteRequest
    _serve_static(app)
    _configure(app, settings)
    db.init_app(app)
    with app.app_context():
        configure_engine(db.engine)
    extensions.compress.init_app(app)
    extensions.csrf.init_app(app)
    extensions.talisman.init_app(
        app,
        force_https=settings.production,
        session_cookie_secure=settings.production,
        content_security_policy=extensions.CONTENT_SECURITY_POLICY,
    )
    mail.configure(settings.base_url)
    sealing.configure(settings.secret_key)
    from grants import web

    web.init_app(app)
    app.wsgi_app = KnownHosts(app, settings)  # type: ignore[method-assign]
    if settings.behind_proxies:
        n = settings.behind_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


def _serve_static(app: Flask) -> None:
    """Under any version: a page may be older than this server, or of another machine's."""
    version = static_version()

    def static(version: str, filename: str) -> Response:
        return send_from_directory(STATIC, filename)

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("version", version)

    app.add_url_rule("/static/<version>/<path:filename>", "static", static)


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True} if settings.database_url.startswith("postgresql") else {},
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
        # Pages hold CSRF tokens, so only what is public is compressed (BREACH).
        COMPRESS_MIMETYPES=["text/css", "text/javascript"],
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # a page left open overnight must still save
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
