"""What a file is, by its content."""

import io
import time
from contextlib import suppress

import pytest
from openpyxl import Workbook

from grants.domain.documents import media
from grants.errors import DomainError
from tests import documents as files


def real_xlsx() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (files.PDF, media.PDF),
        (b"\n\n" + files.PDF, media.PDF),
        (files.PNG, media.PNG),
        (b"\xff\xd8\xff\xdb" + bytes(9), media.JPEG),
        (b"RIFF\x10\0\0\0WEBPVP8 " + bytes(9), media.WEBP),
        (b"\0\0\0\x18ftypheic" + bytes(9), media.HEIC),
        (b"\0\0\0\x18ftypmif1" + bytes(9), media.HEIC),
        (b"II*\0" + bytes(9), media.TIFF),
        (b"MM\0*" + bytes(9), media.TIFF),
        (files.ole("x", "y", "z", "WordDocument"), media.DOC),
        (files.ole("Workbook"), media.XLS),
        (files.office(files.WORD), media.DOCX),
        (files.office(files.SHEET, "xl/workbook.xml"), media.XLSX),
        (real_xlsx(), media.XLSX),
        (files.open_document("text"), media.ODT),
        (files.open_document("spreadsheet"), media.ODS),
    ],
)
def test_told_by_content(content: bytes, expected: media.Media) -> None:
    assert media.recognise(io.BytesIO(content)) is expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (files.EXE, "pas accepté"),
        (b"<html><script>alert(1)</script>", "pas accepté"),
        (b"\0\0\0\x18ftypisom" + bytes(9), "pas accepté"),
        (b"PK\x03\x04" + bytes(50), "pas accepté"),
        (files.archive(**{"a.exe": files.EXE}), "pas accepté"),
        (files.office(files.MACRO), "macros"),
        (
            files.office(
                files.WORD, types='<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
            ),
            "macros",
        ),
        (
            files.office(
                files.SHEET,
                "xl/workbook.xml",
                types="<Override PartName=\"/xl/m.xml\" ContentType='application/vnd.ms-excel.macrosheet+xml'/>",
            ),
            "macros",
        ),
        (files.office(files.WORD, **{"word__vbaProject.bin": b"x"}), "macros"),
        (files.office(files.WORD, **{"word__embeddings__oleObject1.bin": b"x"}), "objet d'un autre programme"),
        (files.office(files.WORD, **{"word__activeX__activeX1.xml": b"x"}), "objet d'un autre programme"),
        (files.office(files.WORD, **{"word___rels__a.RELS": files.relation("attachedTemplate")}), "ailleurs"),
        *(
            (files.office(files.WORD, **{"word___rels__document.xml.rels": relation}), "macros")
            for relation in (
                files.relation("vbaProject", "x.bin", "Internal"),
                files.relation("oleObject", "x.bin", "Internal"),
                files.relation("control", "x.bin", "internal"),
                files.relation("oleObject"),
                files.relation("frame"),
                files.relation("image", "file://192.0.2.1/a.png"),
                files.relation("image", "a.png", "EXTERNAL"),
                files.relation("externalLinkPath", "file:///C:/a.xlsx"),
            )
        ),
        (files.office(files.WORD, types="<!-- " + "x" * 300_000 + " -->"), "pas accepté"),
        (files.office(files.WORD, types="</Types>"), "pas accepté"),
        (files.office(files.WORD, doctype='<!DOCTYPE a [<!ENTITY b "c">]>'), "pas accepté"),
        (files.office(files.WORD, **{"WORD__Document.xml": b"<y/>"}), "pas accepté"),
        (files.open_document("text", **{"Basic__Standard__Module1.xml": b"<x/>"}), "macros"),
        (files.open_document("text", **{"BASIC__Standard__Module1.xml": b"<x/>"}), "macros"),
        (files.ole("WordDocument", "_VBA_PROJECT"), "macros"),
        (files.ole("WordDocument", "\x01Ole10Native"), "objet d'un autre programme"),
        (files.office(files.WORD).replace(b"word/document.xml", b"word/documenx.xml"), "pas accepté"),
        (files.open_document("presentation"), "pas accepté"),
        (files.ole("!_StringData"), "pas accepté"),
        (files.ole("EncryptedPackage"), "mot de passe"),
        (files.lying_directory(), "décompressé"),
        (files.office(files.WORD, **{f"f{n}": b"" for n in range(2000)}), "décompressé"),
        (files.office(files.WORD)[:-30], "pas accepté"),
    ],
)
def test_refused(content: bytes, message: str) -> None:
    with pytest.raises(DomainError, match=message):
        media.recognise(io.BytesIO(content))


def test_what_is_there_in_office_files_of_use_is_accepted() -> None:
    for relation in (files.relation("hyperlink"), files.relation("package", "embeddings/a.xlsx", "Internal")):
        content = files.office(files.WORD, **{"word___rels__document.xml.rels": relation})
        assert media.recognise(io.BytesIO(content)) is media.DOCX


@pytest.mark.parametrize("hostile", ["<Override " * 30_000, "<Override" + ' PartName="x' * 25_000])
def test_types_are_read_in_one_pass(hostile: str) -> None:
    """A docx of 3 KB that took 107 s: what was not closed was looked for from each beginning."""
    content, before = files.office(files.WORD, types=hostile), time.process_time()
    assert len(content) < 10_000
    with pytest.raises(DomainError, match="pas accepté"):
        media.recognise(io.BytesIO(content))
    assert time.process_time() - before < 2


@pytest.mark.slow
def test_what_unpacks_without_end_is_refused() -> None:
    with pytest.raises(DomainError, match="décompressé"):
        media.recognise(io.BytesIO(files.bomb()))


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_a_damaged_zip_is_refused_or_read_but_never_an_accident(cut: int) -> None:
    whole = bytearray(files.office(files.WORD))
    whole[cut % len(whole)] ^= 0xFF
    for content in (bytes(whole), bytes(whole[:cut])):
        with suppress(DomainError):
            media.recognise(io.BytesIO(content))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("statuts.pdf", "statuts.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\Awa\\RIB 2026.PDF", "RIB 2026.PDF"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "a b Set-Cookie: x.pdf"),
        ("facture\u202efdp.exe", "facture fdp.exe.pdf"),
        ("statuts.exe", "statuts.exe.pdf"),
        ("Règlement intérieur – 2026.pdf", "Règlement intérieur – 2026.pdf"),
        ("é" * 196 + ".pdf", "é" * 196 + ".pdf"),
        ("x" * 400 + ".pdf", "x" * 195 + "….pdf"),
        ("..", "document.pdf"),
        ("", "document.pdf"),
        (None, "document.pdf"),
    ],
)
def test_names_are_kept_without_what_they_could_do(typed: str | None, kept: str) -> None:
    assert media.safe_name(typed, media.PDF) == kept
