"""Accounts: found, opened with a one-time link, given roles, closed."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.accounts import accounts as rules
from grants.domain.accounts import address, second_factor
from grants.domain.organisation import closing
from grants.errors import DomainError
from grants.models import Commune, Contract, Institution, Role, RoleGrant, User
from grants.queries.administration import account_list
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.forms import AccountForm, AddressForm, NewAccountForm, RoleForm
from grants.web.admin.pages import button, edit_page
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
    part: type[Institution | Commune] = Commune if role == Role.COORDINATOR else Institution
    scope = db.session.get(part, int(ids[1])) if len(ids) > 1 else None
    if scope is None and len(ids) > 1:
        raise DomainError("Ce choix n'existe plus.", "role")
    named = {"commune" if part is Commune else "institution": scope}
    rules.grant(user, Role(role), contract, by=me(), **named)  # type: ignore[arg-type]  # as the role has it


@bp.route("/comptes/ajouter", methods=["GET", "POST"])
@access("administer", fresh=True)
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
        "admin/account.html",
        user=user,
        form=form,
        roles=account_list.roles_of([user.id]).get(user.id, []),
        factors=second_factor.factors(user),
    )


def _page_of(user: User) -> str:
    return url_for("admin.account", user_id=user.id)


def _left(user: User) -> str:
    """Who shuts themselves out goes home."""
    return url_for("public.home") if user.id == me().id else _page_of(user)


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
        back=_page_of(user),
    )


@bp.route("/comptes/<int:user_id>/adresse", methods=["GET", "POST"])
@access("administer", by_id(User), fresh=True)
def change_account_address(user: User) -> ResponseReturnValue:
    form = AddressForm(obj=user)
    return edit_page(
        form,
        lambda: address.change(user, form.email.data or "", by=me()),
        heading=f"Adresse de {user.name}",
        back=_page_of(user),
    )


@bp.post("/comptes/<int:user_id>/roles")
@access("administer", by_id(User), fresh=True)
def grant_role(user: User) -> ResponseReturnValue:
    form = _role_form()
    if not form.validate():
        return _account_page(user, form)
    chosen: str = form.role.data
    return attempt(lambda: _grant(user, chosen), back=_page_of(user), done="Le rôle est donné.")


@button(
    "/roles/<int:role_id>/retirer",
    by_id(RoleGrant),
    back=lambda held: _page_of(held.user),
    after=lambda held: (_left if held.role is Role.ADMINISTRATOR else _page_of)(held.user),
    fresh=True,
)
def revoke_role(role_grant: RoleGrant) -> str:
    rules.revoke(role_grant, by=me())
    return "Le rôle est retiré."


@button("/comptes/<int:user_id>/fermer", by_id(User), back=_page_of, after=_left, fresh=True)
def close_account(user: User) -> str:
    rules.set_active(user, False, by=me())
    return "Le compte est fermé : cette personne ne peut plus entrer."


@button("/comptes/<int:user_id>/rouvrir", by_id(User), back=_page_of, fresh=True)
def reopen_account(user: User) -> str:
    rules.set_active(user, True, by=me())
    return "Le compte est rouvert."


@button("/comptes/<int:user_id>/effacer", by_id(User), back=_page_of, after=_left, fresh=True)
def erase_account(user: User) -> str:
    closing.close(user, by=me())
    return "Les données de ce compte sont effacées."


@button("/comptes/<int:user_id>/double-verification/retirer", by_id(User), back=_page_of, fresh=True)
def reset_factors(user: User) -> str:
    second_factor.reset(user, by=me())
    return "La double vérification est remise à zéro : cette personne entre avec son mot de passe, et en est prévenue."


@bp.post("/comptes/<int:user_id>/lien")
@access("administer", by_id(User), fresh=True)
def new_link(user: User) -> ResponseReturnValue:
    try:
        return _link_page(user)
    except DomainError as error:
        db.session.rollback()
        flash(error.message, "danger")
        return redirect(_page_of(user))
