"""Loading the project's own data, and refusing what an odd hand made of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import StoreError
from guardian.core.model import Access
from guardian.store.data import load_bands, load_floor, profiles_dir

from .support import pairs
from .test_document import places, replaced

BANDS = json.loads((profiles_dir() / "bands.json").read_text("utf-8"))
FLOOR = json.loads((profiles_dir() / "floor.json").read_text("utf-8"))


def refused(folder: Path, name: str, doc: Any) -> StoreError:
    (folder / name).write_text(json.dumps(doc))
    with pytest.raises(StoreError) as found:
        load_bands(folder) if name == "bands.json" else load_floor(folder)
    assert found.value.code == "profiles-invalid"
    return found.value


def test_bands_are_youngest_first_with_reasons(tmp_path: Path) -> None:
    (tmp_path / "bands.json").write_text(
        json.dumps({**BANDS, "bands": BANDS["bands"][::-1]})
    )
    bands = load_bands(tmp_path)
    assert bands == load_bands()
    assert [b.id for b in bands] == ["0-5", "6-9", "10-12", "13-15", "16-17"]
    keys = {key for key, _ in bands[0].why}
    assert {"fail_mode", "window:bedtime-school", "window:bedtime-weekend"} < keys
    assert {"only", "packs", "safe_search", "youtube", "access:adult"} < keys


def test_what_is_refused_up_to_an_age(tmp_path: Path) -> None:
    table = [
        {"id": "social", "to": 12, "why": "thirteen is what they say"},
        {"id": "adult", "to": 17, "why": "made for adults"},
        {"id": "odd", "to": 14, "why": "no band ends there"},
    ]
    (tmp_path / "bands.json").write_text(json.dumps({**BANDS, "blocked": table}))
    said = {b.id: b.defaults.access for b in load_bands(tmp_path)}
    adult, social, odd = (
        (r["id"], Access.BLOCK) for r in (table[1], table[0], table[2])
    )
    assert said["10-12"] == said["0-5"] == (adult, odd, social)
    assert said["13-15"] == said["16-17"] == (adult,)
    band, *_ = load_bands(tmp_path)
    assert dict(band.why)["access:social"] == "thirteen is what they say"


def test_floor_is_read() -> None:
    floor = load_floor()
    assert "www.childline.org.uk" in floor.names()
    assert len(floor.entries) == len(FLOOR["entries"])


@pytest.mark.parametrize("name", ["bands.json", "floor.json"])
def test_missing_or_no_json(tmp_path: Path, name: str) -> None:
    load = load_bands if name == "bands.json" else load_floor
    with pytest.raises(StoreError, match="profiles-invalid.*No such file"):
        load(tmp_path)
    (tmp_path / name).write_text("{")
    with pytest.raises(StoreError) as found:
        load(tmp_path)
    assert [p.code for p in found.value.problems] == ["invalid-json"]


@pytest.mark.parametrize(
    ("path", "value", "place", "code"),
    [
        (("schema",), 2, "schema", "bad-schema"),
        (("bands", 0, "id"), "A!", "bands[0] / id", "bad-id"),
        (("bands", 0, "ages"), [3], "bands[0] / ages", "bad-ages"),
        (("bands", 0, "ages"), [5, 3], "bands[0] / ages", "bad-ages"),
        (("bands", 0, "title"), "", "bands[0] / title", "name-empty"),
        (("bands", 0, "why"), {}, "bands[0] / why / fail_mode", "missing"),
        (("bands", 0, "why"), {}, "bands[0] / why / youtube", "missing"),
        (("bands", 0, "only"), "no", "bands[0] / only", "not-true-or-false"),
        (("bands", 0, "packs"), None, "bands[0] / packs", "not-a-list"),
        (
            ("bands", 0, "youtube"),
            "on",
            "bands[0] / youtube",
            "unknown-youtube-mode",
        ),
        (("blocked", 0, "to"), 18, "blocked[0] / to", "bad-age"),
        (("blocked", 0, "to"), True, "blocked[0] / to", "bad-age"),
        (("blocked", 0, "why"), 5, "blocked[0] / why", "not-text"),
        (("blocked", 1, "id"), "malware", "blocked[1]", "duplicate-id"),
        (
            ("bands", 0, "windows", 0, "days"),
            ["schol"],
            "bands[0] / windows[0] / days[0]",
            "unknown-day-type",
        ),
        (("bands", 0, "windows", 0), 5, "bands[0] / windows[0]", "not-an-object"),
        (
            ("bands", 0, "windows", 0, "why"),
            5,
            "bands[0] / windows[0] / why",
            "not-text",
        ),
    ],
)
def test_bad_bands(
    tmp_path: Path, path: tuple[Any, ...], value: Any, place: str, code: str
) -> None:
    error = refused(tmp_path, "bands.json", replaced(BANDS, path, value))
    assert (place, code) in pairs(error.problems)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("floor", "soft", "not-hard"),
        ("cc", "uk", "bad-country"),
        ("kind", "advice", "unknown-kind"),
        ("name", {}, "name-empty"),
        ("name", "147", "not-an-object"),
        ("expires", "soon", "bad-date"),
        ("domains", [], "help-without-site"),
        ("domains", [{"name": "*.example.org", "grade": "A"}], "bad-domain"),
        ("domains", [{"name": "example.org"}], "missing"),
        ("phone", [{"display": "147", "grade": "B"}], "phone-not-verified"),
        ("phone", [{"display": "call", "grade": "A"}], "bad-phone"),
        ("phone", [{"grade": "A"}], "missing"),
        ("sources", [{}], "missing"),
        ("hours", 24, "not-text"),
    ],
)
def test_bad_floor_entry(tmp_path: Path, field: str, value: Any, code: str) -> None:
    doc = replaced(FLOOR, ("entries", 0, field), value)
    error = refused(tmp_path, "floor.json", doc)
    assert code in [c for _, c in pairs(error.problems)]


def test_bad_floor_as_a_whole(tmp_path: Path) -> None:
    doc = {**FLOOR, "entries": FLOOR["entries"][::-1]}
    error = refused(tmp_path, "floor.json", doc)
    assert pairs(error.problems) == [("entries", "floor-unsorted")]
    error = refused(tmp_path, "floor.json", {**FLOOR, "released": None})
    assert pairs(error.problems) == [("released", "bad-date")]


def test_garbage_in_any_place_is_refused_not_raised(tmp_path: Path) -> None:
    doc = {**FLOOR, "entries": FLOOR["entries"][:1]}
    for path in places(doc):
        if path[-1] not in ("signature",):
            refused(tmp_path, "floor.json", replaced(doc, path, {"a": [1]}))
    doc = {**BANDS, "bands": BANDS["bands"][:1]}
    for path in places(doc):
        if path[0] != "sources":
            refused(tmp_path, "bands.json", replaced(doc, path, {"a": [1]}))
