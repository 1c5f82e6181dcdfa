"""The theme tree of a contract (rules, words): names and depth are data, a level may be skipped.

`position` is the order of the whole tree, parents before their children, so that lists need
no recursion. An active theme never stands under an archived one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, replace

from grants.database import copy_as, db
from grants.domain.contract.contract import contract_of, known_kind, lock
from grants.domain.ledger import history
from grants.errors import DomainError
from grants.models import Contract, Theme, User
from grants.names import fold, same


@dataclass(frozen=True)
class ThemeTerms:
    """`call_kind`: the kind of call that it is reserved for, or `None` for all."""

    label: str
    number: int | None = None
    call_kind: str | None = None


class ThemesAdded:
    """Themes that are added to a contract, one or many: its tree is read once, and arranged at the `end`."""

    def __init__(self, contract: Contract, *, by: User) -> None:
        self._contract, self._by = contract, by
        self._like = defaultdict[tuple[int | None, str | int | None], list[Theme]](list)
        self._made: list[Theme] = []
        self._last = len(contract.themes)
        for theme in contract.themes:
            self._take(theme)

    def add(self, parent: Theme | None, depth: int, terms: ThemeTerms) -> Theme:
        """The last child of `parent` (or the last root). Raises `DomainError` for a depth that the
        contract does not name or that is not below the parent's, or for a name taken beside it."""
        _check_place(self._contract, parent, depth)
        terms, place = _spelled(self._contract, terms), _id_of(parent)
        _check_terms([*self._like[place, fold(terms.label)], *self._like[place, terms.number]], terms)
        self._last += 1
        own = {"contract_id": self._contract.id, "parent_id": place, "depth": depth, "position": self._last}
        theme = Theme(**own, **asdict(terms), archived=False)
        db.session.add(theme)
        self._take(theme)
        self._made.append(theme)
        return theme

    def there(self, parent: Theme | None, label: str) -> Theme | None:
        """The one of this name below `parent` that is not archived."""
        return next((theme for theme in self._like[_id_of(parent), fold(label)] if not theme.archived), None)

    def end(self) -> None:
        db.session.flush()
        for theme in self._made:
            history.record(theme, "create", by=self._by, field="label", new=theme.label)
        arrange(self._contract)

    def _take(self, theme: Theme) -> None:
        self._like[theme.parent_id, fold(theme.label)].append(theme)
        if theme.number is not None:
            self._like[theme.parent_id, theme.number].append(theme)


def _id_of(parent: Theme | None) -> int | None:
    if parent in db.session.new:
        db.session.flush()
    return parent.id if parent else None


def add_theme(contract: Contract, parent: Theme | None, depth: int, terms: ThemeTerms, *, by: User) -> Theme:
    """Raises as `ThemesAdded.add`."""
    lock(contract)
    added = ThemesAdded(contract, by=by)
    theme = added.add(parent, depth, terms)
    added.end()
    return theme


def change_theme(theme: Theme, terms: ThemeTerms, *, by: User) -> None:
    """Rename, renumber, reserve for a kind of call."""
    contract = contract_of(theme)
    terms = _spelled(contract, terms, theme)
    _check_terms(_beside(contract, theme.parent_id), terms, theme)
    history.change_each(theme, "update", asdict(terms), by=by)


def move_theme(theme: Theme, step: int, *, by: User) -> None:
    """One place up (-1) or down (+1) among its siblings, with all that is below it."""
    contract = contract_of(theme)
    arrange(contract)
    siblings = _beside(contract, theme.parent_id)
    place = siblings.index(theme) + step
    if not 0 <= place < len(siblings):
        raise DomainError("Ce thème est déjà au bout de sa liste.")
    old, other = theme.position, siblings[place]
    theme.position, other.position = other.position, theme.position
    arrange(contract)
    history.record(theme, "move", by=by, field="position", old=old, new=theme.position)


def archive_theme(theme: Theme, *, by: User) -> None:
    """It and all below it are no longer offered; dossiers that have them keep them."""
    contract = contract_of(theme)
    below = {theme.id}
    for other in contract.themes:  # parents come before their children
        if other.parent_id in below:
            below.add(other.id)
    _set_archived(contract, below, True, by)


def restore_theme(theme: Theme, *, by: User) -> None:
    """It and all above it are offered again."""
    contract = contract_of(theme)
    _check_terms(_beside(contract, theme.parent_id), copy_as(ThemeTerms, theme), theme)
    by_id = {other.id: other for other in contract.themes}
    above, parent_id = {theme.id}, theme.parent_id
    while parent_id is not None:
        above.add(parent_id)
        parent_id = by_id[parent_id].parent_id
    _set_archived(contract, above, False, by)


def _set_archived(contract: Contract, ids: set[int], archived: bool, by: User) -> None:
    for theme in contract.themes:
        if theme.id in ids:
            history.change(theme, "update", "archived", archived, by=by)
    db.session.flush()


def _beside(contract: Contract, parent_id: int | None) -> list[Theme]:
    return [theme for theme in contract.themes if theme.parent_id == parent_id]


def _check_place(contract: Contract, parent: Theme | None, depth: int) -> None:
    if parent is None:
        if depth != 0:
            raise DomainError(f"Sans thème au-dessus, choisissez le niveau « {contract.level_names[0]} ».", "depth")
        return
    if parent.contract_id != contract.id:
        raise DomainError("Ce thème n'est pas de ce contrat.", "parent")
    if parent.archived:
        raise DomainError(f"« {parent.label} » est archivé : réactivez-le, ou choisissez-en un autre.", "parent")
    if not parent.depth < depth < len(contract.level_names):
        raise DomainError(f"Choisissez un niveau plus précis que « {contract.level_names[parent.depth]} ».", "depth")


def _spelled(contract: Contract, terms: ThemeTerms, own: Theme | None = None) -> ThemeTerms:
    kind = known_kind(contract, terms.call_kind, own) if terms.call_kind else ""
    return replace(terms, label=terms.label.strip(), call_kind=kind or None)


def _check_terms(siblings: list[Theme], terms: ThemeTerms, own: Theme | None = None) -> None:
    """Names and numbers are told apart within one place and kind of call."""
    if not terms.label.strip():
        raise DomainError("Indiquez l'intitulé.", "label")
    for other in siblings:
        if other is own or other.archived or other.call_kind != terms.call_kind:
            continue
        if same(other.label, terms.label):
            raise DomainError("Un thème du même nom existe déjà à cet endroit.", "label")
        if terms.number is not None and other.number == terms.number:
            raise DomainError(f"Le numéro {terms.number} est celui de « {other.label} ».", "number")


def arrange(contract: Contract) -> None:
    """Number the whole tree again, each theme followed by all that is below it."""
    db.session.flush()
    db.session.expire(contract, ["themes"])
    children: dict[int | None, list[Theme]] = {}
    for theme in contract.themes:
        children.setdefault(theme.parent_id, []).append(theme)
    order: list[Theme] = []
    waiting = children.get(None, [])[::-1]
    while waiting:
        theme = waiting.pop()
        order.append(theme)
        waiting += children.get(theme.id, [])[::-1]
    for position, theme in enumerate(order, 1):
        theme.position = position
    db.session.flush()
    db.session.expire(contract, ["themes"])
