"""`python -m bench.house [REVISION]`: files and lines of each layer, functions, names and imports between
rooms, as docs/decisions/house.md tells them; of what is committed (HEAD)."""

from __future__ import annotations

import ast
import subprocess
import sys
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from io import BytesIO
from statistics import median

COUNTED = ("grants", "exports", "static")
LAYERS = ("models", "domain", "queries", "web")


def files(revision: str) -> dict[str, str]:
    """Texts by path."""
    packed = subprocess.run(["git", "archive", revision, *COUNTED], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        return {
            member.name: held.read().decode()
            for member in archive
            if member.name.endswith((".py", ".js", ".css")) and (held := archive.extractfile(member))
        }


def layer(path: str) -> str:
    top, below, *deeper = path.split("/")
    if top != "grants":
        return top if path.endswith(".py") else path.rsplit(".", 1)[1]
    return below if deeper and below in LAYERS else "the rest of grants"


def room(parts: list[str]) -> str:
    """`parts`: of a module below its layer."""
    return parts[0].removesuffix(".py")


def arrows(path: str, tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    """(layer, room, room that it imports)."""
    _top, of_layer, *below = path.split("/")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"grants.{of_layer}."):
            there = room((node.module or "").split(".")[2:])
            if there != room(below):
                yield of_layer, room(below), there


def main(revision: str) -> None:
    lines: dict[str, list[int]] = defaultdict(list)
    functions: list[int] = []
    classes: Counter[str] = Counter()
    between: set[tuple[str, str, str]] = set()
    for path, text in files(revision).items():
        lines[layer(path)].append(len(text.splitlines()))
        if not path.endswith(".py"):
            continue
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                functions.append((node.end_lineno or 0) - node.lineno + 1)
            elif isinstance(node, ast.ClassDef):
                classes[node.name] += 1
        if path.startswith(("grants/domain/", "grants/queries/")):
            between.update(arrows(path, tree))
    for name, counts in sorted(lines.items()):
        print(f"{name}: {len(counts)} files, {sum(counts)} lines, the longest {max(counts)}")
    python = sum(sum(counts) for name, counts in lines.items() if name not in ("js", "css"))
    print(f"Python: {python} lines; all: {sum(map(sum, lines.values()))}")
    functions.sort()
    print(f"functions: median {median(functions):.0f}, {functions[len(functions) * 9 // 10]}, longest {functions[-1]}")
    print(f"class names defined twice: {sum(count > 1 for count in classes.values())}")
    for of_layer in ("domain", "queries"):
        drawn = {(here, there) for its_layer, here, there in between if its_layer == of_layer}
        print(f"arrows between rooms of {of_layer}: {len(drawn)} of {len({name for pair in drawn for name in pair})}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "HEAD")
