"""A dossier in each kind of call, with axe on every page at both widths (in Chromium)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from soak.conftest import LONG
from tests.e2e.conftest import Visitor
from tests.e2e.test_each_kind_of_campaign import BEARERS, application, deposit, email, server

__all__ = ["application", "server"]  # fixtures


@pytest.mark.parametrize("code", BEARERS if LONG else ["FIPD"])
def test_a_dossier_is_deposited(visit: Callable[..., Visitor], application: Flask, code: str) -> None:
    deposit(visit(email(code)), code, thorough=True)
