"""People: no fault in the text makes a child freer than the age band."""

import pytest

from guardian.core.model import FailMode, Overrides, Person, Role, WindowKind
from guardian.core.profile import effective
from guardian.store.document import read

from .support import BANDS, child, document, found, window

NIGHT = {"id": "night", "kind": "bedtime", "days": ["school"], "from": "22:00"}
GOOD = {**NIGHT, "to": "06:00"}
BAND_NIGHT = BANDS[1].defaults.windows


def mia(**fields: object) -> tuple[Person, list[tuple[str, str]]]:
    household, problems = found(document(people=[child(**fields)], devices=[]))
    person = household.person("mia")
    assert person is not None
    return person, problems


def test_everything_a_person_can_say() -> None:
    person, problems = mia(
        birth="2014-05",
        fail_mode="strict",
        windows=[{**GOOD, "days": ["school", "free", "school"]}],
        dropped=["eve", "eve"],
    )
    assert problems == []
    assert person == Person(
        id="mia",
        name="Mia",
        role=Role.CHILD,
        band="10-12",
        birth=(2014, 5),
        overrides=Overrides(
            fail_mode=FailMode.STRICT,
            windows=(window("night", 1320, 1800, "free", "school"),),
            dropped=("eve",),
        ),
    )


@pytest.mark.parametrize(
    ("bad", "place", "code"),
    [
        ({**NIGHT, "to": "22:00"}, "", "window-zero-length"),
        ({**NIGHT, "to": "48:00"}, "", "window-out-of-range"),
        ({**NIGHT, "to": "25:99"}, " / to", "bad-time"),
        (NIGHT, " / to", "missing"),
        ({**GOOD, "days": []}, " / days", "window-without-days"),
        ({**GOOD, "days": ["schol"]}, " / days[0]", "unknown-day-type"),
        (
            {**GOOD, "days": ["school", "free", "fere"]},
            " / days[2]",
            "unknown-day-type",
        ),
        ({**GOOD, "days": "school"}, " / days", "not-a-list"),
        ({k: v for k, v in GOOD.items() if k != "days"}, " / days", "missing"),
        ({**GOOD, "kind": "bedtmie"}, " / kind", "unknown-kind"),
        ({**GOOD, "id": "N!"}, " / id", "bad-id"),
        ("22:00", "", "not-an-object"),
    ],
)
def test_bad_window_leaves_the_bands(bad: object, place: str, code: str) -> None:
    person, problems = mia(windows=[bad], dropped=["night"])
    assert problems == [
        (f"people[0] (Mia) / windows[0]{place}", code),
        ("people[0] (Mia) / dropped", "not-dropped"),
    ]
    household, _ = found(document(people=[child()]))
    assert effective(household, person).windows == BAND_NIGHT


def test_windows_that_are_no_list_leave_the_bands() -> None:
    person, problems = mia(windows={"night": GOOD}, dropped=["night"])
    assert person.overrides == Overrides()
    assert [code for _, code in problems] == ["not-a-list", "not-dropped"]


def test_added_window_may_lose_an_unknown_day() -> None:
    person, problems = mia(windows=[{**GOOD, "id": "own", "days": ["school", "fere"]}])
    assert [w.days for w in person.overrides.windows] == [("school",)]
    assert problems == [("people[0] (Mia) / windows[0] / days[1]", "unknown-day-type")]


def test_day_type_of_the_calendar_is_known() -> None:
    trip = {"days": [{"from": "2026-05-01", "type": "trip"}]}
    people = [child(windows=[{**GOOD, "id": "own", "days": ["trip"]}])]
    assert found(document(people=people, calendar=trip, devices=[]))[1] == []


def test_unknown_field_in_a_window_is_told_and_the_window_not_trusted() -> None:
    person, problems = mia(windows=[{**GOOD, "too": "06:00"}], dropped=["night"])
    assert [code for _, code in problems] == ["unknown-field", "not-dropped"]
    assert person.overrides.dropped == ()


def test_second_window_with_an_id_names_both_places() -> None:
    doc = document(people=[child(windows=[GOOD, {**GOOD, "from": "23:00"}])])
    reading = read(doc, BANDS)
    (problem,) = [p for p in reading.problems if p.code == "duplicate-id"]
    assert problem.place == "people[0] (Mia) / windows[1]"
    assert problem.detail == "night, also people[0] (Mia) / windows[0]"
    assert reading.skipped == {("people", 0, "windows", 1)}
    assert reading.household.people[0].overrides.windows[0].start == 1320


PLAY = {**GOOD, "id": "play", "kind": "sites", "blocks": ["tiktok", "games", "games"]}


def test_window_about_sites() -> None:
    person, problems = mia(windows=[PLAY])
    assert problems == []
    (made,) = person.overrides.windows
    assert (made.kind, made.blocks) == (WindowKind.SITES, ("games", "tiktok"))


