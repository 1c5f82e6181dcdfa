"""Numbers, dates and instants as French readers write them (Babel's rules, Paris time)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date

PARIS = ZoneInfo("Europe/Paris")
NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
NOTHING = "–"


def today() -> date:
    """The day that it is in Paris."""
    return datetime.now(PARIS).date()


def whole(value: int | None) -> str:
    """`14252` → `14 252`; nothing is `–`."""
    return NOTHING if value is None else f"{value:,}".replace(",", NARROW_SPACE).replace("-", "−")


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def counted(number: int, *words: str) -> str:
    """`1 dossier créé`, `2 dossiers créés`; nought is singular in French."""
    return " ".join([whole(number), *(word + "s" * (number > 1) for word in words)])


def euros(value: Decimal | None) -> str:
    """`14252` → `14 252 €`, cents only when there are any; nothing is `–`."""
    if value is None:
        return NOTHING
    text = f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"
    text = text.replace(",", NARROW_SPACE).replace(".", ",").replace("-", "−")
    return f"{text}{NO_BREAK_SPACE}€"


def decimal(value: Decimal | None) -> str:
    """`1.50` → `1,5`; nothing is `–`."""
    if value is None:
        return NOTHING
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return text.replace(",", NARROW_SPACE).replace(".", ",")


def percent(value: Decimal | None) -> str:
    """A share already rounded, in hundredths of a percent: `4.82` → `4,82 %`."""
    if value is None:
        return NOTHING
    return f"{value:.2f}".replace(".", ",").replace("-", "−") + f"{NO_BREAK_SPACE}%"


def day(value: date | None) -> str:
    """`21 octobre 2022` (`1er janvier` for the first); an instant is first taken to Paris."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = value.astimezone(PARIS).date()
    return _spelled(value)


@lru_cache(1024)
def _spelled(value: date) -> str:
    """A page tells the same few days again and again, and Babel takes long over each."""
    text = format_date(value, "d MMMM y", locale="fr")
    return "1er" + text[1:] if value.day == 1 else text


def instant(value: datetime | None) -> str:
    """`21 octobre 2022 à 14 h 05`, Paris time."""
    if value is None:
        return NOTHING
    return f"{day(value.astimezone(PARIS).date())} à {clock(value)}"


def clock(value: datetime) -> str:
    """`14 h 05`, Paris time."""
    local = value.astimezone(PARIS)
    return f"{local:%H}{NO_BREAK_SPACE}h{NO_BREAK_SPACE}{local:%M}"


def deadline(closes_at: datetime | None) -> str:
    """A closing instant is stored exclusive: the last minute that still counts is shown."""
    if closes_at is None:
        return NOTHING
    last = closes_at.timestamp() - 60
    return f"jusqu'au {instant(datetime.fromtimestamp(last, PARIS))}"
