"""The list of dossiers: filters, CSV, workbook."""

from __future__ import annotations

import csv
import re
from html import unescape
from io import StringIO

import pytest
from flask import Flask

from grants.database import db
from grants.domain.instruction.layouts import PROJECTS, keep
from grants.errors import DomainError
from grants.models import State
from tests.conftest import both
from tests.exports.reading import Read, read
from tests.factories import organisation, theme, world
from tests.web.reading import plain
from tests.web.test_instruction import base, count_queries


@pytest.mark.slow
@both
def test_the_list_is_six_queries_at_most_and_small(app: Flask, sign_in) -> None:
    w = world()
    for n in range(60):
        w.project(
            bearer=organisation(f"Association des habitants du quartier {n}"),
            title="Accompagnement à la scolarité et ouverture culturelle",
        )
    db.session.commit()
    client = sign_in(w.state_instructor)
    queries, html = count_queries(client, f"{base(w)}/2026/projets?financeur={w.cget.id}&tri=titre")
    assert queries <= 6
    assert len(html.encode()) < 60_000
    assert html.count('<td class="number">2026-') == 50
    assert "Page 1 sur 2" in html


def test_filters_stay_in_the_address_and_in_the_links(app: Flask, sign_in) -> None:
    w = world()
    p = w.project(title="Chorale", state=State.SUBMITTED)
    w.project(title="Jardin")
    db.session.commit()
    client = sign_in(w.city_instructor)
    page = client.get(f"{base(w)}/2026/projets?etat=SUBMITTED&mots=chor").text
    assert "Chorale" in page
    assert "Jardin" not in page
    link = f"/projets/{p.id}?liste=etat%3DSUBMITTED%26mots%3Dchor"
    assert link in page
    sheet = client.get(link).text
    assert "1 sur 1" in sheet
    assert "projets?etat=SUBMITTED&amp;mots=chor" in sheet


HOSTILE = (
    "appel=999 appel=x theme=99999999999999999999 porteur=-1 etat=RIEN tri=x page=0 page=-3 page=9999 page=x"
    " mots=%00 nature= decision=%ff financeur=1%27 appel=² inconnu=1"
)


@pytest.mark.slow
@both
def test_hostile_filters_are_ignored_and_told(app: Flask, sign_in) -> None:
    w = world()
    w.project(title="Chorale")
    db.session.commit()
    client, here = sign_in(w.coordinator), f"{base(w)}/2026/projets"
    for query in HOSTILE.split():
        page = client.get(f"{here}?{query}")
        assert ("Chorale" in page.text, client.get(f"{here}.xlsx?{query}").status_code) == (True, 200), query
        assert "Chorale" in client.get(f"{here}.csv?{query}").text, query
        told = not query.startswith(("tri", "page", "mots=", "nature=", "inconnu"))
        assert (page.status_code, "ignoré" in page.text) == (200, told), query


