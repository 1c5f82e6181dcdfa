"""What keeps the code easy to enter: one name a class, files that fit the eye."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
CODE = [path for folder in ("grants", "exports") for path in sorted((ROOT / folder).rglob("*.py"))]
TESTS = [path for folder in ("tests", "soak", "bench") for path in (ROOT / folder).rglob("*.py")]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def definitions(path: Path) -> list[ast.ClassDef | ast.FunctionDef | ast.Lambda]:
    nodes = ast.walk(tree(path))
    return [node for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.Lambda)]


def test_names_of_classes_and_types_are_unique() -> None:
    """Types: what a module calls one (`LineKey = tuple[int, int]`); type variables of one letter are everybody's."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in CODE:
        names = [name for node in tree(path).body for name in assigned(node)]
        names = [name for name in names if name[0].isupper() and not name.isupper()]
        names += [node.name for node in definitions(path) if isinstance(node, ast.ClassDef)]
        for name in names:
            places[name].append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_files_stay_short() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in CODE + TESTS}
    assert {path: lines for path, lines in long.items() if lines > 300} == {}


# What a thing is called by nobody who reads on: a noun says what it is.
NO_NAMES = {"each", "found", "here", "of", "said", "told"}


def test_whatever_is_named_for_long_is_named_with_nouns_and_verbs() -> None:
    """Functions, their parameters, classes, fields of classes and what modules hold; `_said` and `SAID` are no better
    than `said`. Spared: public methods (`Filters.of(request)` reads as a phrase), and the columns of tables."""
    bad = []
    for path in CODE:
        owners = [tree(path), *(node for node in definitions(path) if isinstance(node, ast.ClassDef))]
        methods = {id(node) for owner in owners[1:] for node in owner.body}
        named = [(node.lineno, name) for owner in owners for node in owner.body for name in assigned(node)]
        for node in definitions(path):
            if isinstance(node, ast.FunctionDef | ast.Lambda):
                named += [(node.lineno, arg.arg) for arg in ast.walk(node.args) if isinstance(arg, ast.arg)]
            if not isinstance(node, ast.Lambda) and not (id(node) in methods and node.name in NO_NAMES):
                named.append((node.lineno, node.name))
        bad += [f"{path}:{line} {name}" for line, name in named if name.strip("_").lower() in NO_NAMES]
    assert bad == []


def assigned(node: ast.stmt) -> Iterator[str]:
    """The names to which a statement of a module or class gives a value or a type."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    if not (isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation).startswith("Mapped[")):
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def test_variables_that_live_long_are_named_with_nouns() -> None:
    """Over more than eight lines of one function."""
    bad = []
    for path in CODE:
        for function in definitions(path):
            if isinstance(function, ast.FunctionDef):
                lines: dict[str, list[int]] = defaultdict(list)
                for name in names(function):
                    lines[name.id].append(name.lineno)
                bad += [f"{path}:{at[0]} {word}" for word, at in lines.items() if max(at) - min(at) > 8]
    assert bad == []


def names(function: ast.FunctionDef) -> Iterator[ast.Name]:
    """Those that say nothing. A function that is no longer than the limit has none that live beyond it."""
    if (function.end_lineno or 0) - function.lineno > 8:
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and node.id in NO_NAMES:
                yield node
