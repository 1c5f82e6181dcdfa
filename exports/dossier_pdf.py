"""The dossier as it was sent, as a PDF (one that was not deposited here, as it stands), and its receipt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from exports.pdf import Letterhead, render
from grants.domain.dossier.receipt import Receipt
from grants.domain.dossier.sent import SentDossier, SentLine
from grants.french import day, euros, instant
from grants.models import Side

UNSEALED = (
    "Ce dossier n'a pas été déposé en ligne : il a été repris d'un fichier ou saisi par le service."
    " Voici ce qui en est enregistré."
)


def dossier_document(sent: SentDossier, head: Letterhead | None = None) -> bytes:
    return render(
        "dossier",
        {
            "reference": sent.reference,
            "title": sent.title,
            "sha256": sent.sha256,
            "origin": f"Envoyé le {instant(sent.at)} par {sent.by}." if sent.sha256 else UNSEALED,
            "call": f"{sent.campaign}, {sent.contract}",
            "chapters": [
                ["Organisation", list(map(list, sent.organisation.items()))],
                *([each.title, list(map(list, each.answers))] for each in sent.chapters),
            ],
            "tables": _tables(sent),
            "sworn": _sworn(sent),
            "documents": [f"{each['label']} : {each['filename']}" for each in sent.documents],
        },
        head,
    )


def _tables(sent: SentDossier) -> list[dict[str, Any]]:
    own = [line for line in sent.lines if not line.in_kind]
    asked = [[f"74 {funder} (demandé dans ce dossier)", euros(a)] for funder, a in sent.requests]
    made = [
        _table("Dépenses", (ln for ln in own if ln.side is Side.EXPENSE), [], sent.sums.cost),
        _table("Recettes", (ln for ln in own if ln.side is Side.INCOME), asked, sent.sums.income),
    ]
    if in_kind := [line for line in sent.lines if line.in_kind]:
        made.append(_table("Contributions volontaires en nature (à part)", in_kind, [], None))
    return made


def _table(title: str, lines: Iterable[SentLine], more: list[list[str]], total: Decimal | None) -> dict[str, Any]:
    rows = [[f"{line.name} ({line.notes})" if line.notes else line.name, euros(line.amount)] for line in lines]
    return {"title": title, "rows": [*rows, *more], "total": "" if total is None else euros(total)}


def _sworn(sent: SentDossier) -> list[str]:
    """In full, as they were sworn; those kept before their words were are told without."""
    sworn = sent.content["sworn"]
    if not sworn["by"]:
        return []
    points = " ; ".join(sworn.get("attests", ()))
    made = [f"Attesté sur l'honneur par {sworn['by']}, le {instant(sent.sworn_at())}"]
    if commitment := sent.sworn_at("commitment_at"):
        made.append(
            "Contrat d'engagement républicain (décret n° 2021-1947) souscrit pour l'organisation"
            f" par {sworn['by']}, le {instant(commitment)}"
        )
    texts = (points, sworn.get("commits", ""))
    return [f"{who} : {text}." if text else f"{who}." for who, text in zip(made, texts, strict=False)]


def receipt_document(receipt: Receipt, head: Letterhead | None = None) -> bytes:
    data = asdict(receipt) | {
        "facts": [list(fact) for fact in receipt.facts],
        "silence": list(receipt.silence),
        "silent_until": day(receipt.silent_until),
    }
    return render("receipt", data, head)
