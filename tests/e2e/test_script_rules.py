"""The rules that scripts keep while typing are the server's."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from types import SimpleNamespace

from grants.domain.campaign.criteria import Criterion, verdict
from grants.domain.dossier.questions import shown
from grants.domain.money import parse_amount, share
from grants.errors import DomainError
from grants.french import euros, percent
from tests.e2e.conftest import Visitor


def test_scripts_keep_the_servers_rules(visit: Callable[..., Visitor]) -> None:
    """The functions of the scripts and of the domain, over the same values."""
    one = visit()
    one.go("/")

    def script(module: str, call: str, values: object) -> list:
        return one.page.evaluate(
            f"async values => {{ const m = await script('{module}'); return values.map(({call})) }}", values
        )

    texts = [
        "",
        "0",
        "12",
        "12 000,5",
        "1 2 €",
        "12,345",
        "1e3",
        "-5",
        "12.5",
        "٣",
        "€",
        ",5",
        "9999999999,99",
        "10000000000",
        "12 OOO",
        "1\u202f000\u00a0€",
    ]
    assert script("budget", "t => m.euros(m.cents(t))", texts) == [euros(_or_nothing(text)) for text in texts]
    parts = list(product((0, 1, 5, 333, 99_999, 200_001), (0, 1, 3, 800, 160_000, 12_345_678)))
    assert script("budget", "([p, w]) => m.percent(BigInt(p), BigInt(w))", parts) == [
        percent(share(_money(p), _money(w))) for p, w in parts
    ]
    numbers = list(product((None, 0, 12, 15, 40, 1500), (None, 0, 30, 3000), (1, 50, 100)))
    assert script("criteria", "([p, w, n]) => m.verdict(p, w, n)", numbers) == [
        verdict(Criterion("", ("p",), ("t",), n), {"p": p, "t": t}).text for p, t, n in numbers
    ]
    _same_questions_shown(script)


def _same_questions_shown(script: Callable[..., list]) -> None:
    """A chain of conditions and a question apart, for every combination of answers."""
    rules = [(1, None, ""), (2, 1, "oui"), (3, 2, "Séjour"), (4, 1, "non"), (5, None, "")]
    questions = [SimpleNamespace(id=i, shown_if_id=a, shown_if_answer=s) for i, a, s in rules]
    wrappers = [
        {"dataset": {"question": f"q{i}"} | ({"shownIf": f"q{a}", "shownAnswer": s} if a else {})} for i, a, s in rules
    ]
    given = [
        {key: answer for key, answer in zip((1, 2, 3), some, strict=True) if answer}
        for some in product(("", "oui", "non"), ("", "Séjour", "Sorties"), ("", "x"))
    ]
    values = [[wrappers, {f"q{id_}": one for id_, one in some.items()}] for some in given]
    call = "([all, given]) => m.shown(all, name => given[name] ?? '').map(w => w.dataset.question)"
    assert script("questions", call, values) == [
        [f"q{question.id}" for question in shown(questions, some)] for some in given
    ]


def _money(cents: int):
    return parse_amount(f"{cents // 100},{cents % 100:02}")


def _or_nothing(text: str):
    try:
        return parse_amount(text) or parse_amount("0")
    except DomainError:
        return parse_amount("0")