@pytest.mark.parametrize(
    ("bad", "place", "code"),
    [
        ({**PLAY, "blocks": []}, "", "blocks-are-for-sites"),
        ({**GOOD, "id": "play", "blocks": ["games"]}, "", "blocks-are-for-sites"),
        ({**PLAY, "blocks": "games"}, " / blocks", "not-a-list"),
        ({**PLAY, "blocks": ["golf"]}, " / blocks[0]", "unknown-category"),
        ({**PLAY, "blocks": [5]}, " / blocks[0]", "bad-id"),
        (
            {**PLAY, "id": "night", "blocks": ["golf", "games"]},
            " / blocks[0]",
            "unknown-category",
        ),
    ],
)
def test_bad_window_about_sites(bad: object, place: str, code: str) -> None:
    person, problems = mia(windows=[bad], dropped=["night"])
    assert problems == [
        (f"people[0] (Mia) / windows[0]{place}", code),
        ("people[0] (Mia) / dropped", "not-dropped"),
    ]
    assert person.overrides == Overrides()


def test_added_window_about_sites_may_lose_what_nobody_knows() -> None:
    person, problems = mia(windows=[{**PLAY, "blocks": ["golf", "games"]}])
    assert [w.blocks for w in person.overrides.windows] == [("games",)]
    assert problems == [
        ("people[0] (Mia) / windows[0] / blocks[0]", "unknown-category")
    ]


def test_mistyped_drop_is_told() -> None:
    person, problems = mia(dropped=["nihgt", 5])
    assert person.overrides.dropped == ()
    assert problems == [
        ("people[0] (Mia) / dropped[0]", "unknown-window"),
        ("people[0] (Mia) / dropped[1]", "bad-id"),
    ]


@pytest.mark.parametrize("fields", [{"band": "13-51"}, {"band": 5}, {"band": None}])
def test_unknown_band_is_the_strictest(fields: dict[str, object]) -> None:
    person, problems = mia(**fields)
    assert person.band == "6-9"
    assert problems == [("people[0] (Mia) / band", "unknown-band")]


def test_missing_band_is_the_strictest() -> None:
    doc = document(people=[{"id": "mia", "name": "Mia", "role": "child"}], devices=[])
    household, problems = found(doc)
    assert household.people[0].band == "6-9"
    assert problems == [("people[0] (Mia) / band", "missing")]


def test_without_bands_a_child_stays_a_child() -> None:
    household = read(document(), ()).household
    assert [p.role for p in household.people][:2] == [Role.CHILD, Role.CHILD]
    assert household.new_devices.band == "10-12"


@pytest.mark.parametrize("role", ["boss", None, 5])
def test_unknown_role_is_a_childs(role: object) -> None:
    person, problems = mia(role=role)
    assert (person.role, person.band) == (Role.CHILD, "10-12")
    assert problems == [("people[0] (Mia) / role", "unknown-role")]


def test_rules_for_an_adult_are_told_and_ignored() -> None:
    person, problems = mia(role="parent", windows=[GOOD])
    assert (person.band, person.overrides) == (None, Overrides())
    assert problems == [
        ("people[0] (Mia) / band", "rules-are-for-children"),
        ("people[0] (Mia) / windows", "rules-are-for-children"),
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"birth": "May 2014"}, "bad-birth"),
        ({"fail_mode": "open"}, "unknown-fail-mode"),
        ({"name": ""}, "name-empty"),
    ],
)
def test_small_faults_cost_only_the_field(fields: dict[str, object], code: str) -> None:
    person, problems = mia(**fields)
    assert (person.birth, person.overrides.fail_mode) == (None, None)
    assert person.name in ("Mia", "mia")
    assert [c for _, c in problems] == [code]


@pytest.mark.parametrize("entry", [5, {"name": "X"}, {"id": "Ä", "name": "X"}])
def test_person_without_an_id_is_left_out(entry: object) -> None:
    reading = read(document(people=[entry, child()], devices=[]), BANDS)
    assert [p.id for p in reading.household.people] == ["mia"]
    assert ("people", 0) in reading.skipped
    assert len(reading.problems) == 1


@pytest.mark.parametrize("swap", [False, True])
def test_of_two_people_with_one_id_the_more_limited_stays(swap: bool) -> None:
    parent = {"id": "mia", "name": "Maria", "role": "parent"}
    people = [child(), parent] if swap else [parent, child()]
    reading = read(document(people=people, devices=[]), BANDS)
    assert [p.role for p in reading.household.people] == [Role.CHILD]
    assert [(p.code, p.place[:9]) for p in reading.problems] == [
        ("duplicate-id", "people[1]")
    ]
    assert "people[0]" in reading.problems[0].detail
    assert reading.skipped == {("people", 1 if swap else 0)}


def test_too_many_people_are_cut() -> None:
    people = [child(id=f"p{n}") for n in range(65)]
    household, problems = found(document(people=people, devices=[]))
    assert len(household.people) == 64
    assert problems == [("people", "too-many")]
