"""Clients on loopback, one process of threads beside the server, with kept connections."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median, quantiles
from urllib.parse import urlencode

from tests.serving import Caller


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    caller: Caller
    # A browser is sent elsewhere after a POST that did its work.
    expect: int = 200
    # What a POST sends beside the token.
    fields: tuple[tuple[str, object], ...] = ()
    accept: str = "*/*"
    # Sent instead of fields, with the token in the headers, as our scripts do.
    json: str = ""


@dataclass(frozen=True)
class Measure:
    """Milliseconds; calls a second; bytes of one answer."""

    p50: float
    p95: float
    rate: float
    size: int


def measure(port: int, calls: list[Call], clients: int = 1, warm_up: int = 0) -> Measure:
    """Send each call once, over `clients` at a time; raises on an unexpected answer."""
    warm, timed = calls[:warm_up], iter(calls[warm_up:])
    _client(port, iter(warm), threading.Lock(), [], [])
    lock, times, sizes = threading.Lock(), [], []
    threads = [threading.Thread(target=_client, args=(port, timed, lock, times, sizes)) for _ in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - start
    if len(times) != len(calls) - warm_up:
        raise RuntimeError(f"{len(times)} good answers to {len(calls) - warm_up} calls")
    ms = [t * 1000 for t in times]
    return Measure(median(ms), quantiles(ms, n=20)[-1], len(ms) / elapsed, max(sizes))


def _client(port: int, calls: Iterator[Call], lock: threading.Lock, times: list[float], sizes: list[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while True:
        with lock:
            call = next(calls, None)
        if call is None:
            break
        start = time.perf_counter()
        size = _send(connection, call)
        times.append(time.perf_counter() - start)
        sizes.append(size)
    connection.close()


def _send(connection: http.client.HTTPConnection, call: Call) -> int:
    headers = {"Cookie": call.caller.cookie, "Accept": call.accept}
    body = None
    if call.json:
        body = call.json
        headers |= {"Content-Type": "application/json", "X-CSRFToken": call.caller.token}
    elif call.method == "POST":
        body = urlencode([("csrf_token", call.caller.token), *call.fields])
        headers |= {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request(call.method, call.path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != call.expect:
        raise RuntimeError(f"{call.method} {call.path}: {answer.status}\n{content[:2000]!r}")
    return len(content)
