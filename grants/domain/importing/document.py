"""Reading a JSON file that a person wrote: each fault with its path, never a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from grants.domain.importing.faults import FileFault, ImportRefused, shown
from grants.domain.importing.reading import UNUSABLE, one_line, read_text
from grants.names import fold

HOW_TO_SAVE = "enregistrer le fichier JSON en UTF-8, avec un éditeur de texte"
YEARS = range(1990, 2101)
_DAY = len("2021-12-15")


class Object(dict[str, Any]):
    """An object of the file that knows which of its keys were read."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.read: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)

    def unread(self, path: str = "") -> Iterator[str]:
        """Paths of the keys that were not, within what was."""
        for key, value in self.items():
            at = f"{path}.{key}" if path else key
            if key not in self.read:
                yield shown(at)
            for place, inner in _objects(value, at) if key in self.read else ():
                yield from inner.unread(place)


def _objects(value: Any, path: str) -> Iterator[tuple[str, Object]]:
    if isinstance(value, Object):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _objects(item, f"{path}[{index}]")


@dataclass(frozen=True)
class FileNode:
    """An object of the file and its path. What it is asked for and lacks goes to `faults`, and
    a harmless value comes back, so that the reading goes on."""

    values: Object
    path: str
    faults: list[FileFault]

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def fault(self, key: str, advice: str) -> None:
        value = self.values.get(key)
        text = value if isinstance(value, str) else _dumped(value)
        self.faults.append(FileFault(None, self.at(key), text, advice))

    def text(self, key: str, most: int = 250, *, required: bool = True, lines: bool = False) -> str:
        """`lines`: its ends of line are kept."""
        if key not in self.values and not required:
            return ""
        found = _text(self.values.get(key), most, lines=lines)
        if found is None or (required and not found):
            self.fault(key, self._missing(key) + _text_advice(most))
            return ""
        return found

    def texts(self, key: str, most: int = 250, *, required: bool = True) -> list[str]:
        """A list of texts, each once."""
        return [text for text, _ in self._texts(key, most, required, objects=False)]

    def labelled(self, key: str, *, required: bool = True) -> list[tuple[str, FileNode]]:
        """A list of names, each once: texts, or objects with a `libelle`, of which more may be asked."""
        return self._texts(key, 250, required, objects=True)

    def _texts(self, key: str, most: int, required: bool, *, objects: bool) -> list[tuple[str, FileNode]]:
        known: dict[str, tuple[str, FileNode]] = {}
        for index, value in enumerate(self._list(key, required)):
            whole = value if objects and isinstance(value, Object) else None
            node = replace(self, values=whole or Object([]), path=f"{self.at(key)}[{index}]")
            text = _text(whole.get("libelle") if whole else value, most)
            if not text:
                self._item_fault(key, index, value, "doit être " + _text_advice(most))
            elif fold(text) in known:
                self._item_fault(key, index, value, "figure deux fois, n'en garder qu'un")
            else:
                known[fold(text)] = (text, node)
        return list(known.values())

    def year(self, key: str) -> int:
        value = self.values.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value in YEARS:
            return value
        self.fault(key, self._missing(key) + "une année en chiffres, sans guillemets, comme 2021")
        return 0

    def number(self, key: str) -> int | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10_000:
            return value
        self.fault(key, "doit être un numéro de 0 à 9999, sans guillemets")
        return None

    def flag(self, key: str) -> bool | None:
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.fault(key, "doit être true ou false, sans guillemets")
        return None

    def moment(self, key: str) -> tuple[date, time | None] | None:
        """A day, or a day and the hour of Paris that it begins or ends at."""
        value = self.values.get(key)
        if value is None:
            return None
        with suppress(TypeError, ValueError):
            moment = datetime.fromisoformat(value)
            if moment.year in YEARS and moment.tzinfo is None:
                return moment.date(), moment.time() if len(value) > _DAY else None
        self.fault(key, 'doit être une date, comme "2021-12-15", ou "2021-12-15 17:00"')
        return None

    def node(self, key: str) -> FileNode | None:
        """An object that may be missing."""
        value = self.values.get(key)
        if isinstance(value, Object):
            return replace(self, values=value, path=self.at(key))
        if value is not None:
            self.fault(key, "doit être un objet : { … }")
        return None

    def nodes(self, key: str, *, required: bool = True) -> list[FileNode]:
        """A list of objects."""
        found = []
        for index, value in enumerate(self._list(key, required)):
            if isinstance(value, Object):
                found.append(replace(self, values=value, path=f"{self.at(key)}[{index}]"))
            else:
                self._item_fault(key, index, value, "doit être un objet : { … }")
        return found

    def twice(self, key: str) -> None:
        self.fault(key, "figure deux fois, n'en garder qu'un")

    def _list(self, key: str, required: bool) -> list[Any]:
        value = self.values.get(key)
        if isinstance(value, list):
            return value
        if required or key in self.values:
            self.fault(key, self._missing(key) + "une liste : [ … ]")
        return []

    def _missing(self, key: str) -> str:
        return "doit être " if key in self.values else "manque : écrire "

    def _item_fault(self, key: str, index: int, value: Any, advice: str) -> None:
        text = value if isinstance(value, str) else _dumped(value)
        self.faults.append(FileFault(None, f"{self.at(key)}[{index}]", text, advice))


def read_document(data: bytes) -> FileNode:
    """The object of a JSON file; raises `ImportRefused` when it is none."""
    text = read_text(data, HOW_TO_SAVE)
    faults: list[FileFault] = []
    try:
        values = json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, faults))
    except json.JSONDecodeError as error:
        what = f"ce n'est pas du JSON, à partir du caractère {error.colno} : {error.msg}"
        raise ImportRefused([FileFault(error.lineno, "", "", what)]) from None
    except (ValueError, RecursionError):  # a number of thousands of digits; nested without end
        what = "Le fichier contient un nombre démesuré ou des niveaux sans fin : le corriger."
        raise ImportRefused([FileFault(None, "", "", what)]) from None
    if not isinstance(values, Object):
        raise ImportRefused([FileFault(None, "", _dumped(values), "Le fichier doit être un objet : { … }")])
    return FileNode(values, "", faults)


def _object(pairs: list[tuple[str, Any]], faults: list[FileFault]) -> Object:
    values = Object(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        double = next(key for key in keys if keys.count(key) > 1)
        what = "cette clé figure deux fois dans le même objet : n'en garder qu'une"
        faults.append(FileFault(None, "", double, what))
    return values


def _text(value: Any, most: int, *, lines: bool = False) -> str | None:
    if not isinstance(value, str) or len(value) > most or UNUSABLE.search(value):
        return None
    return "\n".join(map(one_line, value.splitlines())).strip() if lines else one_line(value)


def _text_advice(most: int) -> str:
    return f"un texte entre guillemets, d'au plus {most} caractères"


def _dumped(value: Any) -> str:
    try:
        return "" if value is None else json.dumps(value)
    except (ValueError, RecursionError):
        return "…"
