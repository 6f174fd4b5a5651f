"""The catalogue of lists: the real file, and what is wrong with others."""

import json
from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import StoreError
from guardian.core.feeds import Use, Verdict
from guardian.store.catalogue import load_catalogue
from guardian.store.data import profiles_dir
from guardian.store.feeds import load_feeds

SPECS = {spec.id: spec for spec in load_feeds()}
DOCUMENT = json.loads((profiles_dir() / "feeds.json").read_bytes())


def write(folder: Path, feeds: list[dict[str, Any]], **more: Any) -> Path:
    document = {"schema": 1, "checked": "", "note": "", "feeds": feeds, **more}
    (folder / "feeds.json").write_text(json.dumps(document))
    return folder


def problems(folder: Path) -> list[str]:
    with pytest.raises(StoreError) as caught:
        load_feeds(folder)
    assert caught.value.code == "profiles-invalid"
    return [problem.code for problem in caught.value.problems]


def test_the_real_file_is_read_by_id() -> None:
    assert list(SPECS) == sorted(SPECS) and len(SPECS) > 50
    assert SPECS["sw-adult"].entries[0] >= 100_000
    assert SPECS["ut1-gambling"].verdict is Verdict.URL_ONLY


def test_a_default_is_free_and_has_its_category() -> None:
    known = {category.id for category in load_catalogue().categories}
    for spec in SPECS.values():
        assert spec.use is Use.POPULAR or spec.category in known, spec.id
        assert not spec.default or spec.verdict is Verdict.SHIP, spec.id
        assert spec.homepage.startswith("https://"), spec.id
    harmless = {"ads", "free_hosting", "shopping"}
    assert not harmless & {s.category for s in SPECS.values() if s.default}


def test_what_must_name_its_makers_does() -> None:
    for spec in SPECS.values():
        if spec.licence.startswith(("CC-BY", "GPL", "MIT")):
            assert spec.attribution, spec.id


def test_no_list_is_taken_for_what_its_name_says() -> None:
    # Support widgets, a personal list, and old messengers beside ordinary hosts.
    assert not {"sw-chat", "sw-junk", "sw-top_level"} & set(SPECS)
    assert SPECS["ut1-chat"].category == "messenger"
    assert not SPECS["ut1-chat"].default


def test_every_id_is_there_once(tmp_path: Path) -> None:
    first = DOCUMENT["feeds"][0]
    assert problems(write(tmp_path, [first, first])) == ["duplicate-id"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("verdict", "never", "unknown-verdict"),
        ("entries_min", 0, "bad-number"),
        ("hours", True, "not-a-number"),
        ("bytes_max", "1", "not-a-number"),
        ("polarity", "both", "unknown-word"),
        ("match", None, "unknown-word"),
        ("url", "http://x/", "bad-url"),
        ("surprise", 1, "unknown-field"),
    ],
)
def test_a_wrong_field_is_named(
    field: str, value: object, code: str, tmp_path: Path
) -> None:
    feed = DOCUMENT["feeds"][0] | {field: value}
    assert problems(write(tmp_path, [feed])) == [code]


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    feed = {k: v for k, v in DOCUMENT["feeds"][0].items() if k != "licence"}
    assert problems(write(tmp_path, [feed])) == ["missing"]


def test_another_schema_is_refused(tmp_path: Path) -> None:
    assert problems(write(tmp_path, [], schema=2)) == ["bad-schema"]


def test_no_file_and_no_json(tmp_path: Path) -> None:
    assert problems(tmp_path) == []
    (tmp_path / "feeds.json").write_text("{")
    assert len(problems(tmp_path)) == 1
