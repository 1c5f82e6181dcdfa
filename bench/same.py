"""Whether two checkouts show the same: `python -m bench.same BEFORE AFTER`.

Each makes its own demonstration and follows every link from its first page, as each kind of user.
Of pages the visible text is compared, of workbooks every cell with its style, of all other files the
bytes. Instants are left out, since the demonstrations are made one after the other. The differences
are printed as those of a text: a change that is meant is read there and told, one that is not is a fault.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, urldefrag, urljoin

PEOPLE = ("chefdeprojet", "ville", "etat", "comite", "adabe", "admin", "")
PASSWORD = "villeneuve en demonstration"  # of the demonstration, in the README
INSTANT = re.compile(r"\d{1,2} ?[h:] ?\d{2}|\d{1,2} \w{3,9} 20\d{2}")
VERSION = re.compile(r"[?&]v=[\w.]{1,64}")
# Each word of a grid is a filter, and years may be compared in any order: the first few of a kind are enough.
OF_A_KIND = 12


class Page(HTMLParser):
    """Its links and its visible text, a line an element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.lines: list[str] = []
        self.hidden = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "style"):
            self.hidden = tag
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if tag == "input" and given.get("type") not in ("hidden", "password"):
            self.lines.append(f"{given.get('name')}={given.get('value') or ''}")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.hidden:
            self.hidden = ""

    def handle_data(self, data: str) -> None:
        if not self.hidden and data.strip():
            self.lines.append(" ".join(data.split()))


def workbook(content: bytes) -> str:
    from openpyxl import load_workbook

    lines: list[str] = []
    for sheet in load_workbook(BytesIO(content)):
        lines.append(
            f"{sheet.title} {sheet.freeze_panes} {sheet.print_area} {sheet.print_title_rows} {sheet.auto_filter.ref}"
        )
        lines += [f"width {name} {column.width}" for name, column in sorted(sheet.column_dimensions.items())]
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None or cell.has_style):
            style = cell.number_format, cell.font.b, cell.font.sz, cell.font.color and cell.font.color.rgb
            ground = (
                cell.fill.fgColor.rgb,
                cell.alignment.horizontal,
                cell.alignment.wrap_text,
                cell.border.bottom.style,
            )
            lines.append(f"{cell.coordinate} {cell.value!r} {style} {ground}")
    return "\n".join(lines)


def kind(address: str) -> str:
    return re.sub(r"\d+|=[^&]*", "#", address)


def read(person: str) -> Iterator[tuple[str, str]]:
    """Address and content of all that one may open, from the first page on."""
    from grants import create_app

    app = create_app()
    app.testing = True
    client = app.test_client()
    if person:
        token = re.search(r'name="csrf_token"[^>]{0,80}value="([^"]{1,200})"', client.get("/connexion").text)
        assert token
        sent = {"email": f"{person}@demo.example", "password": PASSWORD, "csrf_token": token[1]}
        assert client.post("/connexion", data=sent).status_code in (302, 303), person
    seen, queue, kinds = {"/"}, ["/"], dict[str, int]()
    for address in queue:
        got = client.get(address)
        if got.mimetype == "text/html":
            page = Page(got.text)
            yield address, "\n".join([str(got.status_code), *page.lines])
            for link in page.links:
                to = urldefrag(urljoin(address, link))[0]
                if to.startswith("/") and to not in seen and kinds.setdefault(kind(to), 0) < OF_A_KIND:
                    kinds[kind(to)] += 1
                    seen.add(to)
                    queue.append(to)
        elif got.mimetype.endswith("spreadsheetml.sheet"):
            yield address, workbook(got.data)
        elif got.mimetype != "application/pdf":  # typst writes its own instant into them
            yield address, got.data.decode("utf-8-sig", "replace")
        got.close()


def write(folder: Path) -> None:
    for person in PEOPLE:
        for address, content in read(person):
            name = quote(VERSION.sub("", f"{person}{address}"), safe="")[:250]
            (folder / name).write_text(INSTANT.sub("…", VERSION.sub("", content)))


def contents(checkout: Path, folder: Path) -> dict[str, str]:
    """What `write` made of a checkout, in a process and with a demonstration of its own."""
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "GRANTS_DATA_DIR": data, "PYTHONPATH": str(checkout)}
        for command in (["-m", "grants", "demo"], [__file__, "--write", str(folder)]):
            subprocess.run(
                [sys.executable, "-P", *command], cwd=checkout, env=environment, check=True, stdout=sys.stderr
            )
    return {path.name: path.read_text() for path in folder.iterdir()}


def main(before: str, after: str) -> int:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        old, new = contents(Path(before).resolve(), Path(one)), contents(Path(after).resolve(), Path(two))
    different = [name for name in sorted(old.keys() & new.keys()) if old[name] != new[name]]
    for name in different:
        print(*difflib.unified_diff(old[name].split("\n"), new[name].split("\n"), name, lineterm="", n=0), sep="\n")
    for label, names in (("gone", old.keys() - new.keys()), ("new", new.keys() - old.keys())):
        print(*(f"{label}: {name}" for name in sorted(names)), sep="\n")
    print(f"{len(old)} and {len(new)} pages and files, {len(different)} of both differ")
    return 1 if different else 0


if __name__ == "__main__":
    if sys.argv[1] == "--write":
        write(Path(sys.argv[2]))
    else:
        sys.exit(main(*sys.argv[1:3]))
