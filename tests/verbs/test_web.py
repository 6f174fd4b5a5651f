"""What the pages may ask of the daemon: lists that merge well and hold together."""

from pathlib import Path
from typing import Any, cast

from guardian.verbs import NAMELESS, WEB_ONLY, WEB_VERBS, web
from guardian.verbs.dispatch import GROUPS

# The switch of everything, and what only a hand on the box may do.
NEVER = {"apply", "claim-code", "password-reset"}


def listed() -> list[list[str]]:
    """Return the words of each list as they are written."""
    source = Path(web.__file__).read_text()
    return [block.split() for block in source.split('"""')[3::2] if "\n    " in block]


def test_lists_are_sorted_one_word_a_line() -> None:
    lists = [words for words in listed() if {*words} in (WEB_VERBS, NAMELESS)]
    assert len(lists) == 2
    assert all(words == sorted(set(words)) for words in lists)


def test_what_needs_nobody_is_a_verb_of_the_pages() -> None:
    assert NAMELESS <= WEB_VERBS


def test_a_hand_on_the_box_is_needed_for_some() -> None:
    assert not NEVER & WEB_VERBS


def test_what_only_pages_ask_is_theirs_to_ask() -> None:
    verbs = {v for group in GROUPS for v in group(cast(Any, None)).table()}
    assert sorted(WEB_ONLY - WEB_VERBS) == []
    assert sorted(NEVER - verbs) == []
