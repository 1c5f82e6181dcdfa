"""What a few examples show in the tests, shown on as many as there is time for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy

from tests.conftest import both
from tests.domain.decisions.test_decisions_property import WAYS, check_rules_hold
from tests.queries import test_past
from tests.web.test_committee import PROJECTS, check_equal_figures


def _for_long(examples: SearchStrategy[Any], check: Callable[[Any], None], seconds: float) -> None:
    others = settings(max_examples=25, derandomize=False)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        others(given(examples)(lambda example: check(example)))()


def test_the_rules_hold_whatever_is_decided(app: Flask, seconds: float) -> None:
    _for_long(WAYS, check_rules_hold, seconds)


def test_page_workbook_and_csv_carry_equal_figures(app: Flask, sign_in, seconds: float) -> None:
    _for_long(PROJECTS, lambda projects: check_equal_figures(sign_in, projects), seconds)


@both
def test_each_past_step_is_rebuilt_from_the_history(app: Flask, seconds: float) -> None:
    _for_long(test_past.WAYS, lambda way: test_past.check_rebuilt(app, way), seconds)