@pytest.mark.slow
@both
def test_one_s_columns_hold_for_page_and_files_and_a_view_keeps_filters_too(app: Flask, sign_in) -> None:
    w = world()
    w.project(title="Chorale", state=State.SUBMITTED)
    w.project(title="Jardin")
    db.session.commit()
    client, here = sign_in(w.coordinator), f"{base(w)}/2026/projets"

    def heads(page: str) -> list[str]:
        return re.findall(
            r"<th[^>]*>(?:<a[^>]*>)?([^<]+)", client.get(page).text.split("Choisir")[1].split("</thead>")[0]
        )

    at_first = heads(here)
    assert ("Axe" in at_first, "Pilier" in at_first) == (True, False)
    assert client.post(f"{here}/colonnes", data={"colonne": ["pilier", "demande", "rien"]}).status_code == 302
    assert [head.strip(" ▲") for head in heads(here)] == ["N°", "Action", "Pilier", "Demandé"]
    table = list(csv.reader(StringIO(client.get(f"{here}.csv").data.decode("utf-8-sig")), delimiter=";"))
    assert table[0] == ["N°", "Action", "Pilier", "Demandé"]
    book = Read(read(client.get(f"{here}.xlsx").data)["Projets"], "N°")
    assert "CGET demandé" in book.lines[0]
    assert not {"Porteur", "Coût total", "CGET accordé"} & book.lines[0].keys()
    # A view: its filters, order and columns, all in its address; the list itself stays as it was.
    made = client.post(
        f"{here}/colonnes?etat=SUBMITTED&tri=-titre", data={"colonne": "porteur", "name": " Mes <b>dépôts "}
    )
    seen = client.get(made.location).text
    assert "Vue « Mes &lt;b&gt;dépôts » enregistrée." in plain(seen)
    link = unescape(re.search(r'href="([^"]+)">Mes &lt;b&gt;dépôts</a>', seen)[1])
    assert link == made.location
    assert heads(link) == ["N°", "Action ▼", "Porteur"]
    assert "Jardin" not in client.get(link).text
    sorts = re.findall(r'aria-sort="[a-z]*"><a\s+href="([^"]*)"', client.get(link).text)
    assert sorts
    assert all("colonnes=" in address for address in sorts)
    assert "Tous les 2 dossiers" in client.get(f"{here}?colonnes=numero,titre").text
    assert [head.strip(" ▲") for head in heads(here)] == ["N°", "Action", "Pilier", "Demandé"]
    assert "dépôts" not in sign_in(w.state_instructor).get(here).text  # one's own
    gone = client.post(f"{here}/colonnes", data={"vue": "Mes <b>dépôts", "faire": "retirer"})
    shown = client.get(gone.location).text  # what it showed is shown still, to be given back by one press
    assert heads(gone.location) == heads(link)
    address, sent = re.search(r'action="([^"]*/colonnes[^"]*)"[^>]*>(.*?)Remettre la vue', shown, re.DOTALL).groups()
    fields = re.findall(r'name="(name|colonne)"\s+value="([^"]*)"', sent)
    again = {name: [unescape(text) for key, text in fields if key == name] for name, _ in fields}
    assert client.post(unescape(address), data=again).location == link
    client.post(f"{here}/colonnes", data={"vue": "Mes <b>dépôts", "faire": "retirer"})
    for none in ("", "Mes <b>dépôts", "a\x00b"):
        refused = client.post(f"{here}/colonnes", data={"vue": none, "faire": "retirer"})
        assert "Choisissez une de vos vues" in refused.text
    assert "Mes vues" not in client.get(here).text


@pytest.mark.slow
@both
def test_the_name_of_a_view_is_its_own_and_may_change(app: Flask, sign_in) -> None:
    w = world()
    db.session.commit()
    client, here = sign_in(w.coordinator), f"{base(w)}/2026/projets"

    def views() -> dict[str, str]:
        around = client.get(here).text.partition('aria-label="Mes vues"')[2].partition("</nav>")[0]
        return {unescape(name): unescape(link) for link, name in re.findall(r'href="([^"]+)">([^<]+)', around)}

    def send(**typed: object) -> tuple[int, str]:
        answer = client.post(f"{here}/colonnes?mots=a", data=typed)
        return answer.status_code, plain(answer.text)

    assert send(name="À décider", colonne="etat")[0] == 302
    before = views()
    # Taken, if only its case or accents differ: what was ticked stays, and one may replace it.
    status, page = send(name="à DECIDER", colonne="nature")
    assert (status, views()) == (422, before)
    assert "Vous avez déjà une vue « À décider ». Écrivez un autre nom." in page
    assert re.search(r'value="remplacer">Remplacer « À décider »', page)
    assert re.search(r'value="nature" checked', page)
    assert not re.search(r'value="etat" checked', page)
    assert 'value="à DECIDER"' in page
    assert send(name="à decider", colonne="nature", faire="remplacer")[0] == 302
    assert views() == {"à decider": f"{here}?mots=a&colonnes=numero,titre,nature"}
    # Another name, of one's own or another's.
    send(name="Autre", colonne="etat")
    assert send(name="AUTRE", vue="à decider", faire="renommer")[0] == 422
    assert send(name="", vue="à decider", faire="renommer")[0] == 422
    assert send(name="Comité", vue="partie", faire="renommer")[0] == 422
    assert send(name="Comité", vue="a\x00b", faire="renommer")[0] == 422
    assert send(name="À Décider", vue="à decider", faire="renommer")[0] == 302
    assert list(views()) == ["Autre", "À Décider"]
    assert views()["À Décider"] == f"{here}?mots=a&colonnes=numero,titre,nature"
    # Too long, it is not cut.
    long = "x" * 5000
    status, page = send(name=long)
    assert (status, f'value="{long}"' in page) == (422, True)
    assert "Écrivez 60 caractères au plus : il y en a 5000." in page
    assert "caractère invisible" in send(name="a\x00b")[1]
    assert len(views()) == 2


def test_long_words_are_sought_whole_and_shown_in_short(app: Flask, sign_in) -> None:
    w = world()
    db.session.commit()
    for page in ("projets", "grille"):
        shown = plain(sign_in(w.coordinator).get(f"{base(w)}/2026/{page}?mots={'x' * 3000}").text)
        assert f'value="{"x" * 3000}"' in shown
        assert f">« {'x' * 59}… »" in shown


