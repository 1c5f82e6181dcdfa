"""Files as spreadsheets and people write them: read as they are meant, or told where not."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.database import db
from grants.domain.importing import import_envelopes, import_programming
from grants.models import Contract, Envelope, EnvelopeStatus, FundingLine, Project, User
from tests.domain.importing.real import content, contract_and_envelopes, faults_of, lines, written

Rows = list[dict[str, str]]


@pytest.fixture
def ready(app: Flask) -> tuple[Contract, User]:
    return contract_and_envelopes()


def faults(ready: tuple[Contract, User], data: bytes) -> list[str]:
    contract, by = ready
    return faults_of(lambda: import_programming(data, contract, by=by))


def granted() -> int:
    return int(db.session.scalar(select(func.sum(FundingLine.granted))) or 0)


def renamed(rows: Rows, names: dict[str, str]) -> bytes:
    return written([{names.get(name, name): text for name, text in row.items()} for row in rows])


@pytest.mark.slow
def test_headings_are_known_whatever_their_typing(ready: tuple[Contract, User]) -> None:
    contract, by = ready
    names = {
        "annee": "Année",
        "statut": " STATUT ",
        "predecesseur": "Prédécesseur",
        "motif": "Motif",
        "cout_total": "Coût total",
        "orientation_no": "Orientation No",
        "porteur": "\ufeffPorteur",
        "demande_VILLE": "Demande_VILLE",
        "accorde_VILLE": "Accordé Ville",
        "intitule_source": "Intitulé source",
    }
    for year in (2021, 2022):
        import_programming(renamed(lines(year), names), contract, by=by)
    projects = db.session.scalars(select(Project)).all()
    as_written = lines(2021) + lines(2022)
    assert granted() == sum(
        int(text) for row in as_written for name, text in row.items() if name.startswith("accorde_") and text
    )
    assert sum(p.predecessor_id is not None for p in projects) == sum(bool(row["predecesseur"]) for row in as_written)
    assert sum("Intitulé :" in p.source_note for p in projects) == sum(
        bool(row["intitule_source"]) for row in as_written
    )
    reasons = db.session.scalars(select(FundingLine.reason)).all()
    assert {"Motif non publié", ""} <= set(reasons)


HEADINGS = {
    "a slip": (
        {"demande_VILLE": "Demende VILE"},
        "ligne 1, colonne Demende VILE : n'est pas un titre de colonne connu, le plus proche est « demande_VILLE »",
    ),
    "nothing near": ({"motif": "Zzz"}, "colonne Zzz : n'est pas un titre de colonne connu, écrire l'un de : annee"),
    "none": ({"motif": ""}, "« Tard » est sous une colonne sans titre (la 29ᵉ)"),
    "twice": ({"motif": "AXE"}, "colonne axe : cette colonne figure deux fois"),
}


@pytest.mark.parametrize("case", HEADINGS)
def test_what_nobody_reads_is_told(ready: tuple[Contract, User], case: str) -> None:
    names, said = HEADINGS[case]
    rows = [row | {"motif": "Tard" if case == "none" else ""} for row in lines(many=2)]
    assert any(said in fault for fault in faults(ready, renamed(rows, names)))


def test_a_column_without_title_nor_text_is_let_be(ready: tuple[Contract, User]) -> None:
    contract, by = ready
    rows = [{**row, "": " "} for row in lines(many=2)]
    assert import_programming(written(rows), contract, by=by).created == 2


def test_the_empty_cells_at_the_end_may_be_missing(ready: tuple[Contract, User]) -> None:
    contract, by = ready
    whole = written(lines()).decode().splitlines()
    short = "\r\n".join([whole[0], *(line.rstrip(";") for line in whole[1:])])
    assert import_programming(short.encode(), contract, by=by).created == len(lines())
    assert granted() == 1_186_077


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_what_a_spreadsheet_writes_or_copies_is_read(ready: tuple[Contract, User], delimiter: str) -> None:
    rows = [row | {"statut": row["statut"].upper().removesuffix("E")} for row in lines(many=2)]
    assert import_programming(written(rows, delimiter=delimiter), ready[0], by=ready[1]).created == 2


@pytest.mark.parametrize("status", ["notifie", "Notifiée", "NOTIFIEE", "notifié"])
def test_values_of_envelopes_forget_accents_case_and_gender(ready: tuple[Contract, User], status: str) -> None:
    first, line = content("enveloppes.csv").decode().splitlines()[:2]
    cells = dict(zip(first.split(";"), line.split(";"), strict=True))
    cells |= {"financeur": cells["financeur"].lower(), "statut": status}
    text = "\n".join(";".join(each) for each in (cells.keys(), cells.values()))
    assert import_envelopes(text.encode(), ready[0], by=ready[1]).unchanged == 1


def test_the_line_that_names_the_separator(ready: tuple[Contract, User]) -> None:
    contract, by = ready
    for said, delimiter in (("sep=;", ";"), ('"SEP=,"', ","), ("sep=\t", "\t")):
        data = f"{said}\r\n".encode() + written(lines(many=2), delimiter)
        import_programming(data, contract, by=by)
    assert db.session.scalar(select(func.count()).select_from(Project)) == 2
    rows = [row | {"statut": "oui"} for row in lines(many=1)]
    [fault] = faults(ready, b"sep=;\r\n" + written(rows))
    assert fault.startswith("ligne 3, colonne statut")


def test_nothing_as_accountants_write_it(ready: tuple[Contract, User]) -> None:
    contract, by = ready
    rows = [row | {"demande_CAF": " -   € ", "accorde_CAF": "n. c."} for row in lines(many=1)]
    assert import_programming(written(rows), contract, by=by).created == 1


def test_equal_faults_are_told_once_with_their_lines(ready: tuple[Contract, User]) -> None:
    rows = lines(many=20)
    for at in (0, 1, 3, *range(6, 19)):
        rows[at]["porteur"] = "INCONNUS"
    rows[4]["porteur"] = "AUTRES"
    found = faults(ready, written(rows))
    assert [fault.split(", écrire")[0] for fault in found] == [
        "lignes 2, 3, 5, 8 à 20, colonne porteur : « INCONNUS » n'est pas connu",
        "ligne 6, colonne porteur : « AUTRES » n'est pas connu",
    ]


def test_status_and_date_of_envelopes(ready: tuple[Contract, User]) -> None:
    contract, by = ready
    text = content("enveloppes.csv").decode().splitlines()[:3]
    said = [text[0] + ";Statut;Date", text[1] + ";Provisoire;05/03/2021", text[2] + ";;2021-04-01"]
    import_envelopes("\n".join(said).encode(), contract, by=by)
    found = db.session.scalars(select(Envelope).order_by(Envelope.id).limit(2)).all()
    assert [(e.status, e.dated_on) for e in found] == [
        (EnvelopeStatus.PROVISIONAL, date(2021, 3, 5)),
        (EnvelopeStatus.NOTIFIED, date(2021, 4, 1)),
    ]
    wrong = "\n".join([text[0] + ";statut;date", text[1] + ";promise;31/02/2021"]).encode()
    assert faults_of(lambda: import_envelopes(wrong, contract, by=by)) == [
        "ligne 2, colonne statut : « promise » n'est pas connu, écrire l'un de : provisoire ; notifiée, ou rien",
        "ligne 2, colonne date : « 31/02/2021 » n'est pas une date, écrire par exemple 31/12/2026",
    ]
