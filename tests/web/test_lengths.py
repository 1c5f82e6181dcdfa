"""No browser cuts what is pasted: a text that is too long is counted, refused and kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from grants.web.fields import line, paragraphs
from grants.web.forms import Form
from tests.conftest import SignIn
from tests.place import world

ROOT = Path(__file__).parents[2]
# What makes a browser cut, in a page, in a script, or through a check of WTForms.
CUTTING = re.compile(r"maxlength *[=:\"]|\bLength\(", re.IGNORECASE)


class Written(Form):
    title = line("Titre", 5)
    text = paragraphs("Texte", 4000)


def test_no_page_and_no_script_cuts_what_is_pasted() -> None:
    sources = [
        source
        for folder, kind in [("templates", "html"), ("static/js", "js"), ("grants", "py")]
        for source in (ROOT / folder).rglob(f"*.{kind}")
    ]
    assert len(sources) > 300
    assert [str(s) for s in sources if CUTTING.search(s.read_text("utf-8"))] == []


def test_a_field_says_how_much_it_takes_with_and_without_script(app: Flask) -> None:
    with app.test_request_context(method="POST", data={"title": "123456"}):
        form = Written(meta={"csrf": False})
        assert not form.validate()
        page = render_template_string(
            '{% from "macros/form.html" import field %}{{ field(form.title) }}{{ field(form.text) }}', form=form
        )
    assert "maxlength" not in page
    assert 'data-longest="5"' in page
    assert 'data-longest="4000"' in page
    assert "5 caractères au plus : il y en a 6" in page
    assert 'value="123456"' in page
    assert re.search(r"<noscript> \(4\s000 caractères au plus\)</noscript>", page)


@pytest.mark.parametrize("words", ["a" * 120, "é" * 3000, "a " * 700])
@pytest.mark.parametrize(
    ("who", "page", "name"),
    [
        ("administrator", "/reglages/comptes", "q"),
        ("administrator", "/reglages/securite", "q"),
        ("administrator", "/reglages/contrats/{}/depots-tardifs", "mots"),
        ("coordinator", "/contrats/{}/2026/dossier-recu", "mots"),
        ("coordinator", "/contrats/{}/2026/projets", "mots"),
        ("applicant", "/organisation", "q"),
        ("applicant", "/organisation/nouvelle", "siret"),
    ],
)
def test_words_that_are_sought_are_not_cut(
    app: Flask, sign_in: SignIn, who: str, page: str, name: str, words: str
) -> None:
    w = world()
    client = sign_in(getattr(w, who))
    answer = client.get(page.format(w.contract.slug), query_string={name: words})
    assert (answer.status_code, words.strip() in answer.text) == (200, True)
