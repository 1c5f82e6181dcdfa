"""The file of envelopes: refused with the line and column of each fault, a cut with its reason."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.importing import ImportRefused, import_envelopes
from grants.models import Campaign, Envelope, EnvelopeStatus
from tests.conftest import both
from tests.domain.importing.real import contract_and_envelopes, faults_of, import_all

ENVELOPES = {
    "unknown funder": ("CGTE;1;", "colonne financeur : « CGTE » n'est pas connu"),
    "no funder": (";1;", "colonne financeur : vide"),
    "outside the call": ("PRE;1;", "« PRE » ne participe pas à l'appel « Contrat de ville 2021 »"),
    "no amount": ("CGET;;", "colonne montant : vide"),
    "negative": ("CGET;-1;", "colonne montant : « -1 » n'est pas un montant"),
    "twice": ("VILLE;2;", "ligne 3, colonne financeur : cette enveloppe est déjà à la ligne 2"),
}


@pytest.mark.parametrize("case", ENVELOPES)
def test_a_wrong_envelope(app: Flask, case: str) -> None:
    contract, by = contract_and_envelopes()
    cells, said = ENVELOPES[case]
    head = "annee;dispositif;financeur;montant;source\n2021;Contrat de ville;VILLE;5;\n"
    data = f"{head}2021;Contrat de ville;{cells}\n".encode()
    faults = faults_of(lambda: import_envelopes(data, contract, by=by))
    assert any(said in fault for fault in faults), faults
    assert 5 not in db.session.scalars(select(Envelope.amount)).all()


def test_a_status_that_is_not_said_stays(app: Flask) -> None:
    contract, by = contract_and_envelopes()
    call = db.session.scalars(select(Campaign).where(Campaign.year == 2021)).first()
    [link] = [each for each in call.funders if each.funder.code == "CGET"]
    link.envelope.status = EnvelopeStatus.PROVISIONAL
    db.session.flush()
    head = "annee;dispositif;financeur;montant"
    row = f"2021;{call.kind};CGET;{link.envelope.amount}"
    assert import_envelopes(f"{head}\n{row}\n".encode(), contract, by=by).unchanged == 1
    assert link.envelope.status is EnvelopeStatus.PROVISIONAL


@pytest.mark.slow
@both
def test_an_envelope_cut_below_what_is_granted_says_why_and_tells_its_deficit(app: Flask) -> None:
    contract, by, _ = import_all()
    head = "annee,dispositif,financeur,montant,date,source\n2021,Contrat de ville,"
    with pytest.raises(ImportRefused, match=r"ligne 2, colonne montant : .* la date et la source"):
        import_envelopes(f"{head}CGET,295475.99\n".encode(), contract, by=by)
    cut = f"{head}CGET,295475.99,01/06/2021,Gel\n".encode()
    assert "déficit de 0,01" in import_envelopes(cut, contract, by=by).messages[1]
    assert import_envelopes(cut, contract, by=by).unchanged == 1
