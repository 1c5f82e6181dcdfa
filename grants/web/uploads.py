"""Files that people send: the limit of a request that carries them, and each taken by itself, so
that one that is refused does not lose the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from flask import Flask, Response, current_app, flash, jsonify, request, session
from flask_wtf.file import MultipleFileField
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import get_input_stream
from wtforms import BooleanField
from wtforms.widgets import FileInput

from grants.config import MEGABYTE, Uploads
from grants.database import begin_write, db
from grants.domain.documents import document
from grants.domain.documents.document import AlreadyThere, FileSlot, ReceivedFile
from grants.domain.documents.media import ACCEPTED, visible
from grants.domain.dossier import pieces
from grants.errors import DomainError, NotAllowed
from grants.models import Organisation, Project
from grants.storage import CHUNK, Storage
from grants.web.access import me
from grants.web.forms import Form
from grants.web.scripts import for_script

V = TypeVar("V", bound=Callable[..., Any])
# Makes a received file a document: (slot, file, owner, by=, total=).
Add = Callable[..., None]
FORM_BYTES = 2 * MEGABYTE
ALLOW = "grants.allow"  # of `server.BodyLimit`, in what a request brings along
MOST_DRAINED = 256 * MEGABYTE
BROWSE = (
    "application/pdf,image/jpeg,image/png,image/webp,image/heic,image/heif,image/tiff,"
    ".pdf,.jpg,.jpeg,.png,.webp,.heic,.heif,.tif,.tiff,.doc,.docx,.xls,.xlsx,.odt,.ods"
)
NEW = -1  # a document that was just made; ids are above zero
REPLACE = "Ces fichiers remplacent ceux qui sont déjà là"


class OneFileField(MultipleFileField):  # type: ignore[misc]
    """A list, as `take` reads it, of the one file that the browser lets choose."""

    widget = FileInput()


def terms() -> Uploads:
    uploads: Uploads = current_app.config["SETTINGS"].uploads
    return uploads


def storage() -> Storage:
    """One a process, made where it is first needed: its connections do not survive a fork."""
    kept = current_app.extensions
    if "grants_storage" not in kept:
        kept["grants_storage"] = Storage(terms().storage_url)
    made: Storage = kept["grants_storage"]
    return made


def takes_files(view: V) -> V:
    """Marks a view (below `@access`) whose requests may be as big as the files of a dossier."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def _takes_files() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "takes_files", False) and "_user_id" in session


def _raise_limit(_endpoint: str | None, _parts: dict[str, Any] | None) -> None:
    """Before anything reads the form (the check against forgery does), and for who is signed in
    only: nobody else has files to send here."""
    if _takes_files():
        most = request.max_content_length = terms().total_bytes + FORM_BYTES
        if (length := request.content_length or 0) <= most and (allow := request.environ.get(ALLOW)):
            allow(length)


