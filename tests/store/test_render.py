"""Rendering: readable, ordered, exact; instants across the doubled hour too."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from guardian.core.model import (
    Device,
    DeviceKind,
    Grant,
    Household,
    Opened,
    NameSettings,
    Pause,
    Person,
    ProtectionOff,
    Role,
    WindowException,
    WindowKind,
)
from guardian.store.document import parse
from guardian.store.render import render

from .support import BANDS, KNOWN, NOW, child, document, mac


def test_order_and_omissions() -> None:
    household = Household(
        people=(Person(id="tom", name="Tom", role=Role.PARENT),),
        devices=(
            Device(id="a", name="A", macs=(mac(1),), person="tom"),
            Device(
                id="b", name="B", macs=(mac(2),), exempt=True, kind=DeviceKind.ROUTER
            ),
        ),
        exceptions=(
            WindowException(
                id="x",
                person="tom",
                on=NOW.date(),
                kind=WindowKind.OFFLINE,
                end=1800,
            ),
        ),
    )
    made = render(household)
    assert list(made) == [
        *("schema", "name", "timezone", "country", "claimed", "network"),
        *("new_devices", "calendar", "people", "devices", "exceptions"),
        *("pauses", "grants"),
    ]
    assert made["people"] == [{"id": "tom", "name": "Tom", "role": "parent"}]
    assert made["devices"] == [
        {"id": "a", "name": "A", "macs": [mac(1)], "person": "tom"},
        {"id": "b", "name": "B", "macs": [mac(2)], "exempt": True, "kind": "router"},
    ]
    assert made["exceptions"] == [
        {
            "id": "x",
            "person": "tom",
            "date": "2026-03-02",
            "kind": "offline",
            "to": "30:00",
        }
    ]


def test_how_the_home_is_spoken_to_and_protection_off() -> None:
    off = ProtectionOff(start=NOW, until=NOW + timedelta(hours=1), by="anna")
    household = Household(language="de", clock24=False, day_change=0, off=off)
    made = render(household)
    assert list(made)[4:9] == [
        *("language", "clock24", "day_change", "claimed", "protection_off"),
    ]
    assert (made["language"], made["day_change"]) == ("de", "00:00")
    assert made["protection_off"] == {
        "from": "2026-03-02T12:00:00+00:00",
        "until": "2026-03-02T13:00:00+00:00",
        "by": "anna",
    }
    assert parse(made, ()) == (household, ())


def test_windows_read_as_people_write_them() -> None:
    own = {"id": "own", "kind": "bedtime", "days": ["school"]}
    windows = [
        {**own, "from": "21:00", "to": "07:00"},
        {**own, "id": "two", "from": "24:30", "to": "06:00"},
        {**own, "id": "three", "from": "00:00", "to": "24:00"},
    ]
    doc = document(people=[child(windows=windows, fail_mode="strict")], devices=[])
    household, problems = parse(doc, BANDS)
    assert problems == ()
    assert render(household)["people"] == doc["people"]


def test_instants_in_the_doubled_hour_stay_what_they_are() -> None:
    # 2026-10-25, 01:30 UTC is the second 02:30 in Berlin.
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 10, 25, 1, 30, tzinfo=timezone.utc)
    pause = Pause(
        id="p",
        person=None,
        start=start.astimezone(zone),
        until=(start + timedelta(hours=1, microseconds=5)).astimezone(zone),
    )
    grant = Grant(id="g", person="mia", start=start, until=pause.until, why="w")
    household = Household(
        timezone="Europe/Berlin",
        people=(Person(id="mia", name="Mia", role=Role.CHILD, band="6-9"),),
        pauses=(pause,),
        grants=(grant, replace(grant, id="h", why="", by="anna")),
        bands=BANDS,
    )
    made = json.loads(json.dumps(render(household)))
    assert made["pauses"][0]["from"] == "2026-10-25T02:30:00+01:00"
    back, problems = parse(made, BANDS)
    assert problems == ()
    assert back.pauses[0].start == start
    assert back.pauses[0].until == pause.until.astimezone(timezone.utc)
    assert render(back) == made


def test_what_is_said_of_names_reads_as_it_was_written() -> None:
    play = {"id": "play", "kind": "sites", "days": ["school"], "from": "14:00"}
    says = {
        "windows": [{**play, "to": "18:00", "blocks": ["games", "tiktok"]}],
        "only": False,
        "packs": [],
        "safe_search": True,
        "youtube": "off",
        "access": {"games": "limit", "social": "block"},
        "allow": ["example.org"],
        "block": ["example.com"],
        "always": ["example.net", "example.org"],
    }
    names = {"refusal": "sinkhole", "resolvers": ["192.0.2.53#53"]}
    doc = document(people=[child(**says)], devices=[], names=names)
    household, problems = parse(doc, BANDS, KNOWN)
    assert problems == ()
    made = render(household)
    assert made["people"] == doc["people"] and made["names"] == names
    assert list(made["people"][0])[4:] == list(says)
    assert list(made)[6:8] == ["new_devices", "names"]
    assert "names" not in render(replace(household, names=NameSettings()))


def test_opened_sites_are_written_only_where_there_are_some() -> None:
    plain = Household(people=(Person(id="mia", name="M", role=Role.CHILD, band="6-9"),))
    assert "opened" not in render(plain)
    item = Opened(id="o", person="mia", name="a.test", until=NOW)
    made = render(replace(plain, opened=(item, replace(item, id="p", by="anna"))))
    row = {"id": "o", "person": "mia", "name": "a.test", "until": NOW.isoformat()}
    assert made["opened"] == [row, {**row, "id": "p", "by": "anna"}]
