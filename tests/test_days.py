"""The day is that of Paris: between 22:00 or 23:00 and midnight UTC it is already the next one."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UTC_DAY = re.compile(r"\b(now\((UTC)?\)|utcnow\(\))\.(date\(\)|year|month|day)\b|(date\.today|func\.date)\(")


def test_no_day_is_taken_from_utc() -> None:
    files = [
        f
        for folder in ("grants", "exports", "tests", "soak", "bench")
        for f in ROOT.glob(f"{folder}/**/*.py")
        if f != Path(__file__).resolve()
    ]
    assert files
    assert [f for f in files if UTC_DAY.search(f.read_text("utf-8"))] == []
