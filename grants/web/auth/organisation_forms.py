"""The forms of an organisation's record, one a part; fields are named after the details."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Self

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is not in the stubs yet
    BooleanField,
    EmailField,
    Field,
    RadioField,
    SelectChoice,
    StringField,
)
from wtforms.validators import InputRequired, Optional, ValidationError

from grants.domain.organisation import asked
from grants.domain.organisation.bank import Bank, masked
from grants.domain.organisation.budget import ACCOUNTS, Budget
from grants.domain.organisation.identity import Identity, rna_number, siret_number
from grants.domain.organisation.profile import Details, LegalStanding, People, RecordPage, Representative
from grants.models import MemberRole, Nature, Organisation
from grants.permissions import is_signatory
from grants.web.access import me
from grants.web.auth.forms import known_password
from grants.web.fields import WholeField, at_most, email_line, line, paragraphs, phone_line, tidy
from grants.web.forms import AmountField, CheckedText, DayField, Form, QuantityField
from grants.web.versioned import UnnumberedForm
from grants.words import word

QUIET = {"autocomplete": "off", "spellcheck": "false"}


def known(token: str) -> dict[str, str]:
    """What a browser may fill in, of whoever types (WCAG 1.3.5)."""
    return {"autocomplete": token}


class YesNoField(RadioField):
    """`True`, `False`, or nothing yet; the text of another answer is refused."""

    def __init__(self, label: str, **more: Any) -> None:
        choices = [SelectChoice("oui", "Oui"), SelectChoice("non", "Non")]
        super().__init__(label, choices=choices, validate_choice=False, **more)
        self.type = "RadioField"  # what the template's macro knows

    def process_data(self, value: Any) -> None:
        self.data = {True: "oui", False: "non"}.get(value)

    def pre_validate(self, form: Any) -> None:
        if self.data not in (None, "", "oui", "non"):
            raise ValidationError("Répondez par oui ou par non.")

    @property
    def answer(self) -> bool | None:
        return {"oui": True, "non": False}.get(self.data or "")


class DetailsForm(UnnumberedForm):
    meanwhile = "Un autre membre a modifié cette page entre-temps."


class PartForm(DetailsForm):
    details: ClassVar[type[Details]]

    @classmethod
    def shown(cls, organisation: Organisation) -> Details:
        """As the person signed in may see it."""
        return cls.details.of(organisation)

    @classmethod
    def showing(cls, organisation: Organisation) -> Self:
        """With the fields that an organisation of this nature is asked."""
        stored = cls.details.of(organisation)
        form = cls(data=vars(cls.shown(organisation)))
        part = cls.details.part
        if part is not RecordPage.IDENTITY:
            kept = asked.fields_asked(organisation.nature, part)
            for name in [f.name for f in form.asked() if f.name not in kept]:
                del form[name]
        form.over(stored)
        return form

    def answers(self, organisation: Organisation) -> Details:
        """What was typed; what this nature is not asked stays as it is stored."""
        typed = {f.name: f.answer if isinstance(f, YesNoField) else f.data for f in self.asked()}
        return type(self).details(**vars(self.details.of(organisation)) | typed)


class IdentityForm(PartForm):
    details = Identity
    siret = line("Numéro SIRET", 30, render_kw={"inputmode": "numeric"})
    name = line(
        "Nom de l'organisation", needed="Indiquez le nom de l'organisation.", render_kw={"autocomplete": "organization"}
    )
    acronym = line("Sigle", 60)
    nature = RadioField(
        "Nature",
        [InputRequired("Choisissez la nature de l'organisation.")],
        choices=[SelectChoice(n.value, word(n).capitalize()) for n in Nature],
        coerce=Nature,
    )
    rna = StringField(
        "Numéro au répertoire national des associations (RNA)",
        [*at_most(20), CheckedText(rna_number)],
        filters=[tidy],
        render_kw={"autocapitalize": "characters"},
    )
    address = paragraphs("Adresse du siège", 500)
    mail_address = paragraphs("Adresse pour le courrier", 500)
    email = email_line("Courriel de l'organisation", render_kw=known("email"))
    phone = phone_line("Téléphone", render_kw=known("tel"))
    website = line("Site internet", render_kw={"inputmode": "url", "autocomplete": "url"})

    def validate_siret(self, field: Field) -> None:
        """Whether it is needed depends on the nature."""
        CheckedText(lambda text: siret_number(text, self.nature.data))(self, field)

    def identity(self) -> Identity:
        """Of an organisation that is not there yet."""
        return Identity(**self.typed())


class FoundingForm(IdentityForm):
    """Who founds it here is its signatory, and says by what right (`REPRESENTS` or on behalf)."""

    REPRESENTS = "representative"
    right = RadioField(
        "Vous en êtes le représentant légal, ou il vous a donné pouvoir\u00a0?",
        [InputRequired("Dites à quel titre vous signerez les dossiers.")],
        choices=[
            SelectChoice(REPRESENTS, "J'en suis le représentant légal"),
            SelectChoice("mandated", "Il m'a donné pouvoir de signer"),
        ],
    )
    another = BooleanField("C'est une autre organisation, qui porte le même nom")

    def asked(self) -> list[Field]:
        return [f for f in super().asked() if f not in (self.right, self.another)]


class RepresentativeForm(PartForm):
    details = Representative
    representative_name = line("Prénom et nom", render_kw=known("name"))
    representative_role = line("Fonction", render_kw=known("organization-title"))
    representative_email = email_line("Courriel", render_kw=known("email"))
    representative_phone = phone_line("Téléphone", render_kw=known("tel"))


class StandingForm(PartForm):
    details = LegalStanding
    agreements = paragraphs("Agréments administratifs", 2000)
    federation = line("Fédération, union ou réseau")
    public_utility = YesNoField("Est-elle reconnue d'utilité publique\u00a0?")
    jo_published_on = DayField("Date de publication de la création au Journal officiel")
    commercial_taxes = YesNoField("Est-elle soumise aux impôts commerciaux\u00a0?")
    large_public_aid = YesNoField(
        "A-t-elle reçu plus de 500 000 € d'aides publiques sur les trois derniers exercices\u00a0?"
    )


class PeopleForm(PartForm):
    details = People
    members_count = WholeField("Adhérents", most=10_000_000)
    volunteers = WholeField("Bénévoles")
    employees = WholeField("Salariés")
    employees_fte = QuantityField("Salariés, en équivalent temps plein (ETP)")


class BankForm(PartForm):
    details = Bank
    account_holder = line("Titulaire du compte")
    iban = line("Numéro de compte (IBAN)", 60, render_kw=QUIET)
    bic = line("Code de la banque (BIC)", 20, render_kw=QUIET)
    password = known_password("Votre mot de passe", Optional())

    @classmethod
    def shown(cls, organisation: Organisation) -> Details:
        stored = Bank.of(organisation)
        return stored if is_signatory(me(), organisation) else stored.masked()

    @classmethod
    def showing(cls, organisation: Organisation) -> Self:
        form = super().showing(organisation)
        if not organisation.iban:
            del form.password
        return form

    def asked(self) -> list[Field]:
        return [f for f in super().asked() if f.name != "password"]

    def answers(self, organisation: Organisation) -> Bank:
        """A mask that was left as it is stands for the number."""
        bank = Bank(**vars(super().answers(organisation)))
        kept = bank.iban == masked(organisation.iban)
        return replace(bank, iban=organisation.iban) if kept else bank


class OrganisationBudgetForm(DetailsForm):
    """`a606` for each account of the chart; the year is the page's."""

    @classmethod
    def showing(cls, stored: Budget) -> Self:
        amounts = {f"a{code}": amount for code, amount in stored.amounts}
        form = cls(data=amounts)
        form.over(stored)
        return form

    def account(self, account: Any) -> Field:
        field: Field = self[f"a{account.code}"]
        return field

    def answers(self, year: int) -> Budget:
        typed = ((code, self[f"a{code}"].data) for code in ACCOUNTS)
        return Budget(year, tuple((code, amount) for code, amount in typed if amount))


for _account in ACCOUNTS.values():
    setattr(OrganisationBudgetForm, f"a{_account.code}", AmountField(_account.label))


class InvitationForm(Form):
    email = EmailField(
        "Adresse de courriel", at_most(254, "Indiquez l'adresse de la personne à inviter."), filters=[tidy]
    )
    role = RadioField(
        "Rôle",
        [InputRequired("Choisissez un rôle.")],
        choices=[
            SelectChoice(MemberRole.EDITOR.value, "Rédacteur : écrit les dossiers"),
            SelectChoice(MemberRole.SIGNATORY.value, "Signataire : les écrit et les dépose"),
        ],
        coerce=MemberRole,
    )


FORMS: dict[RecordPage, type[PartForm]] = {
    RecordPage.IDENTITY: IdentityForm,
    RecordPage.REPRESENTATIVE: RepresentativeForm,
    RecordPage.STANDING: StandingForm,
    RecordPage.PEOPLE: PeopleForm,
    RecordPage.BANK: BankForm,
}
