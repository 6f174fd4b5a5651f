"""Every sentence of the pages stands in every language that is shipped, and whole."""

from __future__ import annotations

import re

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from tests.browser.pseudo import sentences

from .tree import ROOT

LOCALES = sorted((ROOT / "webui" / "locale").glob("*/LC_MESSAGES/guardian.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|</?\w+[^>]*>")
# No fear, no sale, no promise that a filter cannot keep.
REFUSED = re.compile(
    r"100 ?%|in danger|keeps your child safe|premium|upgrade now|streak", re.I
)


def languages() -> list[str]:
    return [path.parts[-3] for path in LOCALES]


@pytest.fixture(params=LOCALES, ids=languages())
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    with request.param.open("rb") as po:
        return read_po(po)


def test_german_is_there() -> None:
    assert "de" in languages()


def test_nothing_is_missing_and_nothing_left_over(catalogue: Catalog) -> None:
    wanted = set(sentences())
    held = {one.id if isinstance(one.id, str) else tuple(one.id) for one in catalogue}
    assert wanted - held == set()
    assert held - wanted - {""} == set()


def test_every_sentence_is_translated_and_certain(catalogue: Catalog) -> None:
    for one in catalogue:
        texts = one.string if isinstance(one.string, list | tuple) else (one.string,)
        assert all(texts) and not one.fuzzy, one.id


def test_placeholders_and_marks_are_kept(catalogue: Catalog) -> None:
    for one in catalogue:
        ids = one.id if isinstance(one.id, list | tuple) else (one.id,)
        texts = one.string if isinstance(one.string, list | tuple) else (one.string,)
        for source, text in zip(ids, texts):
            if source:
                wanted = sorted(PLACEHOLDER.findall(source))
                assert sorted(PLACEHOLDER.findall(text)) == wanted, source


def test_no_fear_and_no_promise() -> None:
    for one in sentences():
        for text in (one,) if isinstance(one, str) else one:
            assert not REFUSED.search(text), text
