"""The document as a whole: every problem told, nobody freed, exact both ways."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.core.decide import Facts, decide, is_exempt
from guardian.core.errors import StoreError
from guardian.core.model import (
    Calendar,
    CalendarDay,
    Household,
    Mode,
    NameSettings,
    Network,
    NewDevicePolicy,
    NewDevices,
    Refusal,
    Role,
    Verdict,
)
from guardian.store import document as module
from guardian.store import migrate
from guardian.store.document import parse, parse_strict, parse_text, render

from .support import BANDS, KNOWN, NOW, child, document, found, mac, pairs

SCHEMA = json.loads(
    Path(module.__file__).with_name("household.schema.json").read_text("utf-8")
)
VALID = jsonschema.Draft202012Validator(SCHEMA)
SPAN = {"from": "2026-03-02T18:00:00+01:00", "until": "2026-03-02T19:00:00+01:00"}
EARLIER = {key: text.replace("-02T", "-01T") for key, text in SPAN.items()}
WINDOW = {"id": "own", "kind": "offline", "days": ["school"], "from": "12:00"}
FULL = document(
    country="DE",
    language="pt-BR",
    clock24=False,
    day_change="05:30",
    protection_off={**EARLIER, "by": "anna"},
    claimed=True,
    network={"lan": ["br-lan", "wlan0.1"], "mode": "one-armed"},
    new_devices={"policy": "allow", "band": "6-9"},
    names={"refusal": "sinkhole", "resolvers": ["192.0.2.53", "2001:db8::53#5353"]},
    calendar={
        "week": {"mon": "free"},
        "days": [{"from": "2026-12-24", "to": "2026-12-26", "type": "holiday"}],
    },
    exceptions=[
        {
            "id": "e",
            "person": "ben",
            "date": "2026-03-06",
            "kind": "bedtime",
            "off": True,
        }
    ],
    pauses=[{"id": "p", "person": None, **SPAN, "by": "anna"}],
    grants=[{"id": "g", "person": "mia", **SPAN, "lifts": ["bedtime"], "why": "film"}],
    opened=[{"id": "o", "person": "mia", "name": "a.test", "until": SPAN["until"]}],
)
SITES = {**WINDOW, "id": "play", "kind": "sites", "blocks": ["games", "tiktok"]}
FULL["people"][1] |= {
    "windows": [{**WINDOW, "to": "13:00"}, {**SITES, "to": "18:00"}],
    "dropped": ["night"],
    "only": True,
    "packs": ["letters"],
    "safe_search": False,
    "youtube": "moderate",
    "access": {"games": "limit", "social": "block", "tiktok": "allow"},
    "allow": ["example.org"],
    "block": ["example.com", "games.example.org"],
    "always": ["example.net"],
}
# Wrong everywhere, whatever the field is.
GARBAGE = (None, 5, -1.5, "§", "x" * 1000, [5], {"a": 1}, [["a"]], "2026-99-99")


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in a document but the whole."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


def replaced(doc: Any, path: tuple[Any, ...], value: object) -> Any:
    """Return a copy of a document with another value in one place."""
    made = copy.deepcopy(doc)
    inner = made
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = copy.deepcopy(value)
    return made


def test_defaults_of_an_almost_empty_document() -> None:
    assert parse({"schema": 1}, BANDS, KNOWN) == (Household(bands=BANDS), ())


def test_full_document() -> None:
    household, problems = parse(FULL, BANDS, KNOWN)
    assert problems == ()
    assert household.network == Network(lan=("br-lan", "wlan0.1"), mode=Mode.ONE_ARMED)
    assert household.new_devices == NewDevices(policy=NewDevicePolicy.ALLOW, band="6-9")
    assert household.names == NameSettings(
        refusal=Refusal.SINKHOLE, resolvers=("192.0.2.53#53", "2001:db8::53#5353")
    )
    assert household.calendar == Calendar(
        week=("free", "school", "school", "school", "school", "weekend", "weekend"),
        days=(
            CalendarDay(
                first=date(2026, 12, 24), last=date(2026, 12, 26), day_type="holiday"
            ),
        ),
    )
    assert (household.language, household.clock24) == ("pt-BR", False)
    assert household.day_change == 330
    assert household.off is not None and household.off.by == "anna"
    assert [p.role for p in household.people] == [Role.CHILD, Role.CHILD, Role.PARENT]
    assert household.bands == BANDS
    assert parse_text(json.dumps(FULL), BANDS, KNOWN) == (household, problems)
    assert parse_strict(json.dumps(FULL).encode(), BANDS, KNOWN) == household


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"schema": 0}, "schema", "migration-missing"),
        ({"schema": -1}, "schema", "bad-schema"),
        ({"schema": "1"}, "schema", "bad-schema"),
        ({"schema": True}, "schema", "bad-schema"),
        ({"schema": 2}, "schema", "schema-newer"),
        ({"name": ""}, "name", "name-empty"),
        ({"name": "x" * 1_000_000}, "name", "name-too-long"),
        ({"timezone": "Mars"}, "timezone", "unknown-timezone"),
        ({"country": "Germany"}, "country", "bad-country"),
        ({"language": "de_DE"}, "language", "bad-language"),
        ({"clock24": 24}, "clock24", "not-true-or-false"),
        ({"day_change": "24:00"}, "day_change", "bad-day-change"),
        ({"claimed": "no"}, "claimed", "not-true-or-false"),
        ({"network": []}, "network", "not-an-object"),
        ({"network": {"lan": []}}, "network / lan", "network-without-lan"),
        ({"network": {"lan": ["a b"]}}, "network / lan[0]", "bad-interface-name"),
        ({"network": {"lan": [5]}}, "network / lan[0]", "bad-interface-name"),
        ({"network": {"mode": "bridge"}}, "network / mode", "unknown-mode"),
        ({"network": {"lna": []}}, "network", "unknown-field"),
        ({"new_devices": "ask"}, "new_devices", "not-an-object"),
        ({"new_devices": {"policy": "let"}}, "new_devices / policy", "unknown-policy"),
        ({"new_devices": {"band": "9-6"}}, "new_devices / band", "unknown-band"),
        ({"new_devices": {"band": 5}}, "new_devices / band", "bad-id"),
        ({"names": 5}, "names", "not-an-object"),
        ({"names": {"refusal": "page"}}, "names / refusal", "unknown-refusal"),
        ({"names": {"resolvers": "192.0.2.53"}}, "names / resolvers", "not-a-list"),
        ({"names": {"resolvers": [5]}}, "names / resolvers[0]", "bad-server"),
        ({"names": {"resolvers": ["dns"]}}, "names / resolvers[0]", "bad-server"),
        (
            {"names": {"resolvers": [f"192.0.2.{n}" for n in range(9)]}},
            "names / resolvers",
            "too-many",
        ),
        ({"calendar": {"week": []}}, "calendar / week", "not-an-object"),
        ({"calendar": {"week": {"mon": 1}}}, "calendar / week / mon", "bad-id"),
        ({"calendar": {"week": {"mo": "x"}}}, "calendar / week", "unknown-field"),
        ({"calendar": {"days": [5]}}, "calendar / days[0]", "not-an-object"),
        (
            {"calendar": {"days": [{"from": "2026-02-30", "type": "trip"}]}},
            "calendar / days[0] / from",
            "bad-date",
        ),
        (
            {"calendar": {"days": [{"from": "2026-02-03", "type": "t", "to": 5}]}},
            "calendar / days[0] / to",
            "bad-date",
        ),
        (
            {
                "calendar": {
                    "days": [{"from": "2026-02-03", "type": "t", "to": "2026-02-02"}]
                }
            },
            "calendar / days[0]",
            "calendar-ends-before-start",
        ),
        ({"people": "none", "devices": []}, "people", "not-a-list"),
        ({"peple": []}, "household", "unknown-field"),
    ],
)
def test_one_fault_one_problem(changes: dict[str, Any], place: str, code: str) -> None:
    household, problems = found(document(**changes))
    assert problems == [(place, code)]
    assert household.claimed and household.network.lan
    assert household.new_devices.policy is NewDevicePolicy.ASK
    assert household.new_devices.band in ("6-9", "10-12")


def test_missing_schema_is_told() -> None:
    doc = document()
    del doc["schema"]
    household, problems = found(doc)
    assert problems == [("schema", "missing")]
    assert len(household.people) == 3


@pytest.mark.parametrize("doc", [None, 5, "home", [], [{"schema": 1}]])
def test_no_object(doc: object) -> None:
    assert found(doc) == (
        Household(bands=BANDS),
        [("household", "not-an-object")],
    )


def test_every_problem_is_collected() -> None:
    doc = document(
        timezone="Mars",
        people=[child(band="x", birth=5), {"id": "ben", "name": "Ben", "role": "x"}],
        devices=[{"id": "tv", "name": "TV", "mac": "zz"}],
    )
    assert found(doc)[1] == [
        ("timezone", "unknown-timezone"),
        ("people[0] (Mia) / birth", "bad-birth"),
        ("people[0] (Mia) / band", "unknown-band"),
        ("people[1] (Ben) / role", "unknown-role"),
        ("people[1] (Ben) / band", "missing"),
        ("devices[0] (TV) / mac", "bad-mac"),
    ]


def test_text_that_is_no_json_is_one_problem() -> None:
    household, problems = parse_text('{"schema": 1,\n', BANDS, KNOWN)
    assert household == Household(bands=BANDS)
    assert pairs(problems) == [("line 2, column 1", "invalid-json")]


def test_doubled_field_is_not_believed() -> None:
    text = (
        '{"schema": 1, "people": [{"id": "mia", "name": "Mia",'
        ' "role": "child", "role": "parent", "band": "10-12"}]}'
    )
    household, problems = parse_text(text, BANDS, KNOWN)
    assert pairs(problems) == [("people[0] (Mia) / role", "duplicate-field")]
    assert household.people[0].role is Role.CHILD


def test_strict_refuses_with_every_problem() -> None:
    with pytest.raises(StoreError) as refused:
        parse_strict('{"schema": 1, "name": "", "country": "x"}', BANDS, KNOWN)
    assert refused.value.code == "household-invalid"
    assert pairs(refused.value.problems) == [
        ("name", "name-empty"),
        ("country", "bad-country"),
    ]


def test_strict_says_newer() -> None:
    with pytest.raises(StoreError, match="schema-newer"):
        parse_strict('{"schema": 99}', BANDS, KNOWN)


def test_older_document_is_brought_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(doc: dict[str, object]) -> dict[str, object]:
        return {**doc, "name": doc["title"], "title": None} | {"country": "DE"}

    def step(doc: dict[str, object]) -> dict[str, object]:
        made = rename(doc)
        del made["title"]
        return made

    monkeypatch.setattr(migrate, "steps", lambda: {1: step})
    household, problems = parse({"schema": 0, "title": "Old"}, BANDS, KNOWN)
    assert problems == ()
    assert (household.name, household.country) == ("Old", "DE")


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(places(FULL), key=str)), st.sampled_from(GARBAGE))
def test_garbage_in_one_place_frees_nobody(
    path: tuple[Any, ...], value: object
) -> None:
    household, _ = parse(replaced(FULL, path, value), BANDS, KNOWN)
    tablet = next((d for d in household.devices if mac(1) in d.macs), None)
    if path != ("country",):
        assert household.claimed
    if tablet is None or tablet.person is None:
        assert household.new_devices.policy is not NewDevicePolicy.ALLOW or (
            # A device that was written as nobody's is the family's own choice.
            path == ("devices", 0, "person")
            and value is None
        )
    else:
        person = household.person(tablet.person)
        assert person is not None and person.role is Role.CHILD
    assert tablet is None or not is_exempt(household, tablet)
    if household.timezone == "Europe/Berlin" and household.pauses:
        # 18:30 in Berlin: everyone's pause is on.
        at = NOW.replace(hour=17, minute=30)
        assert decide(household, tablet, Facts(), at).verdict is Verdict.REFUSE or (
            tablet is None or tablet.person is None
        )


@st.composite
def broken(draw: st.DrawFn) -> Any:
    """Draw the full document with up to four places overwritten or removed."""
    doc: Any = FULL
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(sorted(places(doc), key=str)))
        values = [*GARBAGE, *(at(FULL, p) for p in places(FULL))]
        value = draw(st.sampled_from(values))
        doc = replaced(doc, path, value)
    return doc


def at(doc: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        doc = doc[key]
    return doc


@settings(max_examples=300, deadline=None)
@given(broken())
def test_what_is_safe_renders_and_reads_back(doc: Any) -> None:
    household, problems = parse(doc, BANDS, KNOWN)
    again = render(household)
    json.dumps(again, allow_nan=False)
    assert parse(again, BANDS, KNOWN) == (household, ())
    assert VALID.is_valid(again)
    if not problems:
        assert VALID.is_valid(doc), "the parser is stricter than the schema"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["schema", "people", "id", "windows", "network", "days", "x"]),
        inner,
        max_size=5,
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(json_values)
def test_takes_any_value(doc: object) -> None:
    household, problems = parse(doc, BANDS, KNOWN)
    assert all(len(p.detail) <= 80 and p.place for p in problems)
    assert parse(render(household), BANDS, KNOWN) == (household, ())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), 2),
        (("name",), ""),
        (("peple",), []),
        (("country",), "Germany"),
        (("network", "lan"), []),
        (("network", "mode"), "bridge"),
        (("calendar", "week", "mon"), "Mo!"),
        (("calendar", "days", 0, "type"), 5),
        (("people", 0, "role"), "boss"),
        (("people", 0, "fail_mode"), "open"),
        (("people", 0, "birth"), "2014"),
        (("people", 1, "windows", 0, "from"), "48:01"),
        (("people", 1, "windows", 0, "days"), []),
        (("people", 1, "windows", 0, "kind"), "nap"),
        (("people", 1, "windows", 0, "blocks"), ["games"]),
        (("people", 1, "windows", 1, "blocks"), []),
        (("people", 1, "windows", 1, "blocks"), "games"),
        (("people", 1, "only"), "yes"),
        (("people", 1, "packs"), {}),
        (("people", 1, "packs", 0), "Letters!"),
        (("people", 1, "safe_search"), 1),
        (("people", 1, "youtube"), "on"),
        (("people", 1, "access"), ["games"]),
        (("people", 1, "access", "games"), "maybe"),
        (("people", 1, "access"), {"No Id": "block"}),
        (("people", 1, "allow"), "example.org"),
        (("people", 1, "block", 0), "x"),
        (("people", 1, "always", 0), 5),
        (("people", 2, "access"), {}),
        (("people", 2, "block"), ["example.com"]),
        (("names", "refusal"), "page"),
        (("names", "resolvers", 0), "the router"),
        (("people", 2, "band"), "6-9"),
        (("devices", 0, "macs"), []),
        (("devices", 0, "macs", 0), "zz"),
        (("devices", 0, "kind"), "toy"),
        (("devices", 0, "exempt"), "yes"),
        (("exceptions", 0, "from"), "21:00"),
        (("exceptions", 0, "off"), False),
        (("pauses", 0, "until"), "2026-03-02T19:00:00"),
        (("grants", 0, "lifts"), []),
        (("grants", 0, "person"), None),
        (("opened", 0, "name"), "x"),
        (("opened", 0, "until"), "19:00"),
        (("opened", 0, "from"), SPAN["from"]),
    ],
)
def test_schema_and_parser_refuse_the_same(path: tuple[Any, ...], value: Any) -> None:
    doc = replaced(FULL, path, value)
    assert not VALID.is_valid(doc)
    assert parse(doc, BANDS, KNOWN)[1]


def test_schema_is_sound_and_takes_the_full_document() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert list(VALID.iter_errors(FULL)) == []
    assert set(SCHEMA["properties"]) == module._ROOT
