"""Small valid things to test with. Each flushes; `world()` is a contract ready to work in."""

from tests.factories.basics import (
    campaign,
    contract,
    grant_role,
    institution,
    member,
    organisation,
    project,
    theme,
    two_communes,
    user,
)
from tests.factories.dossiers import complete_draft, complete_record, document, piece
from tests.factories.world import World, world

__all__ = [
    "World",
    "campaign",
    "complete_draft",
    "complete_record",
    "contract",
    "document",
    "grant_role",
    "institution",
    "member",
    "organisation",
    "piece",
    "project",
    "theme",
    "two_communes",
    "user",
    "world",
]
