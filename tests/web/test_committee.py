"""What committees read: pages, workbooks and CSV carry one set of figures."""

from __future__ import annotations

import csv
from decimal import Decimal
from html.parser import HTMLParser
from io import StringIO

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from grants.database import db
from grants.french import euros, percent
from grants.models import Contract, FundingLine, Outcome, Role, State, User, now
from tests.exports.reading import Read, read
from tests.factories import World, campaign, contract, grant_role, project, user, world
from tests.villeneuve import villeneuve
from tests.web.reading import plain

ADDRESS = "/contrats/villeneuve-la-garenne"


class Tables(HTMLParser):
    """The tables of a page, by caption: lines of texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, list[list[str]]] = {}
        self.caption = ""
        self.inside: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs) -> None:
        if tag in ("td", "th"):
            self.found[self.caption][-1].append("")
        elif tag == "tr":
            self.found.setdefault(self.caption, []).append([])
        elif tag == "caption":
            self.caption = ""
        self.inside = tag if tag in ("td", "th", "caption", "a", "span") else None

    def handle_endtag(self, tag: str) -> None:
        self.inside = None
        if tag == "table":
            self.caption = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "caption":
            self.caption += data
        elif self.inside and self.caption in self.found and self.found[self.caption][-1]:
            self.found[self.caption][-1][-1] += data


def reader(of: Contract) -> User:
    made = grant_role(user("Comité"), Role.COMMITTEE, of)
    db.session.commit()
    return made


def test_the_page_of_the_published_year(app: Flask, sign_in) -> None:
    client = sign_in(reader(villeneuve()))
    response = client.get(f"{ADDRESS}/programmation")
    assert response.location == f"{ADDRESS}/2022/programmation"
    tables = Tables(client.get(f"{ADDRESS}/2021/programmation").text).found
    accepted = tables["Cadrage budgétaire"][1]
    assert accepted[-1] == euros(Decimal(1_186_077))
    total = next(t for t in tables["Contrat de ville : 62 actions retenues"] if "Total" in t[0])
    assert euros(Decimal(295_476)) in total
    assert euros(Decimal(341_637)) in total


@pytest.mark.slow
def test_the_comparison_page(app: Flask, sign_in) -> None:
    client = sign_in(reader(villeneuve()))
    assert client.get(f"{ADDRESS}/comparaison").location == f"{ADDRESS}/comparaison/2021/2022"
    assert client.get(f"{ADDRESS}/comparaison?a=2021").location.endswith("/2022/2021")
    assert client.get(f"{ADDRESS}/comparaison?de=2022&a=2021").location.endswith("/2022/2021")
    for typed in ("de=99999999999&a=2021", "de=2021&a=2021", "de=-1&a=2021"):
        assert client.get(f"{ADDRESS}/comparaison?{typed}").location.endswith("/2022/2021")
    page = client.get(f"{ADDRESS}/comparaison/2021/2022")
    tables = Tables(page.text).found
    shares = tables["Contrat de ville : montants accordés, et part dans le total du financeur"]
    assert shares[3][1:3] == [percent(Decimal("4.82")), percent(Decimal("5.56"))]
    assert tables["Contrat de ville : nombre d'actions"][-1][1:] == ["62", "62", "0"]
    for years, shown in {"2021/2021": "2022/2021", "2020/2021": "2022/2021", "2021/9999": "2021/2022"}.items():
        response = client.get(f"{ADDRESS}/comparaison/{years}?par=nature", follow_redirects=True)
        assert response.request.full_path == f"{ADDRESS}/comparaison/{shown}?par=nature"
        assert f"{' et '.join(years.split('/'))} ne se comparent pas" in plain(response.text)
        assert "(2021, 2022)" in response.text
        for file in (".xlsx", "/vue.xlsx", "/vue.csv"):
            assert client.get(f"{ADDRESS}/comparaison/{years}{file}").status_code == 404


def test_one_year_is_not_compared(w: World, sign_in) -> None:
    home, year = f"/contrats/{w.contract.slug}", w.campaign.year
    page = sign_in(w.committee).get(f"{home}/comparaison/{year - 1}/{year}", follow_redirects=True)
    assert f"que pour {year} : il n'y a pas encore deux années" in plain(page.text)


@pytest.mark.slow
def test_downloads_have_french_names_and_are_not_kept(app: Flask, sign_in) -> None:
    of = villeneuve()
    of.label = 'Contrat "Été" / Nord\r\nX: y'
    db.session.commit()
    client = sign_in(reader(of))
    for address in ("2021/programmation.xlsx", "2021/programmation.csv", "comparaison/2021/2022.xlsx"):
        response = client.get(f"{ADDRESS}/{address}")
        assert response.status_code == 200
        name = response.headers["Content-Disposition"]
        assert "%C3%89t%C3%A9" in name
        assert "Ete" in name
        assert "\n" not in name
        assert response.cache_control.no_store


def test_a_year_without_a_call_and_a_contract_without_any(app: Flask, sign_in) -> None:
    empty = contract("vide")
    client = sign_in(reader(empty))
    assert "aucun appel" in client.get("/contrats/vide/programmation").text
    for address in ("2020/programmation", "2020/programmation.xlsx", "2020/programmation.csv"):
        assert client.get(f"/contrats/vide/{address}").status_code == 404
    assert "aucun appel" in client.get("/contrats/vide/comparaison").text
    assert client.get("/contrats/nulle-part/programmation").status_code == 404
    world("ailleurs")
    assert client.get("/contrats/ailleurs/2026/programmation").status_code == 403


def test_text_from_people_stays_text(app: Flask, sign_in) -> None:
    w = world("ici")
    titles = ["=2+3", "+1", "-1", "@SUM(A1)", "\tx", "<b>gras</b>", "a\x0b\x1fb\ufffe", "#N/A"]
    for title in titles:
        w.project(title=title)
    db.session.commit()
    client = sign_in(w.committee)
    sheet = read(client.get("/contrats/ici/2026/programmation.xlsx").data)["Contrat de ville"]
    cells = {c.value: c for row in sheet.iter_rows() for c in row if c.value}
    for title in titles[:5]:
        assert cells[title].data_type == "s"
        assert cells[title].quotePrefix
    assert "ab" in cells
    assert cells["#N/A"].data_type == "s"
    page = client.get("/contrats/ici/2026/programmation").text
    assert "&lt;b&gt;gras" in page
    assert "<b>gras" not in page
    text = client.get("/contrats/ici/2026/programmation.csv").data.decode("utf-8-sig")
    actions = {row["Action"] for row in csv.DictReader(StringIO(text), delimiter=";")}
    assert {"'=2+3", "'+1", "'-1", "'@SUM(A1)", "'\tx"} <= actions


def test_the_table_leads_to_the_sheet_or_to_the_opinions(app: Flask, sign_in) -> None:
    w = world("ici")
    p = w.project()
    db.session.commit()
    sheet = f"/projets/{p.id}"
    for person, link in ((w.coordinator, sheet), (w.committee, f"{sheet}/avis")):
        client = sign_in(person)
        assert f'href="{link}"' in client.get("/contrats/ici/2026/programmation").text
        assert client.get(link).status_code == 200


AMOUNT = st.one_of(st.integers(1, 3_000_000), st.decimals(1, 9999, places=2)).map(Decimal)
LINES = st.lists(st.one_of(st.none(), st.tuples(st.sampled_from(list(Outcome)), AMOUNT)), min_size=3, max_size=3)
STATES = st.sampled_from(
    [State.ADMISSIBLE, State.SUBMITTED, State.WITHDRAWN, State.CLOSED, State.INADMISSIBLE, State.DRAFT]
)


def filled(projects) -> World:
    w = world()
    calls = [w.campaign, campaign(w.contract, [w.cget, w.ville, w.reg], kind="VVV")]
    for state, lines, call, theme in projects:
        asked = {f: 5_000_000 for f, line in zip((w.cget, w.ville, w.reg), lines, strict=True) if line}
        made = project(calls[call], w.applicant, requested=asked, state=state, theme_id=w.contract.themes[theme].id)
        db.session.flush()
        said = [line for line in lines if line]
        for line, (outcome, amount) in zip(made_lines(made), said, strict=True):
            line.outcome, line.proposed = outcome, amount
            line.granted = amount if outcome is Outcome.ACCEPTED else None
            line.reason = "Motif" if outcome in (Outcome.REJECTED, Outcome.CANCELLED) else ""
            line.decided_by_id, line.decided_at = w.state_instructor.id, now()
    db.session.commit()
    return w


def made_lines(made):
    return db.session.query(FundingLine).filter_by(project_id=made.id).order_by(FundingLine.id)


PROJECTS = st.lists(st.tuples(STATES, LINES, st.integers(0, 1), st.sampled_from([0, 1, 2, 4])), min_size=1, max_size=7)


@pytest.mark.slow
@settings(max_examples=5)
@given(PROJECTS)
def test_page_workbook_and_csv_carry_equal_figures(app: Flask, sign_in, projects) -> None:
    check_equal_figures(sign_in, projects)  # many more of them: `make soak`


EMPTY = ("", "–", "n. c.", "0\u00a0€", "0,00\u00a0%")


def check_equal_figures(sign_in, projects) -> None:
    w = filled(projects)
    client, address = sign_in(w.committee), f"/contrats/{w.contract.slug}/2026/programmation"
    book = read(client.get(f"{address}.xlsx").data)
    tables = Tables(client.get(address).text).found
    text = client.get(f"{address}.csv").data.decode("utf-8-sig")
    data = list(csv.DictReader(StringIO(text), delimiter=";"))
    for kind in ("Contrat de ville", "VVV"):
        page = next(t for caption, t in tables.items() if caption.startswith(f"{kind} : ") and "retenue" in caption)
        sheet = Read(book[kind], "N°")
        on_page = [line for line in page[1:] if len(line) > 1]
        in_book, heads = iter(sheet.lines), page[0]
        for shown in on_page:
            written = next(line for line in in_book if line["N°"] == shown[0])
            for head, word in zip(reversed(heads), reversed(shown[1:]), strict=False):
                if head in written:
                    assert word == as_shown(written[head], head)
                else:  # paper goes without the columns that are empty on every line
                    assert word in EMPTY
        for code in ("CGET", "VILLE", "REGION"):
            granted = sum(
                Decimal(x["Accordé"].replace(",", "."))
                for x in data
                if (x["Appel"], x["Financeur"], x["Résultat"]) == (kind, code, "retenu") and x["Accordé"]
            )
            total = [x for x in sheet.lines if x["N°"].startswith(f"Total {kind}")][-1]
            assert Decimal(str(total.get(f"{code} accordé", 0))) == granted


def as_shown(value, head: str) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if head == "% du coût":
        return percent(Decimal(str(value)) * 100)
    return euros(Decimal(str(value)))
