"""One export in a process of its own: seconds and peak memory, against a bare openpyxl loop.

`python -m bench.exports programming URL FOLDER SLUG OUT YEAR` writes our workbook (or `comparison`,
two years);
`python -m bench.exports bare CELLS.pickle` writes the same styled cells with nothing around.
Each prints seconds and MiB that the peak rose above what was loaded before.
"""

from __future__ import annotations

import pickle
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


def _mebibytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _timed(work: Callable[[], object]) -> None:
    before, start = _mebibytes(), time.perf_counter()
    work()
    print(time.perf_counter() - start, _mebibytes() - before)


def ours(kind: str, url: str, folder: str, slug: str, years: list[int], out: str) -> None:
    from sqlalchemy import select

    from exports import comparison as comparison_book
    from exports import programming as programming_book
    from grants import create_app
    from grants.config import Settings
    from grants.database import db
    from grants.models import Contract
    from grants.queries.comparison.comparison import comparison
    from grants.queries.programming.programming import programming
    from tests.serving import environment

    app = create_app(Settings.from_environment(environment(url, Path(folder))))
    with app.app_context():
        contract = db.session.scalars(select(Contract).where(Contract.slug == slug)).one()
        if kind == "programming":
            _timed(lambda: programming_book.write(programming(contract, years[0]), contract, out))
        else:
            _timed(lambda: comparison_book.write(comparison(contract, *years), contract, out))


def cells_of(book: str) -> list[list[list[tuple[object, ...]]]]:
    """Every cell of a workbook with its style, as plain data."""
    from openpyxl import load_workbook

    return [
        [
            [(c.value, c.number_format, c.font.b, c.fill.fgColor.rgb, c.alignment.wrap_text) for c in row]
            for row in sheet.iter_rows()
        ]
        for sheet in load_workbook(book)
    ]


def bare(file: str) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    sheets = pickle.loads(Path(file).read_bytes())
    styles: dict[tuple[object, ...], tuple[object, ...]] = {}

    def write() -> None:
        book = Workbook(write_only=True)
        for rows in sheets:
            sheet = book.create_sheet()
            for row in rows:
                line = []
                for value, number_format, bold, colour, wrap in row:
                    cell = WriteOnlyCell(sheet, value)
                    key = (bold, colour, wrap)
                    if key not in styles:
                        styles[key] = (Font(b=bold), PatternFill("solid", fgColor=colour), Alignment(wrap_text=wrap))
                    cell.font, cell.fill, cell.alignment = styles[key]
                    cell.number_format = number_format
                    line.append(cell)
                sheet.append(line)
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as out:
            book.save(out.name)

    _timed(write)


if __name__ == "__main__":
    if sys.argv[1] == "bare":
        bare(sys.argv[2])
    else:
        kind, url, folder, slug, out, *years = sys.argv[1:]
        ours(kind, url, folder, slug, [int(y) for y in years], out)
