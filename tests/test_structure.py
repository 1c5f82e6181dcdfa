"""What keeps the code easy to enter: one name a class, files that fit the eye."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
CODE = [path for folder in ("grants", "exports") for path in sorted((ROOT / folder).rglob("*.py"))]
TESTS = [path for folder in ("tests", "soak", "bench") for path in (ROOT / folder).rglob("*.py")]


def test_class_names_are_unique() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_files_stay_short() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in CODE + TESTS}
    assert {path: lines for path, lines in long.items() if lines > 300} == {}
