"""The same organisation written twice: seen, merged and parted by pages."""

from __future__ import annotations

from sqlalchemy import select

from grants.database import db
from grants.models import MemberRole, Membership, Merge
from tests.conftest import SignIn
from tests.domain.organisation.test_merging import twin
from tests.factories import World, user
from tests.web.reading import plain
from tests.web.test_instruction import count_queries
from tests.web.typed_forms import send


def test_they_are_merged_and_parted_by_pages(w: World, sign_in: SignIn) -> None:
    gone, kept, admin = twin(w), w.bearer, sign_in(w.administrator)
    gone.name = kept.name.upper()
    db.session.add(Membership(user_id=user("Attend").id, organisation_id=gone.id, role=MemberRole.EDITOR))
    db.session.commit()
    page = plain(admin.get("/reglages/organisations").text)
    assert f"/reglages/organisations/{gone.id}/reunir/{kept.id}" in page
    few, _ = count_queries(admin, "/reglages/organisations")
    address = f"/reglages/organisations/{gone.id}/reunir/{kept.id}"
    seen = plain(admin.get(address).text)
    assert "1 dossier, 1 document, 2 membres." in seen
    assert "jamais le compte bancaire" in seen
    assert f"Qui agit pour « {gone.name} » : Attend (sa demande attend une réponse), Membre (signataire)." in seen
    assert f"Qui agit pour « {kept.name} » : {w.applicant.name} (signataire)" in seen
    assert "sont réunies" in send(admin, address)
    assert "déjà réunie" in send(admin, address)
    many, page = count_queries(admin, "/reglages/organisations")
    assert few == many
    done = db.session.scalars(select(Merge)).one()
    assert "Séparer" in page
    assert "de nouveau deux" in send(admin, f"/reglages/reunions/{done.id}/separer")
