"""Storage: a folder, and what fsspec has (its memory here)."""

import hashlib
import io
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from grants.storage import CHUNK, Storage
from tests.documents import date_by_process


@pytest.fixture(params=["folder", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    where = tmp_path / "documents" if request.param == "folder" else uuid.uuid4().hex
    return Storage(str(where) if request.param == "folder" else f"memory://{where}")


def test_what_is_written_is_read_again(storage: Storage) -> None:
    content = bytes(range(256)) * 3000
    stored = storage.write(io.BytesIO(content))
    assert (stored.size, stored.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert storage.open(stored.key).read() == content
    assert storage.write(io.BytesIO(content)).key != stored.key
    storage.remove(stored.key)
    storage.remove(stored.key)
    with pytest.raises(FileNotFoundError):
        storage.open(stored.key)


class Breaks(io.BytesIO):
    """A sender who goes away after the first piece."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError("gone")
        return super().read(size)


def test_a_file_that_does_not_arrive_whole_leaves_nothing(storage: Storage) -> None:
    with pytest.raises(OSError, match="gone"):
        storage.write(Breaks(bytes(3 * CHUNK)))
    assert list(storage.older_than(timedelta(0))) == []


def test_a_file_shows_under_its_key_only_when_it_is_whole(tmp_path: Path) -> None:
    storage, first, go = Storage(str(tmp_path)), threading.Event(), threading.Event()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                first.set()
                go.wait(10)
            return super().read(size)

    writer = threading.Thread(target=storage.write, args=[Slow(bytes(2 * CHUNK))])
    writer.start()
    first.wait(10)
    assert [file.suffix for file in tmp_path.iterdir()] == [".part"]
    go.set()
    writer.join()
    (whole,) = tmp_path.iterdir()
    assert (whole.suffix, whole.stat().st_size) == ("", 2 * CHUNK)


def test_the_old_are_told_from_the_new(storage: Storage, tmp_path: Path) -> None:
    stored = storage.write(io.BytesIO(b"x"))
    date_by_process(tmp_path / "documents")
    assert list(storage.older_than(timedelta(hours=1))) == []
    assert list(storage.older_than(timedelta(0))) == [stored.key]


def test_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    folder: Callable[[], int] = lambda: (tmp_path / "new").stat().st_mode & 0o777  # noqa: E731
    Storage(str(tmp_path / "new"))
    assert folder() == 0o700
