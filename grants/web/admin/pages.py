"""What the settings pages share: one page to edit a thing, one-button changes, loading."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.contract.contract import lock_part
from grants.models import Campaign, Contract
from grants.queries.administration.opening import Lack, following, lacks
from grants.web import uploads
from grants.web.access import access
from grants.web.admin import bp
from grants.web.buttons import attempt
from grants.web.filters import identity
from grants.web.forms import Form, made_by
from grants.web.versioned import MergedForm, UnversionedForm, VersionedForm

T = TypeVar("T")


def contract_by_id(contract_id: int) -> Contract:
    return db.session.get_one(Contract, contract_id)


def list_of(contract: Contract, tab: str) -> str:
    return url_for(f"admin.{tab}", slug=contract.slug)


def missing() -> list[Lack]:
    sends = current_app.config["SETTINGS"].mail_server is not None
    return lacks(identity(), sends=sends, scans=bool(uploads.terms().clamd))


def address_of(lack: Lack) -> str:
    """Of the page where it is filled in, which then leads on (`onward`)."""
    return url_for(f"admin.{lack.page}", suite=lack.step, **lack.place)


def onward(page: str) -> str:
    """After something was filled in: that page, or where the list of what is missing is followed
    (`suite`: the step just done) the next of it, of the same step or a later one, and at its end the list."""
    step = request.args.get("suite", type=int)
    if step is None:
        return page
    lack = following(missing(), step, (request.endpoint or "").removeprefix("admin."), request.view_args)
    return address_of(lack) if lack else url_for("admin.home")


def edit_page(
    form: Form,
    save: Callable[[], Any],
    *,
    heading: str,
    back: str = "",
    contract: Contract | None = None,
    campaign: Campaign | None = None,
    tab: str = "",
    subject: Any = None,
    after: Callable[[Any], str] | None = None,
    done: str = "C'est enregistré.",
    template: str = "admin/form.html",
    **shown: Any,
) -> ResponseReturnValue:
    """Shows the form; when it is sent and whole: `save()`, commit, then `after(what it made)`
    or `back` (the list of the `tab`). `campaign`: the call that it belongs to. `subject`: what is
    there already, with a version or under the lock of its `contract`."""
    if campaign:
        contract, tab = campaign.contract, "campaigns"
    if contract is None and tab:
        contract = contract_by_id(subject.contract_id)
    if contract and not back:
        back = list_of(contract, tab)
    if subject and isinstance(form, MergedForm):
        form.over(subject)

    def kept() -> tuple[Any]:
        if contract and subject and isinstance(form, UnversionedForm):
            lock_part(contract, subject)
            form.refuse_unseen(subject)
        return (save(),)

    if made := made_by(form, kept):
        flash(done, "success")
        return redirect(onward(after(*made) if after else back))
    if subject and isinstance(form, VersionedForm):
        form.show(subject)
    return render_template(template, form=form, heading=heading, back=back, contract=contract, tab=tab, **shown)


def button(
    address: str,
    load: Callable[..., T | None],
    back: Callable[[T], str],
    *,
    after: Callable[[T], str] | None = None,
    fresh: bool = False,
) -> Callable[[Callable[[T], str]], Callable[..., ResponseReturnValue]]:
    """A route whose view changes the thing that `load` gives and returns what is then said. It leads `back`, also
    where it was refused, or `after` once it is done; both are asked beforehand: the thing may be gone."""

    def route(change: Callable[[T], str]) -> Callable[..., ResponseReturnValue]:
        @bp.post(address)
        @access("administer", load, fresh=fresh)
        @wraps(change)
        def view(thing: T) -> ResponseReturnValue:
            there, onwards = back(thing), (after or back)(thing)
            return attempt(lambda: change(thing), back=there, done=str, after=lambda _: onwards)

        return view

    return route
