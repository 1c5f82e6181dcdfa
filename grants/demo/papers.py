"""The documents of the demonstration: what its calls ask for, and a page for each bearer."""

from __future__ import annotations

import io

from exports.pdf import render
from grants.demo.people import DemoStaff
from grants.domain.campaign.campaign_list import ItemTerms, PieceTerms, add_document, add_item
from grants.domain.documents import document
from grants.domain.documents.document import KINDS_OF
from grants.models import Campaign, CampaignPiece, DocumentKind, User
from grants.web.uploads import storage, terms
from grants.words import word

ASKED = (DocumentKind.BANK_DETAILS, DocumentKind.STATUTES)
NAMES = {DocumentKind.BANK_DETAILS: "RIB.pdf", DocumentKind.STATUTES: "Statuts.pdf"}

TITLE = "Règlement de l'appel"
RULES = """Qui peut demander : toute organisation qui mène une action pour les habitants du quartier.

Ce qui est financé : des dépenses de l'action, jamais le fonctionnement courant de l'organisation.

Après l'action : un compte rendu financier, six mois au plus après la fin de l'année (règlement fictif)."""


def ask_and_send(campaign: Campaign, staff: DemoStaff, *, by: User) -> None:
    for kind in ASKED:
        add_item(CampaignPiece, campaign, PieceTerms("", "", required=True, kind=kind), by=by)
    quote = PieceTerms("Devis", "Pour une dépense d'équipement ou une prestation.", required=False, kind=None)
    add_item(CampaignPiece, campaign, quote, by=by)
    rules = document.receive(
        "reglement.pdf", io.BytesIO(render("text", {"title": TITLE, "text": RULES})), storage(), terms()
    )
    add_document(campaign, rules, ItemTerms(TITLE), by=by, total=terms().total_bytes)
    for name, bearer in staff.bearers.items():
        for kind in (kind for kind in ASKED if kind in KINDS_OF[bearer.nature]):
            page = io.BytesIO(_pdf(f"{word(kind)} - {name} - document fictif"))
            received = document.receive(NAMES[kind], page, storage(), terms())
            document.keep(received, bearer, by=staff.signatories[name], total=terms().total_bytes, kind=kind)


def _pdf(line: str) -> bytes:
    """One page that says one line (PDF 32000-1, 7.5)."""
    shown = line.encode("cp1252", "replace").translate(None, b"()\\")
    text = b"BT /F1 14 Tf 60 770 Td (" + shown + b") Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    )
    written, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return written + (
        b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        % (table, len(written))
    )
