"""Where documents lie: a folder, or whatever fsspec reaches (`s3://bucket/prefix`).

Keys are random, so that no name of a person's becomes a path; a file appears under its key only
when it is whole.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from grants.models import now

CHUNK = 256 * 1024
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StoredFile:
    """`size` in bytes; `sha256` as hexadecimal digits."""

    key: str
    size: int
    sha256: str


class Storage:
    """`url`: as the setting GRANTS_STORAGE_URL says it."""

    def __init__(self, url: str) -> None:
        self.fs: Any
        self.fs, self.root = url_to_fs(url)
        self.local = isinstance(self.fs, LocalFileSystem)
        if self.local:
            os.makedirs(self.root, mode=0o700, exist_ok=True)

    def write(self, content: IO[bytes], key: str = "") -> StoredFile:
        """Copies from where `content` stands, under a new key or that of a backup. Raises
        `OSError`, and then leaves nothing."""
        key, digest, size = key or secrets.token_hex(20), hashlib.sha256(), 0
        part = self._path(f"{key}.part")
        try:
            with self.fs.open(part, "wb") as out:
                for chunk in chunks(content):
                    out.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                self._sync(out)
            self.fs.mv(part, self._path(key))
            self._sync_folder()
        except BaseException:
            self.remove(f"{key}.part")
            raise
        return StoredFile(key, size, digest.hexdigest())

    def open(self, key: str) -> IO[bytes]:
        """Raises `FileNotFoundError`."""
        opened: IO[bytes] = self.fs.open(self._path(key), "rb")
        return opened

    def remove_all(self, keys: Iterable[str]) -> None:
        """Of documents that are no more: what stays behind, `grants sweep-files` finds."""
        for key in keys:
            try:
                self.remove(key)
            except Exception:
                log.exception("a removed file stays in the storage")

    def remove(self, key: str) -> None:
        with suppress(FileNotFoundError):
            self.fs.rm_file(self._path(key))

    def older_than(self, age: timedelta) -> Iterator[str]:
        """Keys, half-written files among them, by the storage's own clock."""
        for entry in self.fs.find(self.root):
            if now() - self._modified(entry) > age:
                yield entry.rsplit("/", 1)[-1]

    def _path(self, key: str) -> str:
        return f"{self.root}/{key}"

    def _modified(self, path: str) -> datetime:
        modified: datetime = self.fs.modified(path)
        return modified

    def _sync(self, out: Any) -> None:
        """What was acknowledged survives a power cut, as the database's rows do."""
        out.flush()
        with suppress(io.UnsupportedOperation):
            os.fsync(out.fileno())

    def _sync_folder(self) -> None:
        if self.local:
            folder = os.open(self.root, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)


def chunks(content: IO[bytes]) -> Iterator[bytes]:
    while chunk := content.read(CHUNK):
        yield chunk
