"""Every page of the settings that adds a thing takes what a browser sends: each field that the page
holds, the hidden ones too."""

from io import BytesIO

import pytest
from flask import Flask

from grants.database import db
from tests.documents import PDF
from tests.factories import campaign, world
from tests.factories.agreements import agreement
from tests.place import routes
from tests.web.dossiers import send

TYPED = {
    "admin.add_contract": {"label": "Ville-du-Pont", "start_year": "2024", "end_year": "2030"},
    "admin.add_institution": {"label": "Métropole"},
    "admin.add_funder": {"code": "FIPD", "label": "État – FIPD"},
    "admin.add_zone": {"label": "Les Rives"},
    "admin.add_commune": {"label": "Metz", "insee": "57463"},
    "admin.add_cross_theme": {"label": "Jeunesse"},
    "admin.add_theme": {"label": "Santé"},
    "admin.add_campaign": {"kind": "VVV", "label": "VVV été", "preset": "VVV"},
    "admin.add_envelope": {"amount": "12 000"},
    "admin.add_question": {"label": "Combien de filles ?", "type": "NUMBER"},
    "admin.add_criterion": {"label": "QPV", "percent": "50", "part": "beneficiaries_qpv", "total": "beneficiaries"},
    "admin.add_item": {"label": "Utilité pour les habitants"},
    "admin.add_document": {"label": "Règlement", "file": (BytesIO(PDF), "reglement.pdf")},
    "admin.add_agreement": {"title": "Lire ensemble"},
    "admin.add_agreement_action": {"title": "Lectures du soir"},
    "admin.add_account": {"name": "Alix", "email": "alix@example.fr"},
}


@pytest.mark.slow
def test_each_takes_all_that_its_page_sends(app: Flask, sign_in) -> None:
    w = world("ici")
    year = w.campaign.year + 1
    agreed = agreement(w, {w.cget: (0, 100)}, signed=False)
    campaign(w.contract, [w.cget], year=year)
    db.session.commit()
    parts = {
        "slug": "ici",
        "institution_id": w.state.id,
        "funder_id": w.cget.id,
        "year": year,
        "campaign_id": w.campaign.id,
        "path": "analyse",
        "agreement_id": agreed.id,
    }
    administrator, coordinator = sign_in(w.administrator), sign_in(w.coordinator)
    with app.test_request_context():
        pages = {
            rule.endpoint: app.url_map.bind("localhost").build(
                rule.endpoint, {name: parts[name] for name in rule.arguments}
            )
            for rule in routes(app)
            if rule.endpoint.startswith("admin.add_") and "GET" in rule.methods
        }
    assert set(pages) == set(TYPED)
    for endpoint, typed in TYPED.items():
        client = coordinator if "agreement" in endpoint else administrator
        answer = send(client, pages[endpoint], **typed)
        told = answer.text.partition("error-summary")[2][:600]
        assert answer.status_code in (200, 302), (endpoint, told)
        assert not told, (endpoint, told)
