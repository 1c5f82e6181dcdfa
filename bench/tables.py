"""The Markdown tables that measures are printed in, and what their rows say."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence

from flask import Flask
from sqlalchemy import event

from bench.instance import Instance, instance
from bench.load import Call, Measure, measure
from grants.database import db

Figures = Iterator[tuple[str, str]]


def tables(
    figures: Callable[[Instance, int], Figures],
    sizes: Sequence[int],
    kinds: Sequence[str],
    *,
    what: str = "",
    filled: bool = True,
) -> None:
    """One a database and size, of what the command line names; `filled`: with the projects."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", nargs="+", type=int, default=sizes)
    parser.add_argument("--databases", nargs="+", default=kinds)
    options = parser.parse_args()
    for kind in options.databases:
        for size in options.sizes:
            print(f"\n### {kind}, {size} projects{what}\n\n| what | figure |\n| --- | --- |")
            with instance(kind, size if filled else 0) as made:
                for name, figure in figures(made, size):
                    print(f"| {name} | {figure} |", flush=True)


def under(what: str, clients: int, found: Measure) -> tuple[str, str]:
    if clients == 1:
        return f"{what}, 1 client", f"p50 {found.p50:.1f} ms, p95 {found.p95:.1f} ms"
    return f"{what}, {clients} clients", f"{found.rate:.0f} /s, p95 {found.p95:.0f} ms"


def reading(app: Flask, port: int, what: str, calls: list[Call]) -> Figures:
    """Of a page: alone (with the size of one answer), by many at once, and its SQL."""
    alone = measure(port, calls, warm_up=10)
    name, figure = under(what, 1, alone)
    yield name, f"{figure}, {alone.size / 1000:.1f} kB"
    yield under(what, 16, measure(port, calls, clients=16))
    yield f"{what}, SQL queries", str(queries(app, calls[0]))


def queries(app: Flask, call: Call) -> int:
    """SQL statements of the call, answered in this process."""
    count = 0

    def one_more(*_: object) -> None:
        nonlocal count
        count += 1

    client = app.test_client()
    client.get("/")  # the band of the demonstration is read once a process
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", one_more)
    client.set_cookie("session", call.caller.cookie.removeprefix("session="))
    app.config["WTF_CSRF_ENABLED"] = False
    answer = client.open(call.path, method=call.method, data=call.json, content_type="application/json")
    assert answer.status_code == 200, answer.text
    return count
