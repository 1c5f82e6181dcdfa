"""What a file is, told by its content and never by its name: the types that are accepted.

puremagic was tried: it does not know HEIC of brand mif1, and takes any zip for a docx and any
OLE file for a doc. The eight signatures below are all that is needed.
"""

from __future__ import annotations

import os
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Any
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from grants.errors import DomainError

ACCEPTED = "PDF, photo (JPEG, PNG, WebP, HEIC, TIFF) ou document Word, Excel, Writer ou Calc"
MOST_NAME = 200

MOST_ENTRIES = 2_000
MOST_DIRECTORY = 512 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 200
MOST_INFLATED = 256 * 1024
MOST_RELATIONS = 4 * 1024 * 1024

HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True)
class Media:
    """`extensions`: those that its files may have; the first is the usual one."""

    type: str
    extensions: tuple[str, ...]


PDF = Media("application/pdf", ("pdf",))
JPEG = Media("image/jpeg", ("jpg", "jpeg", "jfif"))
PNG = Media("image/png", ("png",))
WEBP = Media("image/webp", ("webp",))
HEIC = Media("image/heic", ("heic", "heif"))
TIFF = Media("image/tiff", ("tif", "tiff"))
DOC = Media("application/msword", ("doc",))
XLS = Media("application/vnd.ms-excel", ("xls",))
DOCX = Media(f"{_OFFICE}.wordprocessingml.document", ("docx",))
XLSX = Media(f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",))
ODT = Media("application/vnd.oasis.opendocument.text", ("odt",))
ODS = Media("application/vnd.oasis.opendocument.spreadsheet", ("ods",))

EXTENSIONS = [
    end for each in (PDF, JPEG, PNG, WEBP, HEIC, TIFF, DOC, XLS, DOCX, XLSX, ODT, ODS) for end in each.extensions
]

# The main part of an Office file.
MAIN_PARTS = {f"{DOCX.type}.main+xml": DOCX, f"{XLSX.type}.main+xml": XLSX}
OLE_STREAMS = {"WordDocument": DOC, "Workbook": XLS, "Book": XLS}
# What is run or fetched once the file is opened: types of Office parts, names of parts, types of
# relationships (ECMA-376, [MS-OFFMACRO2]), folders of OpenDocument and streams of an OLE file: its
# project ([MS-OVBA] 2.3.4.1), a file of any kind in it ([MS-OLEDS] 2.3.6).
MACRO_TYPES = ("macro", "vbaproject")
MACRO_PARTS = ("vbaproject", "vbadata", "macrosheets/", "activex/", "oleobject")
RELATIONS = (*MACRO_TYPES, "vbadata", "activex", "control", "oleobject", "keymap", "attachedtoolbars")
LINK = "/hyperlink"  # followed only when it is pressed
MACRO_FOLDERS = ("basic/", "scripts/")
RUN_STREAMS = ("_VBA_PROJECT", "\x01Ole10Native")


def recognise(content: IO[bytes], name: str = "") -> Media:
    """Raises `DomainError` for what is not accepted, also where its `name` is that of what is. `content` must be
    seekable."""
    content.seek(0)
    head = content.read(1024)
    media = _image(head)
    if b"%PDF-" in head:
        media = PDF
    elif head.startswith(b"PK\x03\x04"):
        media = _zip(content)
    elif head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        media = _ole(content)
    if media is None:
        if (end := name.rpartition(".")[2].lower()) in EXTENSIONS:
            raise DomainError(
                f"Ce fichier n'est pas accepté : son nom finit par « .{end} », mais son contenu n'est pas celui d'un"
                f" {end.upper()}. Ouvrez-le pour vérifier, enregistrez-le en PDF, puis renvoyez-le."
            )
        raise DomainError(f"Ce type de fichier n'est pas accepté. Envoyez un {ACCEPTED}.")
    return media


def _image(head: bytes) -> Media | None:
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith((b"II*\0", b"MM\0*")):
        return TIFF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return HEIC
    return None


def _zip(content: IO[bytes]) -> Media | None:
    """Judged by its central directory; a few kilobytes of one or two entries are inflated."""
    try:
        _check_directory(content)
        with ZipFile(content) as archive:
            _check_size(archive, content.seek(0, os.SEEK_END))
            return _open_document(archive) or _office(archive)
    except (BadZipFile, KeyError, ValueError, NotImplementedError, OSError, EOFError, zlib.error, ExpatError):
        return None
    except RuntimeError:  # zipfile's word for an entry that is encrypted
        raise DomainError(
            "Ce document est protégé par un mot de passe : enregistrez-le sans, puis renvoyez-le."
        ) from None


def _check_directory(content: IO[bytes]) -> None:
    """Before `ZipFile` reads it whole: its size, as its end record says (zip, 4.3.16)."""
    size = content.seek(0, os.SEEK_END)
    content.seek(max(0, size - 65_557))
    end = content.read()
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 16:
        raise BadZipFile
    if int.from_bytes(end[at + 12 : at + 16], "little") > MOST_DIRECTORY:
        raise _bomb()


def _check_size(archive: ZipFile, packed: int) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > min(MOST_UNPACKED, packed * MOST_RATIO):
        raise _bomb()


def _bomb() -> DomainError:
    return DomainError(
        "Ce document prend trop de place une fois décompressé : enregistrez-le en PDF, puis renvoyez-le."
    )


def _runs() -> DomainError:
    return DomainError(
        "Ce document contient des macros ou un objet d'un autre programme, ou va chercher ailleurs un"
        " modèle, une image ou un classeur : enregistrez-le en PDF, puis renvoyez-le."
    )


def _open_document(archive: ZipFile) -> Media | None:
    if "mimetype" not in archive.namelist() or "content.xml" not in archive.namelist():
        return None
    declared = _read(archive, "mimetype").decode("ascii", "replace").strip()
    if any(name.lower().startswith(MACRO_FOLDERS) for name in archive.namelist()):
        raise _runs()
    return {media.type: media for media in (ODT, ODS)}.get(declared)


def _office(archive: ZipFile) -> Media | None:
    names = {name.lower() for name in archive.namelist()}
    if len(names) < len(archive.namelist()):  # which of two is meant, each program decides
        raise BadZipFile
    parts = _elements(archive, "[Content_Types].xml")
    types = [part.get("ContentType", "").lower() for part in parts]
    if _any_in(MACRO_TYPES, types) or _any_in(MACRO_PARTS, names):
        raise _runs()
    _refuse_relations(archive)
    for part in parts:
        media = MAIN_PARTS.get(part.get("ContentType", ""))
        if media and part.get("PartName", "").lstrip("/").lower() in names:
            return media
    return None


def _any_in(words: Iterable[str], texts: Iterable[str]) -> bool:
    return any(word in text for text in texts for word in words)


def _refuse_relations(archive: ZipFile) -> None:
    """A part's relationships stand in a part of their own, whose name ends so (ECMA-376-2, 6.5)."""
    relations = [e for e in archive.infolist() if e.filename.lower().endswith(".rels")]
    if sum(entry.file_size for entry in relations) > MOST_RELATIONS:
        raise _bomb()
    for entry in relations:
        for relation in _elements(archive, entry.filename):
            kind = relation.get("Type", "").lower()
            elsewhere = relation.get("TargetMode", "").lower() == "external" and not kind.endswith(LINK)
            if elsewhere or _any_in(RELATIONS, [kind.rpartition("/")[2]]):
                raise _runs()


def _elements(archive: ZipFile, name: str) -> list[dict[str, str]]:
    """The attributes of each element, read in one pass. Raises `ExpatError` for what is no XML or
    too long to be read whole, `BadZipFile` where it declares entities: no Office part may."""
    elements: list[dict[str, str]] = []

    def refuse(*_: Any) -> None:
        raise BadZipFile

    parser = ParserCreate()
    parser.StartElementHandler = lambda _name, attributes: elements.append(attributes)
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(_read(archive, name), True)
    return elements


def _read(archive: ZipFile, name: str) -> bytes:
    """Its beginning. Raises `BadZipFile` for methods that office programs do not use."""
    if archive.getinfo(name).compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise BadZipFile
    with archive.open(name) as entry:
        return entry.read(MOST_INFLATED)


def _ole(content: IO[bytes]) -> Media | None:
    """By the names in its directory, which are UTF-16 ([MS-CFB] 2.6); installers and mails are
    OLE files as well."""
    content.seek(0)
    whole = content.read()
    if _named("EncryptedPackage") in whole:
        raise DomainError("Ce document est protégé par un mot de passe : enregistrez-le sans, puis renvoyez-le.")
    if any(_named(stream) in whole for stream in RUN_STREAMS):
        raise _runs()
    return next((media for name, media in OLE_STREAMS.items() if _named(name) in whole), None)


def _named(name: str) -> bytes:
    """A directory entry's name field, to its full 64 bytes but its length."""
    return name.encode("utf-16-le").ljust(64, b"\0")


def visible(typed: str | None) -> str:
    """A name without folders and invisible characters (controls, changes of direction)."""
    bare = unicodedata.normalize("NFC", typed or "").replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in bare)
    return " ".join(shown.split()).strip(". ") or "document"


def safe_name(typed: str | None, media: Media) -> str:
    """The name as its sender knows it, no longer than is kept, with an extension that says what
    it is."""
    name = visible(typed)
    stem, dot, extension = name.rpartition(".")
    if not dot or extension.lower() not in media.extensions:
        stem, extension = name, media.extensions[0]
    room = MOST_NAME - len(extension) - 1
    return f"{stem if len(stem) <= room else stem[: room - 1] + '…'}.{extension}"
