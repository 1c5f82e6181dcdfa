"""Accounts: found, opened with a one-time link, given roles, closed."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.accounts import accounts as rules
from grants.errors import DomainError
from grants.models import Contract, Institution, Role, RoleGrant, User
from grants.queries.administration import account_list
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.forms import AccountForm, NewAccountForm, RoleForm
from grants.web.admin.pages import edit_page
from grants.web.buttons import attempt
from grants.web.forms import refusals_at

NO_ROLE = ("", "– aucun rôle –")


@bp.get("/comptes")
@access("administer")
def accounts() -> ResponseReturnValue:
    search = request.args.get("q", "")
    page = account_list.accounts(search, request.args.get("page", 1, type=int))
    return render_template("admin/accounts.html", page=page, search=search)


def _grant(user: User, chosen: str) -> None:
    role, *ids = chosen.split(":")
    contract = db.session.get(Contract, int(ids[0])) if ids else None
    institution = db.session.get(Institution, int(ids[1])) if len(ids) > 1 else None
    rules.grant(user, Role(role), contract, institution, by=me())


@bp.route("/comptes/ajouter", methods=["GET", "POST"])
@access("administer")
def add_account() -> ResponseReturnValue:
    """Answers with the link itself: it is shown once, and kept nowhere."""
    form = NewAccountForm()
    form.role.choices = [NO_ROLE, *account_list.role_choices()]
    if form.validate_on_submit():
        with refusals_at(form):
            user = rules.create(form.name.data or "", form.email.data or "", by=me())
            if form.role.data:
                _grant(user, form.role.data)
            return _link_page(user)
    return render_template(
        "admin/form.html",
        form=form,
        heading="Ouvrir un compte",
        back=url_for("admin.accounts"),
        button="Ouvrir le compte et créer le lien",
    )


def _link_page(user: User) -> ResponseReturnValue:
    token = rules.new_link(user, by=me())
    db.session.commit()
    link = url_for("auth.choose_password", token=token, _external=True)
    return render_template("admin/link.html", user=user, link=link)


def _role_form() -> RoleForm:
    form = RoleForm()
    form.role.choices = [("", "– choisir –"), *account_list.role_choices()]
    return form


def _account_page(user: User, form: RoleForm) -> ResponseReturnValue:
    return render_template(
        "admin/account.html", user=user, form=form, roles=account_list.roles_of([user.id]).get(user.id, [])
    )


@bp.get("/comptes/<int:user_id>")
@access("administer", by_id(User))
def account(user: User) -> ResponseReturnValue:
    return _account_page(user, _role_form())


@bp.route("/comptes/<int:user_id>/nom", methods=["GET", "POST"])
@access("administer", by_id(User))
def rename_account(user: User) -> ResponseReturnValue:
    form = AccountForm(obj=user)
    return edit_page(
        form,
        lambda: rules.rename(user, form.name.data or "", by=me()),
        heading=f"Nom de {user.email}",
        back=url_for("admin.account", user_id=user.id),
    )


@bp.post("/comptes/<int:user_id>/roles")
@access("administer", by_id(User))
def grant_role(user: User) -> ResponseReturnValue:
    form = _role_form()
    if not form.validate():
        return _account_page(user, form)
    chosen: str = form.role.data
    return attempt(
        lambda: _grant(user, chosen), back=url_for("admin.account", user_id=user.id), done="Le rôle est donné."
    )


@bp.post("/roles/<int:role_id>/retirer")
@access("administer", by_id(RoleGrant))
def revoke_role(role_grant: RoleGrant) -> ResponseReturnValue:
    """Who takes their own last right to this page goes home."""
    page = url_for("admin.account", user_id=role_grant.user_id)
    own = role_grant.user_id == me().id and role_grant.role is Role.ADMINISTRATOR
    return attempt(
        lambda: rules.revoke(role_grant, by=me()),
        back=page,
        after=lambda _: url_for("public.home") if own else page,
        done="Le rôle est retiré.",
    )


@bp.post("/comptes/<int:user_id>/fermer")
@access("administer", by_id(User))
def close_account(user: User) -> ResponseReturnValue:
    return _set_active(user, False, "Le compte est fermé : cette personne ne peut plus entrer.")


@bp.post("/comptes/<int:user_id>/rouvrir")
@access("administer", by_id(User))
def reopen_account(user: User) -> ResponseReturnValue:
    return _set_active(user, True, "Le compte est rouvert.")


def _set_active(user: User, active: bool, done: str) -> ResponseReturnValue:
    """Who closes their own account is signed out by that, and goes home."""
    page = url_for("admin.account", user_id=user.id)
    own = user.id == me().id
    return attempt(
        lambda: rules.set_active(user, active, by=me()),
        back=page,
        after=lambda _: url_for("public.home") if own else page,
        done=done,
    )


@bp.post("/comptes/<int:user_id>/lien")
@access("administer", by_id(User))
def new_link(user: User) -> ResponseReturnValue:
    try:
        return _link_page(user)
    except DomainError as error:
        db.session.rollback()
        flash(error.message, "danger")
        return redirect(url_for("admin.account", user_id=user.id))
