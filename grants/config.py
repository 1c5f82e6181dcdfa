"""Settings, read once from the environment. Production refuses to start when unsafe."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

WEAK_KEY_LENGTH = 32
FEWEST_SIGNS = 8
EXAMPLES = ("secret", "change", "password", "motdepasse", "example", "exemple", "12345678", "abcdefgh")
MEGABYTE = 1024 * 1024
LOCAL_URL = "http://127.0.0.1:8000"
# Reminders of a week before the closing know by their mail that they were sent.
LEAST_MAIL_DAYS = 30


class SettingsError(Exception):
    """A setting is missing or unsafe; the message (in French) says which and what to write."""


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed over, and who sends them. `tls`: `starttls`, `tls` (from the first
    byte) or `none`."""

    host: str
    port: int
    tls: str
    user: str
    password: str
    sender: str


@dataclass(frozen=True)
class Uploads:
    """`storage_url`: a folder, or `s3://bucket/prefix`. `clamd`: `host:port`, `unix:/path` or
    nothing. `most_bytes` of one file; `total_bytes` of the files of one dossier."""

    storage_url: str
    clamd: str
    most_bytes: int
    total_bytes: int


@dataclass(frozen=True)
class Settings:
    environment: str
    database_url: str
    secret_key: str
    data_dir: Path
    behind_proxies: int
    base_url: str
    mail_server: MailServer | None
    # How long a mail that was sent is kept, in days.
    mail_days: int
    uploads: Uploads
    # Without activity for so long, one is signed out: with a role, and as an applicant.
    staff_idle_hours: int
    applicant_idle_hours: int
    # Whether administrators and coordinators need a second factor; how old a proof of who one is may be
    # where it is asked again, in minutes.
    second_factor: bool
    proof_minutes: int
    # How long a body may take to arrive; longer by its size.
    body_seconds: int
    # So many years after the end of its own a dossier is kept.
    retention_years: int
    # Base address of the public API "Recherche d'entreprises"; empty: no prefill by SIRET.
    siret_api: str

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @classmethod
    def from_environment(cls, env: Mapping[str, str] | None = None, *, usual_url: str = LOCAL_URL) -> Settings:
        """`usual_url`: where the site is, unless GRANTS_BASE_URL says it. Raises `SettingsError` for an
        unknown environment or a weak key in production."""
        env = os.environ if env is None else env
        environment = env.get("GRANTS_ENV", "development")
        if environment not in ("development", "production"):
            raise SettingsError(f"GRANTS_ENV : « {environment} » n'est pas connu, écrire development ou production")
        data_dir = _data_dir(env)
        key = env.get("SECRET_KEY", "")
        if environment == "production" and _is_weak(key):
            raise SettingsError(
                f"SECRET_KEY : en production, une clé tirée au hasard d'au moins {WEAK_KEY_LENGTH}"
                " caractères est obligatoire (par exemple celle que donne « openssl rand -hex 32 »)"
            )
        return cls(
            environment=environment,
            database_url=_database_url(env, data_dir),
            secret_key=key or _development_key(data_dir),
            data_dir=data_dir,
            behind_proxies=_whole_number(env, "GRANTS_PROXIES"),
            base_url=_base_url(env, usual_url),
            mail_server=_mail_server(env),
            mail_days=_mail_days(env),
            uploads=_uploads(env, data_dir),
            staff_idle_hours=_one_or_more(env, "GRANTS_IDLE_HOURS", "8", "heure"),
            applicant_idle_hours=_one_or_more(env, "GRANTS_APPLICANT_IDLE_HOURS", "12", "heure"),
            second_factor=_second_factor(env, environment),
            proof_minutes=_one_or_more(env, "GRANTS_PROOF_MINUTES", "30", "minute"),
            body_seconds=_one_or_more(env, "GRANTS_BODY_SECONDS", "30", "seconde"),
            retention_years=_one_or_more(env, "GRANTS_RETENTION_YEARS", "10", "année"),
            siret_api=_siret_api(env),
        )


def _data_dir(env: Mapping[str, str]) -> Path:
    """Made if it is missing, for this account alone."""
    folder = Path(env.get("GRANTS_DATA_DIR", "data")).resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise SettingsError(
            f"GRANTS_DATA_DIR : impossible d'écrire dans le dossier « {folder} »"
            f" ({error.strerror}) ; donnez-en le droit à ce compte, ou choisissez-en un autre"
        ) from None
    return folder


def _is_weak(key: str) -> bool:
    """Short, of few different signs, repeating itself, or left as somebody's example."""
    pieces = [key[at : at + 6] for at in range(len(key) - 5)]
    return (
        len(key) < WEAK_KEY_LENGTH
        or len(set(key)) < FEWEST_SIGNS
        or len(set(pieces)) < len(pieces) * 0.9
        or any(word in key.lower() for word in EXAMPLES)
    )


