"""What changed, by ids."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.core.model import (
    Device,
    Household,
    Opened,
    Pause,
    ProtectionOff,
    WindowException,
    WindowKind,
)
from guardian.store.difference import Change, diff, ids
from guardian.store.document import parse

from .support import BANDS, KNOWN, child, document, mac

HOME, _ = parse(document(), BANDS)


def changed(**fields: object) -> tuple[Change, ...]:
    return diff(HOME, parse(document(**fields), BANDS)[0])


def test_equal_households_do_not_differ() -> None:
    assert diff(HOME, HOME) == ()


def test_order_of_entries_is_no_difference() -> None:
    assert diff(HOME, replace(HOME, people=HOME.people[::-1])) == ()


def test_a_changed_value_has_its_place_and_both_texts() -> None:
    assert changed(name="Ours") == (Change("name", "changed", '"Home"', '"Ours"'),)


def test_entries_that_come_and_go() -> None:
    tv = Device(id="tv", name="TV", macs=(mac(4),), exempt=True)
    radio = replace(tv, id="radio", macs=(mac(5),))
    old = Household(devices=(tv,))
    assert diff(old, replace(old, devices=(radio,))) == (
        Change("devices/radio", "added"),
        Change("devices/tv", "removed"),
    )


def test_what_ends_by_itself_is_told_with_its_entry() -> None:
    start = datetime(2026, 3, 4, 19, tzinfo=timezone.utc)
    spell = {"start": start, "until": start + timedelta(hours=1), "by": "anna"}
    pause = Pause(id="p1", person="mia", **spell)
    for_all = Pause(id="p2", person=None, **spell)
    off = WindowException(
        id="e1", person="mia", on=date(2026, 3, 4), kind=WindowKind.BEDTIME, off=True
    )
    until = '"2026-03-04T20:00:00+00:00"'
    new = Household(pauses=(pause,), exceptions=(off,))
    assert diff(Household(), new) == (
        Change("exceptions/e1", "added"),
        Change("exceptions/e1/date", "added", None, '"2026-03-04"'),
        Change("exceptions/e1/kind", "added", None, '"bedtime"'),
        Change("exceptions/e1/off", "added", None, "true"),
        Change("exceptions/e1/person", "added", None, '"mia"'),
        Change("pauses/p1", "added"),
        Change("pauses/p1/person", "added", None, '"mia"'),
        Change("pauses/p1/until", "added", None, until),
    )
    site = Opened(id="o1", person="mia", name="a.org", until=spell["until"], by="anna")
    assert diff(Household(), Household(opened=(site,), off=ProtectionOff(**spell))) == (
        Change("opened/o1", "added"),
        Change("opened/o1/name", "added", None, '"a.org"'),
        Change("opened/o1/person", "added", None, '"mia"'),
        Change("opened/o1/until", "added", None, until),
        Change("protection_off", "added"),
        Change("protection_off/until", "added", None, until),
    )
    assert diff(Household(pauses=(for_all,)), Household()) == (
        Change("pauses/p2", "removed"),
        Change("pauses/p2/until", "removed", until),
    )


def test_inside_entries() -> None:
    own = {"id": "own", "kind": "bedtime", "days": ["school"], "to": "06:00"}
    before = [child(windows=[{**own, "from": "21:00"}])]
    after = [child(windows=[{**own, "from": "22:00"}], birth="2014-05")]
    old, new = (
        parse(document(people=p, devices=[]), BANDS)[0] for p in (before, after)
    )
    assert diff(old, new) == (
        Change("people/mia/birth", "added", None, '"2014-05"'),
        Change("people/mia/windows/own/from", "changed", '"21:00"', '"22:00"'),
    )
    assert diff(new, old)[0] == Change("people/mia/birth", "removed", '"2014-05"')
    assert changed(people=before, devices=[])[-1] == Change(
        "people/mia/windows", "added"
    )


def test_lists_without_ids_are_one_value() -> None:
    (change,) = changed(calendar={"days": [{"from": "2026-05-01", "type": "trip"}] * 9})
    assert (change.place, change.what, change.before) == (
        "calendar/days",
        "changed",
        "[]",
    )
    assert change.after is not None and len(change.after) == 80


def test_ids_need_every_entry_to_have_its_own() -> None:
    assert ids([{"id": "a"}, {"id": "b"}]) == {"a": {"id": "a"}, "b": {"id": "b"}}
    assert ids([{"id": "a"}, {"id": "a"}]) is None
    assert ids([{"id": 5}]) is None
    assert ids([5]) is None


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(3)), st.integers(0, 3))
def test_only_what_differs_differs(order: list[int], count: int) -> None:
    people = tuple(HOME.people[i] for i in order[:count])
    gone = {f"people/{p.id}" for p in HOME.people if p not in people}
    new = replace(HOME, people=people)
    assert {c.place for c in diff(HOME, new)} == gone


def said(**fields: object) -> Household:
    household, problems = parse(document(people=[child(**fields)]), BANDS, KNOWN)
    assert problems == ()
    return household


def test_names_come_and_go_one_by_one() -> None:
    old = said(block=["a.org", "b.org"], access={"games": "block", "social": "allow"})
    new = said(
        block=["b.org", "c.org"],
        always=["d.org"],
        access={"games": "limit", "adult": "block"},
        youtube="strict",
    )
    mia = "people/mia"
    assert diff(old, new) == (
        Change(f"{mia}/access/adult", "added", None, '"block"'),
        Change(f"{mia}/access/games", "changed", '"block"', '"limit"'),
        Change(f"{mia}/access/social", "removed", '"allow"'),
        Change(f"{mia}/always/d.org", "added"),
        Change(f"{mia}/block/a.org", "removed"),
        Change(f"{mia}/block/c.org", "added"),
        Change(f"{mia}/youtube", "added", None, '"strict"'),
    )
    assert [c.what for c in diff(said(), old)] == ["added"] * 4
    assert {c.place for c in diff(old, said())} == {
        *(f"{mia}/access/games", f"{mia}/access/social"),
        *(f"{mia}/block/a.org", f"{mia}/block/b.org"),
    }


def test_ids_that_are_field_names_are_ids() -> None:
    play = {"id": "block", "kind": "sites", "days": ["school"], "from": "14:00"}
    windows = [{**play, "to": "18:00", "blocks": ["games"]}]
    other = [{**play, "id": "own", "to": "18:00", "blocks": ["games"]}]
    old, new = said(windows=other), said(windows=[*other, *windows])
    assert diff(old, new) == (Change("people/mia/windows/block", "added"),)
    more = said(windows=[{**other[0], "blocks": ["games", "social"]}])
    assert diff(old, more) == (
        Change(
            "people/mia/windows/own/blocks",
            "changed",
            '["games"]',
            '["games", "social"]',
        ),
    )
