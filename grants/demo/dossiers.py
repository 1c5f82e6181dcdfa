"""The fictitious dossiers of the open call, one of each state and outcome (25), then one of the year before.

`data/dossiers.csv` has one a line. Its `script` is what happens to a dossier after it is written, a
step after the other: `submit`, `admit`, `refuse`, `pieces`, `withdraw`, `propose CODE EUROS`,
`accept CODE EUROS`, `reject CODE`, `defer CODE`, `cancel CODE`, `notify CODE`; after the committee
(`scripts.LATER`) also `revise CODE EUROS`. A fourth word, `typed`: by the coordinator, on behalf of
the institution.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data"
ENVELOPES = {"CGET": 85_500, "VILLE": 45_000, "DEPT": 40_000, "REGION": 10_000}


@dataclass(frozen=True)
class Dossier:
    """`path`: pillar and axis. `asked`: euros by the code of the funder. `renews`: the action of the same title.
    `public`: expected beneficiaries, and those of the quartier prioritaire."""

    bearer: str
    title: str
    path: list[str]
    orientation: int
    cost: int
    asked: dict[str, int]
    script: list[str]
    renews: bool
    public: list[int]
    zone: str


def _dossier(line: dict[str, str]) -> Dossier:
    return Dossier(
        line["bearer"],
        line["title"],
        line["path"].split(" > "),
        int(line["orientation"]),
        int(line["cost"]),
        {code: int(line[code]) for code in ENVELOPES if line[code]},
        line["script"].split(", ") if line["script"] else [],
        line["renews"] == "oui",
        [int(number) for number in line["public"].split("/")],
        line["zone"],
    )


with (DATA / "dossiers.csv").open(encoding="utf-8", newline="") as _file:
    *DOSSIERS, READY = map(_dossier, csv.DictReader(_file, delimiter=";"))
