"""Whole days out of calendars as schools publish them, and out of nonsense."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.icalimport import (
    AHEAD,
    DAYS_MAX,
    EVENTS_MAX,
    INPUT_MAX,
    REPEATED_MAX,
    days_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 3, 4)
REASONS = {
    *("cancelled", "not-whole-days", "over", "repetition-not-understood"),
    *("too-far", "too-long", "too-many", "unreadable"),
}


def event(*lines: str, name: str = "Holiday") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"SUMMARY:{name}", *lines, "END:VEVENT", ""])


def calendar(*events: str) -> str:
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test\r\n"
    return head + "".join(events) + "END:VCALENDAR\r\n"


def read(*events: str, zone: ZoneInfo = BERLIN) -> tuple[list[str], list[str]]:
    """Return "first last" of each day, and why others were left out."""
    found = days_of(calendar(*events), TODAY, zone)
    return (
        [f"{d['first']} {d['last']}" for d in found["days"]],
        [s["why"] for s in found["skipped"]],
    )


def only(*lines: str) -> list[str]:
    days, skipped = read(event(*lines))
    assert skipped == []
    return days


def why(*lines: str) -> str:
    days, (reason,) = read(event(*lines))
    assert days == [] and reason in REASONS
    return reason


def test_a_run_of_dates_ends_the_day_before_its_end() -> None:
    assert only("DTSTART;VALUE=DATE:20260330", "DTEND;VALUE=DATE:20260411") == [
        "2026-03-30 2026-04-10"
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART;VALUE=DATE:20260501",),
        ("DTSTART;VALUE=DATE:20260501", "DURATION:P1D"),
        ("DTSTART;VALUE=DATE:20260501", "DTEND;VALUE=DATE:20260501"),
        ("DTSTART:20260501T000000", "DTEND:20260502T000000"),
        (
            "DTSTART;TZID=Europe/Berlin:20260501T000000",
            "DTEND;TZID=Europe/Berlin:20260502T000000",
        ),
        # Midnight in Berlin, told in UTC.
        ("DTSTART:20260430T220000Z", "DTEND:20260501T220000Z"),
    ],
)
def test_one_day_in_all_its_forms(lines: tuple[str, ...]) -> None:
    assert only(*lines) == ["2026-05-01 2026-05-01"]


def test_midnight_utc_is_a_whole_day_only_where_it_is_midnight() -> None:
    utc = event("DTSTART:20260501T000000Z", "DTEND:20260502T000000Z")
    assert read(utc) == ([], ["not-whole-days"])
    assert read(utc, zone=ZoneInfo("UTC")) == (["2026-05-01 2026-05-01"], [])
    london = event(
        "DTSTART;TZID=Europe/London:20260201T000000",
        "DTEND;TZID=Europe/London:20260202T000000",
    )
    days, skipped = read(london)
    assert skipped == ["over"] or days == ["2026-02-01 2026-02-01"]


def test_names_are_one_printable_line() -> None:
    text = calendar(
        event("DTSTART;VALUE=DATE:20260501", name="Tag der\\n Arbeit\\, frei"),
        event("DTSTART;VALUE=DATE:20260502", name="<script>\x07" + "x" * 500),
        event("DTSTART;VALUE=DATE:20260503", name=""),
    )
    one, two, three = days_of(text, TODAY, BERLIN)["days"]
    assert one["name"] == "Tag der Arbeit, frei"
    assert two["name"].startswith("<script>") and len(two["name"]) == 100
    assert two["name"].isprintable() and three["name"] == ""


def test_folded_lines_are_one() -> None:
    text = event("DTSTART;VALUE=DATE:20260501", name="Oster\r\n ferien")
    (found,) = days_of(calendar(text), TODAY, BERLIN)["days"]
    assert found["name"] == "Osterferien"


def test_what_is_left_out_says_where_and_why() -> None:
    text = calendar(
        event("DTSTART:20260310T190000", "DTEND:20260310T210000"),
        event("DTSTART;VALUE=DATE:20260501"),
        event("DTSTART:rubbish"),
    )
    found = days_of(text, TODAY, BERLIN)
    assert len(found["days"]) == 1
    assert found["skipped"] == [
        {"line": 4, "why": "not-whole-days"},
        {"line": 13, "why": "unreadable"},
    ]


@pytest.mark.parametrize(
    "lines, reason",
    [
        ((), "unreadable"),
        (("DTSTART;VALUE=DATE:20269901",), "unreadable"),
        (("DTSTART:120000",), "unreadable"),
        (("DTSTART;VALUE=DATE:20260501", "STATUS:CANCELLED"), "cancelled"),
        (("DTSTART;VALUE=DATE:20250501",), "over"),
        (("DTSTART;VALUE=DATE:20300501",), "too-far"),
        (("DTSTART;VALUE=DATE:20260501", "DTEND;VALUE=DATE:20290501"), "too-long"),
        (
            ("DTSTART;VALUE=DATE:20260501", "RDATE;VALUE=DATE:20260601"),
            "repetition-not-understood",
        ),
    ],
)
def test_reasons(lines: tuple[str, ...], reason: str) -> None:
    assert why(*lines) == reason


START = "DTSTART;VALUE=DATE:20260306"  # A Friday.


@pytest.mark.parametrize(
    "start, rule, expected",
    [
        (START, "FREQ=DAILY;COUNT=3", ["03-06", "03-07", "03-08"]),
        (START, "FREQ=DAILY;INTERVAL=2;UNTIL=20260310", ["03-06", "03-08", "03-10"]),
        (START, "FREQ=WEEKLY;COUNT=2", ["03-06", "03-13"]),
        (
            START,
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,MO;COUNT=4",
            ["03-06", "03-16", "03-20", "03-30"],
        ),
        (START, "FREQ=MONTHLY;COUNT=3", ["03-06", "04-06", "05-06"]),
        (START, "FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=3", ["03-06", "03-15", "04-01"]),
        (START, "FREQ=YEARLY;BYMONTH=3,5;UNTIL=20261231", ["03-06", "05-06"]),
        ("DTSTART;VALUE=DATE:20260131", "FREQ=MONTHLY;COUNT=2", ["03-31"]),
    ],
)
def test_repetitions(start: str, rule: str, expected: list[str]) -> None:
    days, _ = read(event(start, f"RRULE:{rule}"))
    assert [day[5:10] for day in days if day >= "2026-02-05"] == expected


def test_a_yearly_holiday_since_long_ago_comes_for_two_years() -> None:
    assert only("DTSTART;VALUE=DATE:19500501", "RRULE:FREQ=YEARLY") == [
        "2026-05-01 2026-05-01",
        "2027-05-01 2027-05-01",
    ]


def test_what_repeats_for_ever_ends_in_two_years() -> None:
    days = only(START, "RRULE:FREQ=WEEKLY")
    assert days[-1][:10] <= (TODAY + AHEAD).isoformat() and 104 <= len(days) <= 106


def test_single_dates_are_taken_out_and_moved() -> None:
    weekly = event(
        "UID:u", START, "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;VALUE=DATE:20260313"
    )
    moved = event(
        "UID:u", "RECURRENCE-ID;VALUE=DATE:20260320", "DTSTART;VALUE=DATE:20260321"
    )
    days, skipped = read(weekly, moved)
    assert [day[:10] for day in days] == ["2026-03-06", "2026-03-21", "2026-03-27"]
    assert skipped == []


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=HOURLY;COUNT=3",
        "FREQ=MONTHLY;BYDAY=2MO",
        "FREQ=YEARLY;BYWEEKNO=3",
        "FREQ=YEARLY;BYEASTER=0",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=DAILY;BYSETPOS=1",
        "INTERVAL=2",
    ],
)
def test_rules_that_would_be_guessed_are_not(rule: str) -> None:
    assert why(START, f"RRULE:{rule}") in ("repetition-not-understood", "unreadable")


def test_counting_from_long_ago_is_not_done() -> None:
    start = "DTSTART;VALUE=DATE:19500501"
    assert why(start, "RRULE:FREQ=DAILY;COUNT=99999") == "repetition-not-understood"


def test_the_same_day_twice_is_one() -> None:
    one = event("DTSTART;VALUE=DATE:20260501")
    assert read(one, one) == (["2026-05-01 2026-05-01"], [])


def test_events_repetitions_and_days_are_bounded() -> None:
    first = date(2026, 5, 1)
    many = [
        event(
            f"DTSTART;VALUE=DATE:{first + timedelta(days=n % 600):%Y%m%d}", name=f"{n}"
        )
        for n in range(DAYS_MAX + 5)
    ]
    days, skipped = read(*many)
    assert len(days) == DAYS_MAX and skipped == ["too-many"] * 5
    repeated = [
        event(f"DTSTART;VALUE=DATE:2026{m:02}01", "RRULE:FREQ=YEARLY", name=str(m))
        for m in range(1, 13)
    ] * 20
    days, skipped = read(*repeated)
    assert skipped.count("too-many") == len(repeated) - REPEATED_MAX
    assert read(*["BEGIN:VEVENT\nEND:VEVENT\n"] * (EVENTS_MAX + 9))[1] == [
        *["unreadable"] * EVENTS_MAX,
        "too-many",
    ]


def test_the_worst_that_fits_is_read_in_time() -> None:
    start = (TODAY - timedelta(days=3600)).strftime("%Y%m%d")
    slow = event(f"DTSTART;VALUE=DATE:{start}", "RRULE:FREQ=DAILY;COUNT=99999")
    begun = time.process_time()
    days_of(calendar(*[slow] * 2000), TODAY, BERLIN)
    assert time.process_time() - begun < 60, "a bound, not a speed"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "BEGIN:VCALENDAR",
        "BEGIN:VCALENDAR\nEND:VCALENDAR",
        "\0\0",
        "END:VEVENT",
    ],
)
def test_what_holds_no_event(text: str) -> None:
    assert days_of(text, TODAY, BERLIN) == {"days": [], "skipped": []}


def test_an_event_without_its_end_is_told() -> None:
    found = days_of("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260501\n", TODAY, BERLIN)
    assert found == {"days": [], "skipped": [{"line": 1, "why": "unreadable"}]}


def test_alarms_within_events_say_nothing_of_the_day() -> None:
    alarm = "BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nDURATION:P9D\r\nEND:VALARM"
    assert only("DTSTART;VALUE=DATE:20260501", alarm) == ["2026-05-01 2026-05-01"]


PIECES = st.sampled_from(
    ["BEGIN:VEVENT", "END:VEVENT", "BEGIN:VALARM", "END:VALARM", "BEGIN:VCALENDAR",
     "DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RDATE", "RECURRENCE-ID",
     "SUMMARY", "STATUS", "UID", ";VALUE=DATE", ";TZID=Europe/Berlin", ";TZID=Mars",
     ":", ";", "=", ",", "20260501", "20260501T000000Z", "00000000", "99991231",
     "FREQ=", "YEARLY", "DAILY", "WEEKLY", "COUNT=", "INTERVAL=", "UNTIL=", "BYDAY=",
     "MO", "-1SU", "0", "-5", "999999999999", "P1D", "-P9999999W", "P", "\n", "\r\n",
     "\n ", "\\n", '"', "\0", "\ud800", "é"]
)  # fmt: skip
LINES = st.sampled_from(
    ["DTSTART;VALUE=DATE:20260501", "DTSTART;VALUE=DATE:00010101",
     "DTSTART;VALUE=DATE:99991231", "DTEND;VALUE=DATE:99991231", "DURATION:P99999W",
     "DURATION:-P1D", "RRULE:FREQ=DAILY;INTERVAL=0", "RRULE:FREQ=DAILY;INTERVAL=-1",
     "RRULE:FREQ=WEEKLY;COUNT=0", "RRULE:FREQ=YEARLY;UNTIL=00010101T000000Z",
     "RRULE:FREQ=DAILY;UNTIL=99991231", "RRULE:", "RRULE:FREQ=MONTHLY;BYMONTHDAY=0",
     "EXDATE:", "EXDATE;VALUE=DATE:20260501,20260502", "RECURRENCE-ID:20260501",
     "DTSTART;TZID=Mars:20260501T000000", "DTSTART:20260501T246060Z", "SUMMARY",
     "DTSTART;VALUE=PERIOD:20260501T000000Z/P1D",
     "DTSTART;VALUE=DATE:20260501,20260502"]
)  # fmt: skip


def check(text: str) -> None:
    """Hold what an answer always is, whatever was asked."""
    found = days_of(text, TODAY, BERLIN)
    assert set(found) == {"days", "skipped"} and len(found["days"]) <= DAYS_MAX
    for day in found["days"]:
        first, last = (date.fromisoformat(day[key]) for key in ("first", "last"))
        assert first <= last and first <= TODAY + AHEAD
        assert day["name"].isprintable() or not day["name"]
    assert {s["why"] for s in found["skipped"]} <= REASONS
    json.dumps(found)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200))
def test_any_text_is_read_to_its_end(text: str) -> None:
    check(text)
    check(f"BEGIN:VEVENT\n{text}\nEND:VEVENT\n")


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES | st.lists(PIECES, max_size=6).map("".join), max_size=8))
def test_any_event_is_read_to_its_end(lines: list[str]) -> None:
    check(calendar(event(*lines), event("DTSTART;VALUE=DATE:20260501")))


def run(data: bytes, *args: str) -> tuple[int, Any]:
    """Run it as the daemon does."""
    done = subprocess.run(
        [sys.executable, "-m", "guardian.icalimport", *args]
        + ["--today", "2026-03-04", "--zone", "Europe/Berlin"],
        input=data,
        capture_output=True,
        timeout=60,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else None


def test_as_a_program() -> None:
    text = "\ufeff" + calendar(event("DTSTART;VALUE=DATE:20260501", name="Maifeiertag"))
    status, found = run(text.encode())
    assert status == 0
    assert found["days"] == [
        {"first": "2026-05-01", "last": "2026-05-01", "name": "Maifeiertag"}
    ]
    assert run(b"")[0] == 1
    assert run(b"\xff\xfe\x00BEGIN:VEVENT")[0] == 1
    assert run(b"x" * (INPUT_MAX + 1)) == (1, None)


def test_the_daemon_never_loads_the_library() -> None:
    code = "import guardian.daemon, sys; print('icalendar' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n"
