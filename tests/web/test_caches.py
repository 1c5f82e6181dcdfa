"""What a person sees stays in no cache; styles and scripts do."""

import pytest
from flask import Flask

from grants.database import db
from grants.paths import static_version
from tests.conftest import SignIn
from tests.factories import world


@pytest.mark.parametrize("path", ["/", "/mes-projets", "/reglages", "/nulle-part"])
def test_pages_of_who_is_signed_in_are_not_stored(app: Flask, sign_in: SignIn, path: str) -> None:
    person = world().applicant
    db.session.commit()
    assert sign_in(person).get(path).headers["Cache-Control"] == "no-store"
    assert "no-store" not in sign_in(None).get(path).headers.get("Cache-Control", "")


def test_static_files_are(app: Flask, sign_in: SignIn) -> None:
    person = world().applicant
    db.session.commit()
    for version in (static_version(), "of-another-day"):
        answer = sign_in(person).get(f"/static/{version}/grants.css")
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        answer.close()


def test_files_are_named_alike_with_single_spaces_for_every_browser(app: Flask, sign_in: SignIn) -> None:
    w = world()
    db.session.commit()
    client, here = sign_in(w.coordinator), f"/contrats/{w.contract.slug}/2026"
    names = {"programmation.xlsx": "Programmation", "programmation.csv": "Donnees", "projets.csv": "Projets"}
    for file, name in names.items():
        answer = client.get(f"{here}/{file}")
        assert "  " not in answer.headers["Content-Disposition"]
        assert f"{name} 2026 - " in answer.headers["Content-Disposition"]
        assert answer.headers["Content-Type"].count("charset") == file.endswith("csv")
