"""French typography in the texts of templates, and nowhere else."""

from __future__ import annotations

from flask import Flask


def test_no_line_ends_before_a_sign_or_within_a_number(app: Flask) -> None:
    template = app.jinja_env.from_string(
        "Oui : « L. 231-4 », à 23 h 59 ; non ? {{ 'a : b' }} <a href='/x?a=1&amp;b'>c</a>"
    )
    shown = template.render()
    assert shown.replace("\xa0", "_") == ("Oui_: «_L._231-4_», à 23_h_59_; non_? a : b <a href='/x?a=1&amp;b'>c</a>")