def _database_url(env: Mapping[str, str], data_dir: Path) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'grants.sqlite3'}"
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError(
            "DATABASE_URL : écrire sqlite:////chemin/grants.sqlite3 ou postgresql://utilisateur:motdepasse@machine/base"
        )
    return url


def _base_url(env: Mapping[str, str], usual: str) -> str:
    url = env.get("GRANTS_BASE_URL", "")
    if not url and env.get("GRANTS_SMTP_URL"):
        raise SettingsError(
            "GRANTS_BASE_URL : écrire l'adresse publique du site, comme"
            " https://subventions.ville.fr ; les liens des courriels y mènent"
        )
    if url and not (url.startswith(("https://", "http://")) and urlsplit(url).hostname):
        raise SettingsError(f"GRANTS_BASE_URL : « {url} » n'est pas une adresse https://...")
    return url.rstrip("/") or usual


def _mail_days(env: Mapping[str, str]) -> int:
    days = _whole_number(env, "GRANTS_MAIL_DAYS", "90")
    if days < LEAST_MAIL_DAYS:
        raise SettingsError(f"GRANTS_MAIL_DAYS : écrire {LEAST_MAIL_DAYS} jours au moins")
    return days


def _mail_server(env: Mapping[str, str]) -> MailServer | None:
    """Encrypted unless `?tls=none` says otherwise."""
    url, sender = env.get("GRANTS_SMTP_URL", ""), env.get("GRANTS_MAIL_FROM", "")
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _bad_mail_server() from None
    encrypted = "tls" if parts.scheme == "smtps" else "starttls"
    tls = parse_qs(parts.query).get("tls", [encrypted])[-1]
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise _bad_mail_server()
    if tls not in ("none", "starttls", "tls"):
        raise _bad_mail_server()
    if "@" not in sender or not sender.isascii() or not sender.isprintable() or " " in sender:
        raise SettingsError("GRANTS_MAIL_FROM : écrire l'adresse d'envoi, ne-pas-repondre@ville.fr")
    return MailServer(
        host=parts.hostname,
        port=port or (465 if tls == "tls" else 587),
        tls=tls,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=sender,
    )


def _bad_mail_server() -> SettingsError:
    """Without the address itself: it may hold a password."""
    return SettingsError(
        "GRANTS_SMTP_URL : écrire smtp://utilisateur:motdepasse@machine:587?tls=starttls"
        " (tls=none sans chiffrement), ou smtps://...:465"
    )


def _uploads(env: Mapping[str, str], data_dir: Path) -> Uploads:
    clamd = env.get("GRANTS_CLAMD", "")
    host, _, port = clamd.rpartition(":")
    if clamd and not clamd.startswith("unix:/") and not (host and port.isdecimal()):
        raise SettingsError(f"GRANTS_CLAMD : « {clamd} » ; écrire machine:3310 ou unix:/chemin")
    most = _whole_number(env, "GRANTS_UPLOAD_MAX_MB", "10") * MEGABYTE
    total = _whole_number(env, "GRANTS_UPLOAD_TOTAL_MB", "60") * MEGABYTE
    if not 0 < most <= total:
        raise SettingsError("GRANTS_UPLOAD_MAX_MB : écrire au moins 1, et au plus GRANTS_UPLOAD_TOTAL_MB")
    url = env.get("GRANTS_STORAGE_URL") or str(data_dir / "documents")
    return Uploads(url, clamd, most, total)


def _second_factor(env: Mapping[str, str], environment: str) -> bool:
    value = env.get("GRANTS_SECOND_FACTOR", "required" if environment == "production" else "optional")
    if value not in ("required", "optional"):
        raise SettingsError(f"GRANTS_SECOND_FACTOR : « {value} » n'est pas connu, écrire required ou optional")
    return value == "required"


def _siret_api(env: Mapping[str, str]) -> str:
    url = env.get("GRANTS_SIRET_API", "").rstrip("/")
    if url and not re.fullmatch(r"https?://[^\s?#]+", url):
        raise SettingsError("GRANTS_SIRET_API : écrire une adresse, comme https://recherche-entreprises.api.gouv.fr")
    return url


def _whole_number(env: Mapping[str, str], name: str, default: str = "0") -> int:
    value = env.get(name, default)
    if not value.isascii() or not value.isdigit():
        raise SettingsError(f"{name} : « {value} » n'est pas un nombre entier")
    return int(value)


def _one_or_more(env: Mapping[str, str], name: str, default: str, unit: str) -> int:
    number = _whole_number(env, name, default)
    if not number:
        raise SettingsError(f"{name} : écrire 1 {unit} au moins")
    return number


def _development_key(data_dir: Path) -> str:
    """A key of this machine's own, kept so that a restart signs nobody out."""
    file = data_dir / "secret_key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(os.urandom(32).hex())
    return file.read_text().strip()