def test_views_are_not_without_number(app: Flask, sign_in) -> None:
    w = world()
    for n in range(20):
        keep(w.contract, PROJECTS, ["etat"], {}, by=w.coordinator, name=f"Vue {n}")
    keep(w.contract, PROJECTS, ["axe"], {}, by=w.coordinator, name="Vue 3", replaces=True)
    keep(w.contract, PROJECTS, ["axe"], {}, by=w.state_instructor, name="Une")
    with pytest.raises(DomainError, match="déjà 20 vues"):
        keep(w.contract, PROJECTS, ["axe"], {}, by=w.coordinator, name="Une de trop")


def test_one_press_removes_a_filter(app: Flask, sign_in) -> None:
    w = world()
    w.project(title="Chorale", state=State.SUBMITTED)
    db.session.commit()
    client = sign_in(w.city_instructor)
    for page in ("projets", "grille"):
        here = f"{base(w)}/2026/{page}"
        shown = client.get(f"{here}?etat=SUBMITTED&mots=chor&tri=titre").text
        for words, rest in (("État : ", "mots=chor&tri=titre"), ("« chor »", "etat=SUBMITTED&tri=titre")):
            assert re.search(rf'href="{here}\?{rest.replace("&", "&amp;")}">{words}', plain(shown)), words
        assert "enlever ce filtre" not in client.get(here).text


def test_a_list_of_nothing_and_a_year_outside_the_contract(app: Flask, sign_in) -> None:
    w = world()
    db.session.commit()
    client = sign_in(w.coordinator)
    assert "Aucun dossier" in client.get(f"{base(w)}/2027/projets").text
    assert client.get(f"{base(w)}/1999/projets").status_code == 404
    assert client.get("/contrats/nulle-part").status_code == 404


def test_the_csv_is_what_is_seen_and_runs_no_formula(app: Flask, sign_in) -> None:
    w = world()
    w.project(title='=HYPERLINK("http://mal")', bearer=organisation("@Asso; « l'été »"))
    w.project(title="Autre")
    theme(w.contract, "Isolé", position=9)
    db.session.commit()
    url = f"{base(w)}/2026/projets.csv?mots=asso&financeur={w.cget.id}"
    answer = sign_in(w.coordinator).get(url)
    assert answer.data.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert len(table) == 2  # both bearers are associations
    line = next(r for r in table if "HYPERLINK" in r["Action"])
    assert line["Action"] == '\'=HYPERLINK("http://mal")'
    assert line["Porteur"] == "'@Asso; « l'été »"
    assert line["Demandé (État – CGET)"] == "5000"
    assert line["Pilier"] == "Cohésion sociale"


def test_who_filters_by_quarter_is_told_of_projects_that_name_none(app: Flask, sign_in) -> None:
    """Those of imported years: nothing is found, and not for want of actions there."""
    w = world()
    one, other = w.project(), w.project()
    db.session.commit()
    client, query = sign_in(w.coordinator), f"quartier={w.contract.zones[0].id}"
    pages = (f"{base(w)}/2026/projets", f"{base(w)}/2026/grille")
    for page in pages:
        told = "Quartier non connu pour 2 dossiers de 2026"
        assert told in plain(client.get(f"{page}?{query}").text)
        assert told not in plain(client.get(page).text)
    one.zones = other.zones = w.contract.zones[:1]
    db.session.commit()
    assert "Quartier non connu" not in client.get(f"{pages[0]}?{query}").text


def test_the_workbook_of_the_list_has_the_columns_of_each_funder(app: Flask, sign_in) -> None:
    w = world()
    w.project(title="Sans quartier")
    wanted = w.project(title="=1+1", requested={w.cget: 5000, w.ville: 700})
    other = w.project(title="Aussi")
    wanted.zones = other.zones = w.contract.zones[:1]
    db.session.commit()
    query = f"quartier={w.contract.zones[0].id}"
    client = sign_in(w.coordinator)
    assert f"projets.xlsx?{query}" in client.get(f"{base(w)}/2026/projets?{query}").text
    answer = client.get(f"{base(w)}/2026/projets.xlsx?{query}&tri=-reference")
    book = read(answer.data)
    table = Read(book["Projets"], "N°")
    assert [line["Action"] for line in table.lines] == ["Aussi", "=1+1"]
    line = table.lines[1]
    assert (line["CGET demandé"], line["VILLE demandé"], line["Total demandé"]) == (5000, 700, 5700)
    assert line["Quartier(s)"] == w.contract.zones[0].label
    assert "Légende" in book.sheetnames
