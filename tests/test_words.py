"""Every member of an enumeration that people read has a French word, and its own."""

from grants.models import DocumentKind, Nature
from grants.words import WORDS, word


def test_no_two_members_share_a_key() -> None:
    shown = {type(member) for member in WORDS}
    assert sum(len(enum) for enum in shown) == len(WORDS)
    assert word(Nature.OTHER) == "autre"
    assert word(DocumentKind.OTHER).casefold() == "autre document"
