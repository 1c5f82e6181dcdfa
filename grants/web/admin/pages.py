"""What the settings pages share: one page to edit a thing, one-button changes, loading."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.contract.contract import lock_part
from grants.models import Campaign, Contract
from grants.web.forms import Form, made_by
from grants.web.versioned import MergedForm, UnversionedForm, VersionedForm


def contract_by_id(contract_id: int) -> Contract:
    return db.session.get_one(Contract, contract_id)


def list_of(contract: Contract, tab: str) -> str:
    return url_for(f"admin.{tab}", slug=contract.slug)


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
        return redirect(after(*made) if after else back)
    if subject and isinstance(form, VersionedForm):
        form.show(subject)
    return render_template(template, form=form, heading=heading, back=back, contract=contract, tab=tab, **shown)
