"""What names mean, read from the data; a kind that is not in the vocabulary never."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from guardian.core.catalogue import Service
from guardian.core.errors import StoreError
from guardian.store.catalogue import (
    CATEGORIES,
    load_catalogue,
    load_shared_hosts,
    load_tiers,
)
from guardian.store.data import profiles_dir

from .support import pairs
from .test_document import places, replaced

FILES = ("categories.json", "tiers.json", "packs.json", "safe-search.json")
DOCS = {name: json.loads((profiles_dir() / name).read_text("utf-8")) for name in FILES}
CATALOGUE = load_catalogue(services=())


def service(ident: str, group: str) -> Service:
    return Service(
        id=ident, title=ident, group=group, domains=(f"{ident}.example",), source="own"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(profiles_dir() / name, tmp_path / name)
    return tmp_path


def refused(folder: Path, name: str, doc: Any) -> StoreError:
    (folder / name).write_text(json.dumps(doc))
    with pytest.raises(StoreError) as found:
        load_catalogue(folder, services=())
    assert (found.value.code, found.value.detail) == ("profiles-invalid", name)
    return found.value


def test_everything_is_sorted_by_id() -> None:
    for part in (CATALOGUE.categories, CATALOGUE.packs, CATALOGUE.engines):
        ids = [entry.id for entry in part]
        assert ids == sorted(set(ids))
    assert {category.id for category in CATALOGUE.categories} == CATEGORIES
    given = (service("b", "games"), service("a", "video"))
    found = load_catalogue(services=given)
    assert [entry.id for entry in found.services] == ["a", "b"]
    assert found.labels() == CATEGORIES | {"a", "b"}


def test_names_keep_the_order_of_the_file() -> None:
    raw = {
        entry["id"]: entry["names"] for entry in DOCS["categories.json"]["categories"]
    }
    for category in CATALOGUE.categories:
        if category.id != "unsafe_search":
            assert list(category.names) == raw[category.id]
    assert load_tiers().soft == CATALOGUE.tiers.soft


def test_engines_that_are_refused_are_the_category() -> None:
    unsafe = next(c for c in CATALOGUE.categories if c.id == "unsafe_search")
    refuses = [name for engine in CATALOGUE.engines for name in engine.refused]
    assert list(unsafe.names) == refuses
    assert unsafe.harm


def test_what_a_pack_needs_belongs_to_it() -> None:
    raw = {entry["id"]: entry for entry in DOCS["packs.json"]["packs"]}
    for pack in CATALOGUE.packs:
        assert list(pack.names) == raw[pack.id]["names"] + raw[pack.id]["needs"]


def test_shared_hosts_are_in_no_tier() -> None:
    tiers = CATALOGUE.tiers
    every = {*tiers.technical, *tiers.system, *tiers.soft, *tiers.guard}
    shared = load_shared_hosts()
    assert {"googleapis.com", "cloudfront.net", "akamaized.net"} <= set(shared)
    assert every & set(shared) == set()


def test_services_of_the_folder_are_read(folder: Path) -> None:
    with pytest.raises(StoreError, match="services.json.*No such file"):
        load_catalogue(folder)


@pytest.mark.parametrize(
    ("given", "code"),
    [(service("a", "news"), "unknown-category"), (service("games", "games"), "dup")],
)
def test_services_must_fit_the_vocabulary(given: Service, code: str) -> None:
    with pytest.raises(StoreError) as found:
        load_catalogue(services=(given,))
    assert found.value.problems[0].code.startswith(code)
    assert found.value.problems[0].place == f"services / {given.id}"


@pytest.mark.parametrize(
    ("name", "path", "value", "code"),
    [
        ("categories.json", ("categories", 0, "id"), "religion", "unknown-category"),
        ("categories.json", ("categories", 0, "id"), "games", "duplicate-id"),
        ("categories.json", ("categories", 0, "harm"), "yes", "not-true-or-false"),
        ("categories.json", ("categories", 0, "rule"), "", "not-text"),
        ("categories.json", ("categories", 0, "why"), "", "not-text"),
        ("categories.json", ("categories", 0, "names"), ["*.a.com"], "bad-hostname"),
        ("categories.json", ("categories", 0, "names"), ["a.de"] * 2, "duplicate-name"),
        (
            "categories.json",
            ("categories", 0, "notes"),
            [{"name": "not-listed.example", "why": "x"}],
            "note-without-name",
        ),
        ("categories.json", ("categories",), [], "missing"),
        ("tiers.json", ("tiers", "soft", 0, "class"), "push", "class-of-other-tier"),
        ("tiers.json", ("tiers", "soft", 0, "why"), "", "not-text"),
        ("tiers.json", ("tiers", "soft"), [], "missing"),
        ("tiers.json", ("tiers", "hard"), [], "unknown-field"),
        ("tiers.json", ("shared",), [{"name": "a.example"}], "missing"),
        ("tiers.json", ("left_out",), ["a.example"], "not-an-object"),
        ("packs.json", ("packs", 0, "ages"), [5, 3], "bad-ages"),
        ("packs.json", ("packs", 0, "ages"), [True, 20], "bad-ages"),
        ("packs.json", ("packs", 0, "names"), [], "missing"),
        ("packs.json", ("packs", 0, "needs"), ["icloud.com"], "duplicate-name"),
        ("packs.json", ("packs", 1, "id"), "basics", "duplicate-id"),
    ],
)
def test_bad_data(
    folder: Path, name: str, path: tuple[Any, ...], value: Any, code: str
) -> None:
    error = refused(folder, name, replaced(DOCS[name], path, value))
    assert code in [c for _, c in pairs(error.problems)]


def test_a_tier_name_stands_once(folder: Path) -> None:
    doc = DOCS["tiers.json"]
    guard = doc["tiers"]["guard"]
    twice = replaced(doc, ("tiers", "guard"), [*guard, guard[0]])
    error = refused(folder, "tiers.json", twice)
    assert [p.code for p in error.problems] == ["duplicate-name"]


def small() -> dict[str, Any]:
    """Return each file with as little in it as makes it whole."""
    kinds, packs = DOCS["categories.json"], DOCS["packs.json"]
    tiers, safe = DOCS["tiers.json"], DOCS["safe-search.json"]
    return {
        "categories.json": {
            **kinds,
            "categories": [
                {**entry, "names": entry["names"][:1], "notes": []}
                for entry in kinds["categories"]
            ],
        },
        "tiers.json": {
            **tiers,
            "tiers": {tier: names[:1] for tier, names in tiers["tiers"].items()},
            "shared": tiers["shared"][:1],
            "left_out": [],
        },
        "packs.json": {
            **packs,
            "packs": [{**packs["packs"][0], "names": ["a.example"], "needs": []}],
        },
        "safe-search.json": {**safe, "engines": safe["engines"][1:2]},
    }


def test_garbage_in_any_place_is_refused_not_raised(folder: Path) -> None:
    docs = small()
    for name, doc in docs.items():
        (folder / name).write_text(json.dumps(doc))
    assert load_catalogue(folder, services=()).packs[0].names == ("a.example",)
    for name in ("categories.json", "tiers.json", "packs.json"):
        doc = docs[name]
        # The first two kinds stand for all of them.
        odd = [p for p in places(doc) if p[0] != "categories" or p[1:2] < (2,)]
        for path in odd:
            refused(folder, name, replaced(doc, path, {"a": [1]}))
        (folder / name).write_text(json.dumps(doc))