def too_large() -> str | None:
    """What a request over its limit is told, where files were expected. What is still on its way
    is read and forgotten: a browser shows no answer before it has sent everything."""
    rest = get_input_stream(request.environ)
    with suppress(ClientDisconnected, OSError):
        for _ in range(MOST_DRAINED // CHUNK):
            if not rest.read(CHUNK):
                break
    if not _takes_files():
        return None
    most, total = document.weight(terms().most_bytes), document.weight(terms().total_bytes)
    return (
        f"Vos fichiers pèsent ensemble plus de {total} : aucun n'a été gardé. Envoyez-les en"
        f" plusieurs fois ({most} au plus par fichier). Ce qui était déjà enregistré y est encore."
    )


def help_in_words(*, one: bool = False) -> str:
    """`one`: where a place takes one file."""
    most = document.weight(terms().most_bytes)
    many = "un seul fichier par pièce" if one else "plusieurs fichiers à la fois si besoin"
    return f"{ACCEPTED}. {most} au plus par fichier ; {many}."


def browse() -> dict[str, Any]:
    """What a place for files takes; `data-most`: bytes that static/js/upload.js refuses beyond."""
    return {"accept": BROWSE, "data-most": terms().most_bytes}


def files_form(slots: list[FileSlot]) -> Form:
    """A field a slot, and a box to say that what is sent replaces what is there."""
    fields: dict[str, Any] = {}
    for slot in slots:
        fields[slot.name] = MultipleFileField(slot.label, render_kw=browse())
        fields[f"replace_{slot.name}"] = BooleanField(REPLACE)
    made: Form = type("FilesForm", (Form,), fields)()
    return made


def taken(form: Form, slots: list[FileSlot], to: Organisation | Project, add: Add = pieces.add) -> bool:
    """`take` what was sent whole, and say how many files are kept."""
    if not form.validate_on_submit():
        return False
    count = take(form, slots, to, add)
    if form.errors:
        return False
    kept = "1 fichier est enregistré." if count == 1 else f"{count} fichiers sont enregistrés."
    flash(kept if count else "Choisissez d'abord un fichier.", "success" if count else "warning")
    return True


def take(form: Form, slots: list[FileSlot], to: Organisation | Project, add: Add = pieces.add) -> int:
    """Keep what was sent and commit; how many. A refusal stands at the file's field, and then it
    is said what has arrived.

    No transaction that writes is open while the files are looked at and stored; what was stored
    and did not come to be a document is removed again."""
    received: list[tuple[FileSlot, ReceivedFile]] = []
    try:
        received.extend(_received(form, slots))
        begin_write()
        places = [_keep(form, slot, one, to, add) for slot, one in received]
        filled = {slot.name for (slot, _), place in zip(received, places, strict=True) if place}
        _replace(form, slots, filled, {place for place in places if place})
    except BaseException:
        _forget(one for _, one in received)
        raise
    kept = [one for (_, one), place in zip(received, places, strict=True) if place == NEW]
    db.session.commit()  # where this fails it may have happened: `document.sweep` tells, later
    _forget(one for _, one in received if one not in kept)
    if form.errors and kept:
        flash(f"Bien arrivé : {', '.join(f'« {one.filename} »' for one in kept)}.", "success")
    return len([place for place in places if place])


def take_all(form: Form, slot: FileSlot, use: Callable[[list[ReceivedFile]], Collection[str]]) -> None:
    """Hand what was sent to `use` once every file is found good, under `begin_write`; the caller
    commits. Where one is refused, nothing is used. What is not among the storage keys that `use`
    says are kept is removed again."""
    received: list[ReceivedFile] = []
    kept: Collection[str] = ()
    try:
        received.extend(one for _, one in _received(form, [slot]))
        if not form.errors:
            begin_write()
            kept = use(received)
    finally:
        _forget(one for one in received if one.stored.key not in kept)


def _forget(received: Iterable[ReceivedFile]) -> None:
    for one in received:
        storage().remove(one.stored.key)


def _received(form: Form, slots: list[FileSlot]) -> Iterator[tuple[FileSlot, ReceivedFile]]:
    for slot in slots:
        for file in form[slot.name].data or []:
            try:
                one = document.receive(file.filename, file.stream, storage(), terms())
            except DomainError as error:
                _refuse(form, slot, file.filename, error)
            else:
                yield slot, one


def _keep(form: Form, slot: FileSlot, one: ReceivedFile, to: Organisation | Project, add: Add) -> int:
    """`NEW`, the id of the same file that was there already, or nothing (0) where it is refused."""
    try:
        with db.session.begin_nested():  # what a refused file had begun to replace stays
            add(slot, one, to, by=me(), total=terms().total_bytes)
    except NotAllowed:
        raise
    except AlreadyThere as error:
        flash(f"« {one.filename} » : {error.message}", "info")
        return error.document_id
    except DomainError as error:
        _refuse(form, slot, one.filename, error)
        return 0
    return NEW


def _replace(form: Form, slots: list[FileSlot], filled: set[str], spared: set[int]) -> None:
    for slot in slots:
        replace = form._fields.get(f"replace_{slot.name}")
        if slot.name in filled and replace and replace.data:
            pieces.clear(slot, spared, by=me())


def _refuse(form: Form, slot: FileSlot, name: str, error: DomainError) -> None:
    form.refuse(DomainError(f"« {visible(name)} » : {error.message}", slot.name))


def _tell_script(response: Response) -> Response:
    """static/js/upload.js goes on to the next page by itself: it must not read it, with what is
    said there once, before the person does."""
    if _takes_files() and for_script() and response.status_code == 302:
        return jsonify(location=response.location)
    return response


def init_app(app: Flask) -> None:
    app.after_request(_tell_script)
    app.url_value_preprocessor(_raise_limit)
    app.jinja_env.globals.update(browse=browse, files_help=help_in_words)
