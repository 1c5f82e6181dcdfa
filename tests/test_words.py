"""Every member of an enumeration that people read has a French word, and its own."""

from grants.models import DocumentKind, Nature, Outcome
from grants.queries.sheet.history import FIELDS
from grants.web.applicant.wording import OUTCOMES
from grants.words import WORDS, word


def test_no_two_members_share_a_key() -> None:
    shown = {type(member) for member in WORDS}
    assert sum(len(enum) for enum in shown) == len(WORDS)
    assert word(Nature.OTHER) == "autre"
    assert word(DocumentKind.OTHER).casefold() == "autre document"


def test_a_grant_is_called_the_same_everywhere() -> None:
    granted = word(Outcome.ACCEPTED)
    assert granted == FIELDS["granted"] == OUTCOMES[Outcome.ACCEPTED].casefold() == "accordé"
