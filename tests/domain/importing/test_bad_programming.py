"""A programming file that is wrong in any way is refused whole, saying where and what to write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.database import db
from grants.domain.importing import import_contract, import_envelopes, import_programming
from grants.models import Contract, HistoryEntry, Project, User
from tests.conftest import both
from tests.domain.importing.real import content, contract_and_envelopes, faults_of, lines, written

Rows = list[dict[str, str]]


@pytest.fixture
def ready(app: Flask) -> tuple[Contract, User]:
    return contract_and_envelopes()


def refused(ready: tuple[Contract, User], data: bytes) -> list[str]:
    """The faults; nothing was written."""
    contract, by = ready
    faults = faults_of(lambda: import_programming(data, contract, by=by))
    assert not db.session.new
    assert db.session.scalar(select(func.count()).select_from(Project)) == 0
    return faults


def edit(**cells: str) -> Callable[[Rows], None]:
    return lambda rows: rows[1].update(cells)


def multiyear(text: str) -> Callable[[Rows], None]:
    return edit(type=text)


CELLS = {
    "unknown pillar": (
        edit(pilier="Pilier inconnu"),
        "ligne 3, colonne pilier : « Pilier inconnu » n'est pas connu, écrire l'un de :"
        " Cohésion sociale ; Emploi et développement économique ;"
        " Cadre de vie et renouvellement urbain",
    ),
    "no pillar": (edit(pilier=""), "colonne pilier : vide, écrire l'un de : Cohésion sociale"),
    "axis of another pillar": (
        edit(axe="Habitat"),
        "colonne axe : « Habitat » n'est pas connu sous « Cohésion sociale »,"
        " écrire l'un de : Accès aux droits ; Éducation ; Santé",
    ),
    "no axis": (edit(axe=""), "colonne axe : vide, écrire l'un de : Accès aux droits"),
    "axis under a pillar without": (
        edit(pilier="Emploi et développement économique"),
        "« Accès aux droits » n'est pas connu sous « Emploi et développement économique », il n'en existe aucun",
    ),
    "unknown orientation": (edit(orientation="Autre"), "colonne orientation : « Autre » n'est"),
    "orientation of another number": (
        edit(orientation_no="2"),
        "colonne orientation_no : « 2 » n'est pas le numéro de",
    ),
    "orientation number in words": (edit(orientation_no="un"), "écrire 1"),
    "orientation of another call": (
        edit(
            axe="Éducation",
            orientation_no="1",
            orientation="Assurer une approche globale, un travail en réseau et la coordination du programme",
        ),
        "est réservé à « Réussite éducative (PRE) »",
    ),
    "unknown status": (edit(statut="oui"), "colonne statut : « oui » n'est pas connu, écrire l'un de : retenue"),
    "unknown type": (edit(type="reconduction"), "colonne type : « reconduction » n'est pas connu"),
    "year 4 of 3": (multiyear("cpo 4/3"), "colonne type : « cpo 4/3 »"),
    "year 0": (multiyear("cpo 0/3"), "colonne type : « cpo 0/3 »"),
    "no bearer": (edit(porteur=""), "colonne porteur : vide"),
    "unknown bearer": (
        edit(porteur="INCONNUS"),
        "« INCONNUS » n'est pas connu, écrire le nom d'un porteur du contrat, ou l'ajouter d'abord aux « porteurs »",
    ),
    "no title": (edit(intitule=" "), "colonne intitule : vide"),
    "endless title": (edit(intitule="a" * 251), "au plus 250 caractères"),
    "letter O": (edit(accorde_CGET="12 OOO"), "colonne accorde_CGET : « 12 OOO » n'est pas un mon"),
    "negative": (edit(demande_CGET="-5"), "colonne demande_CGET : « -5 » n'est pas un montant"),
    "huge amount": (edit(cout_total="9" * 30), "colonne cout_total : « 999999"),
    "three decimals": (edit(cout_total="1234,567"), "« 1234,567 » a trop de décimales"),
    "thousands or decimals": (edit(cout_total="1,005"), "écrivez 1005, ou 1,00 si ce sont des ce"),
    "two amounts": (edit(cout_total="300\n150"), "« 300 150 » contient deux nombres"),
    "two amounts on a line": (edit(cout_total="90000 15000"), "contient deux nombres"),
    "two amounts in columns": (edit(cout_total="300\t150"), "contient deux nombres"),
    "arabic digits": (edit(cout_total="١٢٣"), "n'est pas un montant"),
    "no cost": (edit(cout_total=""), "colonne cout_total : vide, écrire un montant"),
    "year in words": (edit(annee="vingt"), "colonne annee : « vingt » n'est pas une année"),
    "no year": (edit(annee=""), "colonne annee : vide"),
    "huge year": (edit(annee="9" * 40), "n'est pas une année"),
    "no such campaign that year": (
        edit(annee="2023"),
        "« Contrat de ville » n'est pas un appel de 2023, il n'en existe aucun",
    ),
    "no such kind": (edit(dispositif="VVV"), "« VVV » n'est pas un appel de 2021, écrire l'un de : Contrat de"),
    "another campaign's name": (edit(campagne="Bis"), "colonne campagne : « Bis » n'est pas"),
    "funder outside the call": (edit(demande_PRE="10"), "colonne demande_PRE : « 10 » PRE ne participe pas à l'appel"),
    "more than asked": (
        edit(accorde_CGET="2501,00", demande_CGET="2500"),
        "colonne accorde_CGET : « 2501,00 » dépasse le montant demandé (2 500 €)",
    ),
    "more than the cost": (edit(cout_total="15000"), "est plus petit que la somme demandée (17"),
    "unknown predecessor": (edit(predecesseur="Jadis"), "colonne predecesseur : « Jadis » n'est pas un dossier"),
    "retained without money": (
        edit(accorde_CGET="0", accorde_VILLE="0", accorde_DEPT=""),
        "colonne statut : « retenue » mais aucun montant n'est accordé",
    ),
    "not retained with money": (edit(statut="non retenue"), "« non retenue » mais 14 500 € sont"),
    "over the envelope": (
        lambda rows: rows[1].update(demande_CGET="295476", accorde_CGET="295476", cout_total="400000"),
        "ligne 3, colonne accorde_CGET : « 295 476 € » dépasse l'enveloppe de CGET : il y restait"
        " 295 476 €, le fichier y accorde",
    ),
    "the same line twice": (
        lambda rows: rows.append(dict(rows[0])),
        "ligne 7, colonne intitule : « Atelier FLE Mathématique » est déjà à la ligne 2",
    ),
}


def test_a_wrong_cell(ready: tuple[Contract, User]) -> None:
    for case, (change, said) in CELLS.items():
        rows = [{**row, "campagne": ""} for row in lines(many=5)]
        change(rows)
        faults = refused(ready, written(rows))
        assert len(faults) == 1, (case, faults)
        assert said in faults[0].replace("\u202f", " ").replace("\u00a0", " "), case
        assert "ligne " in faults[0], case


def whole(name: str = "programmation-2021.csv") -> bytes:
    return content(name)


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


FILES = {
    "windows-1252": (lambda: whole().decode().replace("–", "-").encode("cp1252", "replace"), "pas en UTF-8"),
    "utf-16": (lambda: whole().decode().encode("utf-16"), "CSV UTF-8"),
    "xlsx": (zipped, "C'est un classeur"),
    "xls": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "C'est un classeur"),
    "empty": (lambda: b"", "vide"),
    "only a BOM": (lambda: b"\xef\xbb\xbf", "vide"),
    "only blanks": (lambda: b" \r\n\r\n", "vide"),
    "random": (lambda: bytes(range(256)), "pas en UTF-8"),
    "NUL": (lambda: whole().replace(b"ADABE", b"AD\0BE", 1), "ligne 2 : caractère interdit"),
    "control character": (lambda: whole().replace(b"ADABE", b"AD\x1bBE", 1), "caractère interdit"),
    "header only": (lambda: whole().split(b"\n")[0], "aucune ligne après l'en-tête"),
    "header and blank lines": (lambda: whole().split(b"\n")[0] + b"\n;;;;\n\n", "aucune ligne"),
    "no header": (lambda: whole().split(b"\n", 1)[1], "colonnes manquantes : annee, dispositif"),
    "missing columns": (
        lambda: written([{k: v for k, v in r.items() if k not in ("axe", "statut")} for r in lines(many=3)]),
        "colonnes manquantes : statut, axe. Colonnes trouvées : annee",
    ),
    "half of a pair": (
        lambda: written([{k: v for k, v in r.items() if k != "accorde_CAF"} for r in lines(many=3)]),
        "colonne manquante : accorde_CAF",
    ),
    "no amounts at all": (
        lambda: written([{k: v for k, v in r.items() if not k.startswith(("acc", "dem"))} for r in lines(many=3)]),
        "demande_CGET, accorde_CGET",
    ),
    "unknown funder": (
        lambda: whole().replace(b"demande_CAF", b"demande_CAFE").replace(b"accorde_CAF", b"accorde_CAFE"),
        "ligne 1, colonne demande_CAFE : n'est pas un titre de colonne connu, le plus proche est"
        " « demande_CAF » : l'écrire ainsi, ou supprimer la colonne",
    ),
    "a column twice": (lambda: whole().replace(b";axe;", b";pilier;", 1), "colonne pilier : cette colonne figure"),
    "too few cells": (
        lambda: b"\n".join([*whole().split(b"\n")[:2], b"2021;Contrat de ville"]),
        "ligne 3 : 2 cellules au lieu de 32",
    ),
    "too many cells": (lambda: whole().replace(b";ADABE;", b";AD;ABE;", 1), "ligne 2 : 33 cellules au lieu de 32"),
    "unclosed quote": (lambda: whole().replace(b";ADABE;", b';"ADABE;', 1), "ligne 2 : ligne ill"),
    "text after a quote": (lambda: whole().replace(b";ADABE;", b';"AD"ABE;', 1), "guillemet"),
    "huge field": (lambda: whole().replace(b";ADABE;", b";" + b"A" * 200_000 + b";", 1), "trop long"),
}


def test_a_wrong_file(ready: tuple[Contract, User]) -> None:
    for case, (data, said) in FILES.items():
        assert any(said in fault for fault in refused(ready, data())), case


def test_every_fault_is_told_at_once_and_with_its_line_of_the_file(ready: tuple[Contract, User]) -> None:
    rows = lines(many=4)
    rows[0]["motif"] = "sur\ndeux lignes"  # the next line of the table is line 4 of the file
    rows[1]["pilier"] = "X"
    rows[2] |= {"porteur": "Y", "accorde_CGET": "Z", "statut": "W"}
    faults = refused(ready, written(rows))
    assert [fault.split(" : ")[0] for fault in faults] == [
        "ligne 4, colonne pilier",
        "ligne 5, colonne porteur",
        "ligne 5, colonne statut",
        "ligne 5, colonne accorde_CGET",
    ]


def test_without_an_envelope_nothing_is_granted(ready: tuple[Contract, User]) -> None:
    _, by = ready
    bare = import_contract(content("contrat.json").replace(b'"villeneuve-la-garenne"', b'"autre"'), by=by)
    faults = faults_of(lambda: import_programming(written(lines(many=1)), bare, by=by))
    assert [fault.split(" : ")[0] for fault in faults] == [
        f"ligne 2, colonne accorde_{code}" for code in ("CGET", "VILLE", "DEPT")
    ]
    assert "n'a pas d'enveloppe" in faults[0]


@both
def test_other_values_than_in_the_database_show_both(ready: tuple[Contract, User]) -> None:
    contract, by = ready
    import_programming(whole(), contract, by=by)
    rows = lines(many=3)
    rows[0] |= {"accorde_CGET": "2 400", "type": "cpo 1/3", "cout_total": "52 100,50"}
    rows[1] |= {
        "orientation": "Repérer et être force de proposition en direction des personnes isolées",
        "orientation_no": "3",
        "demande_REGION": "10",
        "motif": "Trop tard",
    }
    faults = faults_of(lambda: import_programming(written(rows), contract, by=by))
    plain = [fault.replace("\u202f", " ").replace("\u00a0", " ") for fault in faults]
    assert any(
        "ligne 2, colonne accorde_CGET : « 2 400 € » diffère du dossier 2021-0001, enregistré avec « 2 500 € »" in fault
        for fault in plain
    )
    columns = [fault.split(" : ")[0].removeprefix("ligne ") for fault in plain]
    assert columns == [
        "2, colonne type",
        "2, colonne cout_total",
        "2, colonne accorde_CGET",
        "3, colonne orientation",
        "3, colonne demande_REGION",
        "3, colonne motif",
    ]


@both
def test_the_envelope_counts_what_is_granted_already(ready: tuple[Contract, User]) -> None:
    contract, by = ready
    import_programming(whole(), contract, by=by)
    more = lines(many=1)
    more[0] |= {"intitule": "Un de plus"}
    faults = faults_of(lambda: import_programming(written(more), contract, by=by))
    assert len(faults) == 3
    assert "il y restait 0\u00a0€" in faults[0]
    entries = db.session.scalar(select(func.count()).select_from(HistoryEntry))
    import_envelopes(content("enveloppes.csv"), contract, by=by)
    assert db.session.scalar(select(func.count()).select_from(HistoryEntry)) == entries
