"""Versions and past days: the figures of then; what changed, by whom, when and why."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event, select

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.envelope import set_envelope
from grants.domain.instruction import on_behalf
from grants.domain.instruction.classification import Classification, reclassify
from grants.domain.programming.version import freeze, validate
from grants.domain.workflow import advance
from grants.french import PARIS, euros
from grants.models import Kind, Outcome, ProgrammingVersion, State, now
from tests import acts
from tests.conftest import both
from tests.exports.reading import Read, read
from tests.factories import World, campaign, world
from tests.web.test_committee import Tables

ADDRESS = "/contrats/ici/2026"


def scene() -> World:
    """Decided, proposed, and waiting; not yet frozen."""
    w = world("ici")
    for _ in range(3):
        w.project()
    accepted = Decision(Outcome.ACCEPTED, amount=Decimal(4000))
    acts.decide(w.projects[0], w.cget, accepted, by=w.state_instructor)
    acts.propose(w.projects[1], w.ville, Decimal(2500), by=w.city_instructor)
    w.project(state=State.SUBMITTED)
    db.session.commit()
    return w


def frozen(w: World, label: str = "Comité technique") -> str:
    made = freeze(w.campaign, label, by=w.coordinator, note="Salle 2")
    db.session.commit()
    return f"v{made.id}"


def work_on(w: World) -> None:
    """What happens between two committees."""
    p, q, r, deposited = w.projects
    revised = Decision(Outcome.ACCEPTED, amount=Decimal(3000), condition="Un bilan", revision_reason="Arbitrage")
    acts.decide(p, w.cget, revised, by=w.state_instructor)
    acts.propose(q, w.ville, Decimal(2000), by=w.city_instructor)
    acts.open_line(q, w.reg, "Réorientation", by=w.coordinator)
    acts.propose(q, w.reg, Decimal(700), by=w.coordinator, typed_from="Courriel")
    refused = Decision(Outcome.REJECTED, reason="Hors critères")
    acts.decide(q, w.cget, refused, by=w.state_instructor)
    advance(r, "withdraw", by=w.coordinator, reason="L'association renonce")
    advance(deposited, "admit", by=w.coordinator)
    theme = next(t for t in w.contract.themes if t.number and t.id != q.theme_id)
    reclassify(q, Classification(q.campaign_id, theme.id, Kind.RENEWAL), by=w.coordinator)
    set_envelope(w.cget, [w.campaign], Decimal(30_000), by=w.administrator, source="Arrêté", dated_on=date(2026, 5, 1))
    received = on_behalf.ReceivedDossier(
        "=Arrivé après",
        p.theme_id,
        Kind.NEW,
        Decimal(4000),
        ((w.cget.id, Decimal(100)),),
        now().astimezone(PARIS).date(),
        "Courrier",
    )
    w.projects.append(on_behalf.record(w.campaign, w.bearer, received, by=w.coordinator))
    db.session.commit()


@pytest.mark.slow
@both
def test_a_version_has_the_figures_that_were_on_the_page(app: Flask, sign_in) -> None:
    w = scene()
    client = sign_in(w.committee)
    before = Tables(client.get(f"{ADDRESS}/programmation").text).found
    book_before = read(client.get(f"{ADDRESS}/programmation.xlsx").data)
    key = frozen(w)
    work_on(w)
    assert Tables(client.get(f"{ADDRESS}/programmation").text).found != before
    page = client.get(f"{ADDRESS}/programmation/{key}")
    assert Tables(page.text).found == before
    assert "Version « Comité technique »" in page.text.replace("\u00a0", " ")
    book = read(client.get(f"{ADDRESS}/programmation/{key}/classeur.xlsx").data)
    assert book.sheetnames == book_before.sheetnames
    for name in book.sheetnames:
        rows, then = ([list(row) for row in each[name].iter_rows(values_only=True)] for each in (book, book_before))
        assert rows[4:] == then[4:]
        assert rows[2][0].startswith("Version « Comité technique » (")
        assert rows[2][0].endswith("– programmation en cours")


@pytest.mark.slow
def test_what_changed_is_told_with_who_and_why(app: Flask, sign_in) -> None:
    w = scene()
    key = frozen(w)
    work_on(w)
    client = sign_in(w.coordinator)
    page = client.get(f"{ADDRESS}/changements")
    tables = Tables(page.text).found
    totals = {row[0].split(" ")[0]: row[1:] for row in tables["Totaux par financeur"][1:]}
    money = [euros(Decimal(n)) for n in (0, 0, 0, 4000, 3000)]
    assert totals["CGET"] == [*money, "−1\u202f000\u00a0€"]
    assert totals["REGION"][:3] == [euros(Decimal(n)) for n in (0, 700, 700)]
    book = read(client.get(f"{ADDRESS}/changements.xlsx?de={key}&a=maintenant").data)
    sheet = Read(book["Changements"], "N°")
    assert "Version « Comité technique »" in book["Changements"]["A3"].value
    told = {(x["N°"], x["Financeur"], x["Ce qui change"]): x for x in sheet.lines}
    p, q, r, s, new = (each.reference for each in w.projects)
    revised = told[p, "CGET", "condition : Un bilan"]
    assert (revised["Accordé avant"], revised["Accordé après"], revised["Écart accordé"]) == (4000, 3000, -1000)
    assert (revised["Par"], revised["Motif"]) == (w.state_instructor.name, "Arbitrage")
    assert revised["Le"][:10] == f"{now().astimezone(PARIS):%d/%m/%Y}"
    no = told[q, "CGET", "en attente → refusé"]
    assert (no["Accordé avant"], no["Accordé après"], no["Motif"]) == ("–", "–", "Hors critères")
    opened = told[q, "REGION", "non sollicité → en attente"]
    assert (opened["Proposé avant"], opened["Proposé après"]) == ("–", 700)
    assert opened["Par"] == f"{w.coordinator.name} (pour Région)"
    assert told[r, "–", "état : recevable → retiré"]["Motif"] == "L'association renonce"
    assert (s, "–", "état : déposé → recevable") in told
    moved = next(words for ref, funder, words in told if (ref, funder) == (q, "–"))
    assert re.fullmatch(r"classement : .+ → .+ ; nature de l'action : N → R", moved)
    assert told[new, "–", "Nouveau dossier"]["Par"] == w.coordinator.name
    assert all(cell.data_type != "f" for row in book["Changements"].iter_rows() for cell in row)
    on_page = next(t for caption, t in tables.items() if caption.startswith("Ce qui a changé"))
    assert len(on_page) - 1 == len(sheet.lines)
    why = on_page[0].index("Ce qui change, et pourquoi")  # in sight beside what changes
    assert "condition : Un bilan. Motif : Arbitrage" in [row[why] for row in on_page]
    wall = client.get(f"{ADDRESS}/changements?mur=1").text
    assert "wall.css" in wall
    assert wall.count('class="bar"') == wall.count("<small>reste ") > 1
    assert "L&#39;association renonce" in wall


@pytest.mark.slow
def test_nothing_changed_and_no_version_yet(app: Flask, sign_in) -> None:
    w = scene()
    client = sign_in(w.committee)
    assert "Aucune version n'est figée" in client.get(f"{ADDRESS}/changements").text
    assert client.get(f"{ADDRESS}/changements.xlsx").status_code == 302
    key = frozen(w)
    for wall in ("", "&mur=1"):
        page = client.get(f"{ADDRESS}/changements?de={key}{wall}").text
        assert "Rien n&#39;a changé" in page or "Rien n'a changé" in page
    for unknown in ("v0", "v999", "v99999999999", "1999-99-99", "2999-01-01", "0001-01-01", "hier", "\x00"):
        assert client.get(f"{ADDRESS}/changements", query_string={"de": unknown}).status_code == 200
        assert client.get(f"{ADDRESS}/programmation/{unknown}").status_code == 404


def test_a_version_of_elsewhere_is_not_found(app: Flask, sign_in) -> None:
    w, other = scene(), world("ailleurs")
    elsewhere = freeze(other.campaign, "Arbitrage", by=other.coordinator)
    later = campaign(w.contract, [w.cget], year=2027)
    next_year = freeze(later, "Arbitrage", by=w.coordinator)
    db.session.commit()
    client = sign_in(w.coordinator)
    for version in (elsewhere, next_year):
        assert client.get(f"{ADDRESS}/programmation/v{version.id}").status_code == 404


def test_a_past_day(app: Flask, sign_in) -> None:
    w = scene()
    client = sign_in(w.committee)
    today = now().astimezone(PARIS).date()
    for typed in (today.isoformat(), f"{today:%d/%m/%Y}"):
        response = client.get(f"{ADDRESS}/versions", query_string={"jour": typed})
        assert response.location == f"{ADDRESS}/programmation/{today}"
    assert Tables(client.get(response.location).text).found == Tables(client.get(f"{ADDRESS}/programmation").text).found
    yesterday = client.get(f"{ADDRESS}/programmation/{today - timedelta(days=1)}").text
    assert euros(Decimal(4000)) not in yesterday  # decided today
    for wrong in (today + timedelta(days=1), "demain"):
        page = client.get(f"{ADDRESS}/versions", query_string={"jour": str(wrong)})
        assert "Il y a un problème" in page.text


def test_the_coordinator_freezes(app: Flask, sign_in) -> None:
    w = scene()
    url = f"/appels/{w.campaign.id}/versions"
    for other in (w.committee, w.state_instructor, w.administrator):
        assert sign_in(other).post(url, data={"preset": "Arbitrage"}).status_code == 403
    client = sign_in(w.coordinator)
    done = client.post(url, data={"preset": "Arbitrage", "note": "Le 12"})
    assert done.location == f"{ADDRESS}/versions"
    assert "Le 12" in client.get(done.location).text
    assert 'value="Arbitrage"' not in client.get(url).text
    own = {"preset": "autre", "label": "Réunion du 3"}
    assert client.post(url, data=own).status_code == 302
    refused = client.post(url, data=own | {"label": " réunion du 3 "})
    assert refused.status_code == 422
    assert "déjà une version" in refused.text
    assert client.post(url, data={"preset": "autre"}).status_code == 422
    assert len(db.session.scalars(select(ProgrammingVersion)).all()) == 2


@pytest.mark.slow
def test_the_coordinator_lifts_a_validation(app: Flask, sign_in) -> None:
    w = scene()
    validate(w.campaign, by=w.coordinator)
    db.session.commit()
    url = f"/appels/{w.campaign.id}/validation/levee"
    assert sign_in(w.state_instructor).post(url, data={"reason": "x"}).status_code == 403
    client = sign_in(w.coordinator)
    assert "Lever la validation" in client.get(f"{ADDRESS}/enveloppes").text
    assert client.post(url, data={"reason": " "}).status_code == 422
    assert client.post(url, data={"reason": "Erreur de saisie"}).status_code == 302
    db.session.refresh(w.campaign)
    assert w.campaign.validated_at is None
    version = f"{ADDRESS}/programmation/v{db.session.scalars(select(ProgrammingVersion.id)).one()}"
    validate(w.campaign, by=w.coordinator)  # again: that version is not lifted
    freeze(w.campaign, "Depuis", by=w.coordinator)
    db.session.commit()
    page, listed = client.get(version).text, client.get(f"{ADDRESS}/versions").text
    assert "validée le" in page
    by = f"par {w.coordinator.name}, motif\u00a0: Erreur de saisie"
    for text in (page, listed):
        assert re.findall(r"Validation levée le .+? (par .+?)<", text) == [by]
    assert "Comité de pilotage (2)" in listed
    assert "validation levée le" in read(client.get(f"{version}/classeur.xlsx").data)["Synthèse"]["A3"].value


def test_the_number_of_queries_is_constant(app: Flask, sign_in) -> None:
    w = scene()
    version = frozen(w)
    client = sign_in(w.committee)
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))

    def queries() -> list[int]:
        counts = []
        for path in (f"programmation/{version}", f"changements?de={version}", "versions"):
            asked.clear()
            assert client.get(f"{ADDRESS}/{path}").status_code == 200
            counts.append(len(asked))
        return counts

    acts.propose(w.projects[0], w.ville, Decimal(1), by=w.city_instructor)
    db.session.commit()
    few = queries()
    work_on(w)
    for _ in range(3):
        w.project()
    db.session.commit()
    # A withdrawal, a reclassification and the envelope's change ask for nothing more.
    assert all(now <= before + 1 for before, now in zip(few, queries(), strict=True))
