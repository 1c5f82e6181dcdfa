"""The receipt of a dossier as a PDF."""

from __future__ import annotations

from dataclasses import asdict

from exports.pdf import Letterhead, render
from grants.domain.dossier.receipt import Receipt
from grants.french import day


def receipt_document(receipt: Receipt, head: Letterhead | None = None) -> bytes:
    data = asdict(receipt) | {
        "facts": [list(fact) for fact in receipt.facts],
        "silence": list(receipt.silence),
        "silent_until": day(receipt.silent_until),
    }
    return render("receipt", data, head)
