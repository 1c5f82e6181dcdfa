"""Every regular expression of the application, over what could make it look back without end."""

import ast
import re
import time
from functools import partial
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LENGTH = 20_000
REPEATED = (" ", "\n", "a", "0", ".", ":", "-", ",", "/", "@", "a.", "a:", "- ", '<a b="')
BEGINNINGS = ("", "a@", "https://")
# What none of them takes at its end.
ENDS = ("\0", " ;")
# Looking back over each sign from each sign takes seconds, one pass a thousandth of one.
SECONDS = 0.5


def expressions() -> list[tuple[str, str | bytes, str]]:
    """Place, expression and how it is used, of each that is written here."""
    files = [file for folder in ("grants", "exports") for file in sorted(ROOT.glob(f"{folder}/**/*.py"))]
    texts = {file: file.read_text("utf-8") for file in files}
    sources = "".join(texts.values())
    found = []
    for file, source in texts.items():
        if not re.search(r"\bre\.|Regexp", source):
            continue
        tree = ast.parse(source)
        names = {n.value: n.targets[0] for n in ast.walk(tree) if isinstance(n, ast.Assign)}
        for call in ast.walk(tree):
            called = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
            if re.fullmatch(r"re\.\w+|Regexp", called):
                place = f"{file.relative_to(ROOT)}:{call.lineno}"
                pattern = ast.literal_eval(call.args[0])
                used = called.removeprefix("re.").replace("Regexp", "match")
                named = ast.unparse(names[call]) if used == "compile" else ""
                uses = re.findall(rf"{named}\.(\w+)\(", sources) if named else [used]
                found += [(place, pattern, use) for use in sorted(set(uses))]
    return found


@pytest.mark.slow
def test_expressions_are_linear() -> None:
    for place, pattern, use in expressions():
        run = {
            "sub": lambda text, pattern=pattern: re.sub(pattern, "" if isinstance(pattern, str) else b"", text),
            "finditer": lambda text, pattern=pattern: list(re.finditer(pattern, text)),
        }.get(use) or partial(getattr(re, use), pattern)
        for beginning, repeated, end in product(BEGINNINGS, REPEATED, ENDS):
            text = beginning + repeated * (LENGTH // len(repeated)) + end
            before = time.process_time()
            run(text if isinstance(pattern, str) else text.encode())
            assert time.process_time() - before < SECONDS, (place, beginning, repeated, end)
