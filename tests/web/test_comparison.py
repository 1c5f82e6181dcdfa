"""The comparison page: every cut has the same totals, what is seen is what is downloaded, and the
coordinator mends lineages from it."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from flask import Flask
from sqlalchemy import event, select

from grants.database import db
from grants.domain.instruction.lineage import merged
from grants.french import euros
from grants.models import Kind, Project, Role, now
from grants.queries.comparison.comparison import comparison
from grants.queries.comparison.lineage import Fate, fate_sums
from grants.queries.comparison.slots import By, Measure
from grants.queries.figures import Gap
from grants.queries.sheet.likely import around
from tests.exports.reading import Read, read
from tests.factories import campaign, grant_role, project, user, world
from tests.villeneuve import villeneuve
from tests.web.reading import plain
from tests.web.test_committee import ADDRESS, Tables, reader

PAGE = f"{ADDRESS}/comparaison/2021/2022"


@pytest.mark.slow
def test_every_cut_has_the_published_totals(app: Flask) -> None:
    of = villeneuve()
    for by in By:
        kind, *others = comparison(of, 2021, 2022, by).kinds
        assert all(line.label for other in others for line in other.lines), by
        assert (kind.total.actions.a, kind.total.actions.b) == (62, 62)
        assert (kind.total.total.a, kind.total.total.b) == (824_113, 826_296), by
        assert (kind.total.all.a, kind.total.all.b) == (948_477, 826_296), by
        if by is By.FUNDER:
            assert sum(line.granted.a for line in kind.of_funders) == 948_477
            assert kind.of_funders[0].actions.a == 43
            assert [line.granted.difference for line in kind.sums] == [2_183, Gap.NOTHING]
            continue
        assert sum(line.total.a for line in kind.lines) == 824_113, by
        assert sum(line.all.a for line in kind.lines) == 948_477, by
        assert sum(line.actions.b for line in kind.lines) == 62, by
        whole = [group.subtotal for group in kind.groups if group.subtotal]
        assert all(g.total.b >= 0 for g in whole)
    kind = comparison(of, 2021, 2022, By.PILLAR, Measure.DEPOSITED).kinds[0]
    assert (kind.total.actions.a, kind.total.actions.b) == (67, 73)
    funded = comparison(of, 2021, 2022, By.AXIS, Measure.ACTIONS).kinds[0].total
    assert (funded.all.a, max(m.a for m in funded.amounts.values())) == (62, 43)


def test_totals_and_differences_are_of_what_both_years_know(app: Flask, sign_in) -> None:
    kind = comparison(villeneuve(), 2021, 2022).kinds[0]
    assert kind.total_label == "Total sans REGION, ARS, CAF"
    education = next(line for line in kind.lines if line.label == "Éducation").total
    assert (education.a, education.b, education.difference) == (279_200, 297_700, 18_500)
    assert education.growth == Decimal("6.63")
    tables = Tables(sign_in(reader(villeneuve())).get(PAGE).text).found
    framing = {line[0]: line[1:] for line in tables["Cadrage budgétaire"]}
    assert framing["Total sans VVV, REGION, ARS, CAF"][4] == euros(Decimal(2_183))
    assert framing["VVV"][:4] == ["5", "n. c.", euros(Decimal(13_000)), "n. c."]
    assert framing["Ensemble"][2:5] == [*map(euros, map(Decimal, (1_186_077, 1_050_896))), "–"]
    counts = {line[0]: line[1:] for line in tables["Programmation globale"]}
    assert counts["Total sans Ville Vie Vacances"][:2] == ["79", "86"]


@pytest.mark.slow
def test_what_is_not_known_is_not_said_to_be_given_up(app: Flask) -> None:
    of = villeneuve()
    fates = Counter((x.kind, x.fate) for x in comparison(of, 2021, 2022).lineages)
    assert fates["Ville Vie Vacances", Fate.UNKNOWN] == 5  # no such call in 2022
    sums = {s.fate: s for s in fate_sums(comparison(of, 2021, 2022).lineages)}
    unknown, known = sums[Fate.UNKNOWN], sums[None]
    assert (unknown.granted_a, unknown.difference) == (13_000, Gap.UNKNOWN)
    assert (known.granted_a, known.granted_b) == (1_048_713, 1_050_896)
    assert fates["Contrat de ville", Fate.NOT_ASKED_AGAIN] == 1
    later = campaign(of, [], year=2023)
    db.session.commit()
    found = comparison(of, 2022, 2023, By.NATURE)
    fates = Counter((x.kind, x.fate) for x in found.lineages)
    assert fates["Contrat de ville", Fate.NOT_YET] == 62
    assert [line.label for line in found.kinds[0].lines] == ["Pas encore redemandées"]
    assert {s.fate: s.difference for s in fate_sums(found.lineages)}[Fate.NOT_YET] is Gap.UNKNOWN
    later.closes_at = now() - timedelta(days=1)
    db.session.commit()
    fates = Counter((x.kind, x.fate) for x in comparison(of, 2022, 2023).lineages)
    assert fates["Contrat de ville", Fate.NOT_ASKED_AGAIN] == 62


def test_a_year_at_work_is_said_beside_the_title(app: Flask, sign_in) -> None:
    of = villeneuve()
    campaign(of, [], year=2023)
    db.session.commit()
    page = plain(sign_in(reader(of)).get(f"{ADDRESS}/comparaison/2022/2023").text)
    assert "2022 en cours, 2023 en cours" in page.partition('class="filters')[0]
    assert (
        "Total des suites connues : sans « pas encore redemandée », « n. c. », que les autres tableaux comptent."
        in page
    )


def test_a_renewal_that_follows_nothing_is_not_new(app: Flask) -> None:
    w = world()
    refused = w.project(title="Jardin", state="INADMISSIBLE")
    refused.kind = Kind.RENEWAL
    campaign(w.contract, [], year=w.campaign.year - 1)
    db.session.commit()
    [line] = comparison(w.contract, w.campaign.year - 1, w.campaign.year).lineages
    assert line.fate is Fate.UNKNOWN


@pytest.mark.slow
def test_what_is_seen_is_what_is_downloaded(app: Flask, sign_in) -> None:
    client = sign_in(reader(villeneuve()))
    page = client.get(f"{PAGE}?par=porteur&montant=demande&suite=nouvelle").text
    assert "/comparaison/2021/2022/vue.xlsx?par=porteur&amp;montant=demande&amp;suite=nou" in page
    assert "7 lignes « nouvelle »" in page.replace("\u00a0", " ")
    tables = Tables(page).found
    on_page = next(t for caption, t in tables.items() if "montants demandés" in caption)
    query = "vue.xlsx?par=porteur&montant=demande&suite=nouvelle"
    book = read(client.get(f"{PAGE}/{query}").data)
    sheet = Read(book["Contrat de ville (montants)"], "Porteur")
    total = sheet.row("Total")
    row = next(line for line in on_page if line[0] == "Total")
    assert row[1] == euros(Decimal(total["CGET 2021"]))
    *lines, note = Read(book["Lignées"], "Appel").lines
    assert (len(lines), "REGION, ARS, CAF (n. c." in note["Appel"]) == (7, True)
    framing = Read(book["Synthèse"], "Financeur").line("Ensemble hors REGION")
    assert (framing["Accordé 2021"], framing["Actions 2021"]) == (1_061_713, 79)
    lines = csv.DictReader(StringIO(client.get(f"{PAGE}/vue.csv").data.decode("utf-8-sig")), delimiter=";")
    assert sum(Decimal(x["2021"]) for x in lines if x["Financeur"] == "CGET") == 295_476


@pytest.mark.slow
def test_hostile_addresses_show_the_usual_page(app: Flask, sign_in) -> None:
    client = sign_in(reader(villeneuve()))
    for query in ("par=%00&montant=%ff&suite=%27", "par=axe&par=x&montant[]=1", "par=" + "x" * 5000):
        assert "Pilier et axe" in client.get(f"{PAGE}?{query}").text
        assert client.get(f"{PAGE}/vue.xlsx?{query}").status_code == 200
    for by in By:
        assert client.get(f"{ADDRESS}/comparaison/2022/2021?par={by}").status_code == 200
        assert client.get(f"{ADDRESS}/comparaison/2022/2021/vue.csv?par={by}").status_code == 200
    choose = f"{ADDRESS}/comparaison?de=2021&a=2022&par=nature&montant=x&suite=refusee"
    assert client.get(choose).location == f"{PAGE}?par=nature&suite=refusee"


@pytest.mark.slow
def test_the_coordinator_mends_a_lineage_from_there(app: Flask, sign_in) -> None:
    of = villeneuve()
    chief = grant_role(user("Cheffe"), Role.COORDINATOR, of)
    db.session.commit()
    new = db.session.scalars(select(Project).where(Project.year == 2022, Project.predecessor_id.is_(None))).first()
    old = db.session.scalars(select(Project).where(Project.year == 2021).limit(2)).all()
    client, edit = sign_in(chief), f"/projets/{new.id}/filiation?annees=2021-2022"
    assert edit in client.get(PAGE).text
    assert "Modifier" not in sign_in(reader(of)).get(PAGE).text
    shown = client.get(f"{edit}&avec={old[0].reference}").text
    box = 'checked id="references-0" name="references" type="checkbox"'
    assert f'{box} value="{old[0].reference}"' in shown
    data = {"version": new.version, "references": [], "others": f"{old[0].reference}, rien"}
    assert client.post(edit, data=data).status_code == 422
    assert client.post(edit, data=data | {"references": ["2021-9999"]}).status_code == 422
    numbers = ", ".join(each.reference for each in old)
    saved = client.post(edit, data=data | {"others": numbers})
    assert saved.location == f"{PAGE}#suites"
    db.session.rollback()
    again = db.session.get_one(Project, new.id)
    assert [again.predecessor_id, *merged(again)] == [each.id for each in old]
    assert "regroupe 2 actions" in client.get(PAGE).text
    assert "regroupe aussi" in client.get(f"/projets/{new.id}").text
    assert client.post(edit, data=data).status_code == 422  # somebody has been there since
    elsewhere = client.post(f"/projets/{new.id}/filiation?annees=//x.fr", data={"version": again.version})
    assert elsewhere.location == f"/projets/{new.id}"


def test_what_is_likely_costs_the_same_however_many_there_are(app: Flask) -> None:
    w = world()
    call = campaign(w.contract, [w.cget], year=2025)
    p = w.project()
    assert p.campaign.contract  # comes with the page's project
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    for count in (1, 9):
        for _ in range(count):
            project(call, w.applicant, bearer=w.bearer)
        asked.clear()
        assert around(p, w.coordinator).before
        assert len(asked) <= 4
