"""The bearer's record, for who instructs one of its deposited projects: with its bank account."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from exports.table import Unit, shown
from grants.domain.organisation import asked, bank, budget
from grants.domain.organisation.budget import Budget
from grants.domain.organisation.profile import LABELS, RecordPage, in_words
from grants.models import Project
from grants.models.people import PUBLIC_BODIES
from grants.permissions import reads_of
from grants.queries.sheet.bearer_years import bearer_actions, bearer_years
from grants.web.access import access, me
from grants.web.auth.record import TITLES
from grants.web.instruction import bp
from grants.web.instruction.loading import listed, project


@bp.get("/projets/<int:project_id>/porteur")
@access("project.instruct", project)
def bearer(project: Project) -> ResponseReturnValue:
    organisation = project.organisation
    year = budget.last_year(organisation)
    lines = Budget.of_year(organisation, year).amounts if year else ()
    parts = [
        (
            TITLES[part],
            [
                (
                    LABELS[n].capitalize() if n not in ("siret", "rna", "iban", "bic") else LABELS[n],
                    in_words(getattr(organisation, n)),
                )
                for n in asked.fields_asked(organisation.nature, part)
            ],
        )
        for part in asked.parts(organisation.nature)
        if part is not RecordPage.BUDGET
    ]
    return render_template(
        "instruction/bearer.html",
        project=project,
        organisation=organisation,
        parts=parts,
        year=year,
        lines=lines,
        sums=budget.sums(lines),
        accounts=budget.ACCOUNTS,
        listed=listed(),
        account=bank.last_change(organisation),
        years=bearer_years(organisation.id, project.contract_id),
        actions=bearer_actions(organisation.id, project.contract_id, reads_of(me(), project.campaign.contract)),
        private=organisation.nature not in PUBLIC_BODIES,
        money=lambda value: shown(value, Unit.EUROS),
    )
