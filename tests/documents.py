"""Files to send: small true ones of each kind, and those that people should not send."""

import io
import os
import struct
import time
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
EXE = b"MZ\x90\x00" + bytes(500)
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def date_by_process(folder: Path) -> None:
    """The files are as of now by this process's clock, which `make test-dates` moves; a disk's is its own."""
    for file in folder.glob("*"):
        os.utime(file, (time.time(), time.time()))


def archive(**entries: bytes) -> bytes:
    """A zip; `a__b` in a name stands for `a/b`."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=1) as packed:
        for name, content in entries.items():
            packed.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def relation(kind: str, target: str = "http://192.0.2.1/a", mode: str = "External") -> bytes:
    return (
        f'<Relationships><Relationship Id="rId1" TargetMode="{mode}" Target="{target}"'
        f' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"/></Relationships>'
    ).encode()


def office(main: str, part: str = "word/document.xml", *, types: str = "", doctype: str = "", **more: bytes) -> bytes:
    """`types`: more of its list of types than the main part's."""
    main_part = f'<Override PartName="/{part}" ContentType="{main}"/>'
    types = f"{doctype}<Types>{main_part}{types}</Types>"
    entries = {"[Content_Types].xml": types.encode(), part.replace("/", "__"): b"<x/>"}
    return archive(**entries, **more)


def open_document(kind: str, **more: bytes) -> bytes:
    return archive(mimetype=f"application/vnd.oasis.opendocument.{kind}".encode(), **{"content.xml": b"<x/>"}, **more)


def bomb() -> bytes:
    """A docx of a megabyte that unpacks to 300."""
    return office(WORD, word__media=bytes(300 * 1024 * 1024))


def lying_directory() -> bytes:
    """A zip whose end record announces a directory of 4 GB."""
    packed = bytearray(office(WORD))
    end = packed.rfind(b"PK\x05\x06")
    packed[end + 12 : end + 16] = struct.pack("<L", 2**32 - 2)
    return bytes(packed)


def ole(*names: str) -> bytes:
    entries = [n.encode("utf-16-le").ljust(64, b"\0") + bytes(64) for n in ("Root Entry", *names)]
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + b"".join(entries)


def multipart(**fields) -> tuple[bytes, str]:
    """A body and its type, as browsers write them (test clients make temporary files, and change
    names). A value is a text, or a file's (content, name), or a list of them."""
    body = b""
    for field, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            content, name = (one.encode(), None) if isinstance(one, str) else one
            body += b'--limit\r\nContent-Disposition: form-data; name="' + field.encode() + b'"'
            if name is not None:
                quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
                body += b'; filename="' + quoted.encode() + b'"\r\nContent-Type: x/y'
            body += b"\r\n\r\n" + content + b"\r\n"
    return body + b"--limit--\r\n", "multipart/form-data; boundary=limit"
