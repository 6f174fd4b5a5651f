"""What a document says of names: nothing unreadable opens more than the band does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.core.hostnames import NAMES_MAX
from guardian.core.model import Access, Overrides, Person, Role, YouTube
from guardian.store.document import parse, parse_text, read
from guardian.store.jsontext import SIZE_MAX
from guardian.store.nametext import LABELS_MAX

from .support import BANDS, KNOWN, child, document, found

PLACE = "people[0] (Mia)"
FULL: dict[str, Any] = {
    "only": False,
    "packs": ["school", "letters", "school"],
    "safe_search": True,
    "youtube": "strict",
    "access": {"social": "allow", "adult": "block", "games": "limit"},
    "allow": ["Example.org", "bücher.example"],
    "block": ["b.example.org", "*.example.com"],
    "always": ["example.net."],
}
SAYS = Overrides(
    only=False,
    packs=("letters", "school"),
    safe_search=True,
    youtube=YouTube.STRICT,
    access=(
        ("adult", Access.BLOCK),
        ("games", Access.LIMIT),
        ("social", Access.ALLOW),
    ),
    allow=("example.org", "xn--bcher-kva.example"),
    block=("b.example.org", "example.com"),
    always=("example.net",),
)


def mia(**fields: object) -> tuple[Overrides, list[tuple[str, str]]]:
    """Return Mia's own layer, and (place below hers, code) of each problem."""
    household, problems = found(document(people=[child(**fields)], devices=[]))
    person = household.person("mia")
    assert person is not None
    return person.overrides, [(p.removeprefix(PLACE), c) for p, c in problems]


def test_everything_that_can_be_said() -> None:
    assert mia(**FULL) == (SAYS, [])


def test_nothing_said_is_nothing() -> None:
    assert mia() == (Overrides(), [])
    empty = {"access": {}, "allow": [], "block": [], "always": []}
    assert mia(**empty) == (Overrides(), [])
    assert mia(packs=[]) == (Overrides(packs=()), [])


def test_a_household_without_names_needs_no_catalogue() -> None:
    class Nothing:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(f"{name} was asked for")

    nothing: Any = Nothing()
    assert parse(document(), BANDS, nothing)[1] == ()


@pytest.mark.parametrize(
    ("fields", "says", "problems"),
    [
        ({"only": "yes"}, {}, [(" / only", "not-true-or-false")]),
        ({"safe_search": 1}, {}, [(" / safe_search", "not-true-or-false")]),
        ({"youtube": "on"}, {}, [(" / youtube", "unknown-youtube-mode")]),
        ({"packs": "letters"}, {}, [(" / packs", "not-a-list")]),
        ({"packs": ["golf"]}, {}, [(" / packs[0]", "unknown-pack")]),
        (
            {"packs": ["golf", "school", 5]},
            {"packs": ("school",)},
            [(" / packs[0]", "unknown-pack"), (" / packs[2]", "bad-id")],
        ),
        ({"access": ["games"]}, {}, [(" / access", "not-an-object")]),
        (
            {"access": {"games": "block", "golf": "allow", "social": "allow"}},
            {"access": (("games", Access.BLOCK), ("social", Access.ALLOW))},
            [(" / access / golf", "unknown-category")],
        ),
        (
            {"access": {"games": "block", "social": "blok"}},
            {"access": (("games", Access.BLOCK),)},
            [(" / access / social", "unknown-access")],
        ),
        (
            {"access": {"No Id": "block"}},
            {},
            [(" / access / No Id", "bad-id")],
        ),
        ({"allow": "example.org"}, {}, [(" / allow", "not-a-list")]),
        (
            {"allow": ["org", 5, "example.org"]},
            {"allow": ("example.org",)},
            [(" / allow[0]", "bad-hostname"), (" / allow[1]", "bad-hostname")],
        ),
        (
            {"block": ["example.org", "childline.org.uk", "WWW.Childline.org.uk"]},
            {"block": ("example.org",)},
            [
                (" / block[1]", "floor-cannot-be-blocked"),
                (" / block[2]", "floor-cannot-be-blocked"),
            ],
        ),
        (
            {"allow": ["a.org", "b.org"], "block": ["a.org"], "always": ["A.org"]},
            {"allow": ("b.org",), "block": ("a.org",)},
            [
                (" / allow[0]", "name-in-two-lists"),
                (" / always[0]", "name-in-two-lists"),
            ],
        ),
    ],
)
def test_what_cannot_be_read_is_told_and_left_out(
    fields: dict[str, Any], says: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    assert mia(**fields) == (Overrides(**says), problems)


def test_what_is_beside_an_unreadable_refusal_is_held_back() -> None:
    lists = {"allow": ["example.org"], "always": ["example.net"]}
    assert mia(**lists, block=["games example.org", "example.com"]) == (
        Overrides(block=("example.com",)),
        [
            (" / block[0]", "bad-hostname"),
            (" / allow", "held"),
            (" / always", "held"),
        ],
    )
    for refusal in ({"tiktok": "blok"}, {"tiktak": "block"}, {"": "allow"}):
        says, problems = mia(
            access={"social": "allow", "games": "limit", "adult": "block"} | refusal
        )
        assert says.access == (("adult", Access.BLOCK),)
        assert [code for _, code in problems][-1] == "held"


def test_help_that_was_blocked_holds_nothing_back() -> None:
    says, problems = mia(block=["childline.org.uk"], allow=["example.org"])
    assert says == Overrides(allow=("example.org",))
    assert [code for _, code in problems] == ["floor-cannot-be-blocked"]


def test_doubled_fields_are_not_believed() -> None:
    text = json.dumps(document(people=[child(access={}, only=True)], devices=[]))
    text = text.replace(
        '"access": {}', '"access": {"games": "allow", "games": "block"}'
    ).replace('"only": true', '"only": true, "only": false')
    household, problems = parse_text(text, BANDS, KNOWN)
    assert household.people[0].overrides == Overrides()
    assert {(p.place, p.code) for p in problems} == {
        (f"{PLACE} / access / games", "duplicate-field"),
        (f"{PLACE} / only", "duplicate-field"),
    }


def test_adults_have_no_such_rules() -> None:
    eva = {"id": "eva", "name": "Eva", "role": "parent", **FULL}
    household, problems = found(document(people=[eva], devices=[]))
    assert household.people == (Person(id="eva", name="Eva", role=Role.PARENT),)
    assert {code for _, code in problems} == {"rules-are-for-children"}
    assert len(problems) == len(FULL)


def test_what_was_left_out_is_remembered() -> None:
    people = [child(block=["x", "childline.org.uk"], packs=["golf"], allow=["y.org"])]
    reading = read(document(people=people, devices=[]), BANDS, KNOWN)
    assert reading.skipped == {
        ("people", 0, "block", 0),
        ("people", 0, "block", 1),
        ("people", 0, "packs", 0),
    }


# Hostile sizes.


def test_a_name_of_a_megabyte() -> None:
    for kind in ("allow", "block", "always"):
        says, problems = mia(**{kind: ["x." * 500_000 + "org", "ü" * 1_000_000]})
        assert says == Overrides()
        assert problems == [
            (f" / {kind}[0]", "bad-hostname"),
            (f" / {kind}[1]", "bad-hostname"),
        ]
    text = json.dumps(document(people=[child(block=["x" * SIZE_MAX])]))
    (problem,) = parse_text(text, BANDS, KNOWN)[1]
    assert problem.code == "too-large"


def test_ten_thousand_entries() -> None:
    names = [f"n{i:05}.example.org" for i in range(10_000)]
    for kind in ("allow", "block", "always"):
        says, problems = mia(**{kind: names})
        assert getattr(says, kind) == tuple(names[:NAMES_MAX])
        assert problems == [(f" / {kind}", "too-many")]
    says, problems = mia(block=names, allow=["example.org"])
    assert (says.allow, len(says.block)) == ((), NAMES_MAX)
    assert [code for _, code in problems] == ["too-many", "held"]
    says, problems = mia(access={f"id-{i}": "block" for i in range(10_000)})
    assert says == Overrides() and len(problems) == 501
    assert mia(packs=[f"id-{i}" for i in range(10_000)])[0].packs is None


def test_as_many_as_there_may_be() -> None:
    labels = frozenset(f"id-{i:04}" for i in range(LABELS_MAX))
    known = type(KNOWN)(labels=labels, packs=KNOWN.packs, floor=KNOWN.floor)
    doc = document(people=[child(access=dict.fromkeys(labels, "block"))], devices=[])
    household, problems = parse(doc, BANDS, known)
    assert problems == ()
    assert len(household.people[0].overrides.access) == LABELS_MAX


# No fault opens anything that neither the text nor the band opens.

HOSTS = ("example.org", "b.example.org", "example.com", "example.net", "other.org")
# Nothing of it is right in any place.
GARBAGE = (None, 5, "§", ["§"], {"§": "?"}, "x" * 300)


def opened(says: Overrides) -> set[str]:
    """Return what a layer opens over one that says nothing."""
    access = {f"access:{k}" for k, v in says.access if v is not Access.BLOCK}
    hosts = set()
    for host in HOSTS:
        rules = [r for r in says.allow if f".{host}".endswith(f".{r}")]
        against = [r for r in says.block if f".{host}".endswith(f".{r}")]
        if rules and max(map(len, rules)) > max(map(len, against), default=0):
            hosts.add(f"allow:{host}")
    always = {f"always:{host}" for host in says.always}
    packs = {f"packs:{pack}" for pack in says.packs or ()}
    single = {
        key
        for key, value in (
            ("only", says.only is False),
            ("safe_search", says.safe_search is False),
            ("youtube", says.youtube is YouTube.OFF),
        )
        if value
    }
    return access | hosts | always | packs | single


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_garbage_opens_nothing(data: st.DataObject) -> None:
    doc = json.loads(json.dumps(FULL))
    for _ in range(data.draw(st.integers(1, 3))):
        key = data.draw(st.sampled_from(sorted(FULL)))
        value = data.draw(st.sampled_from(GARBAGE))
        inner = doc[key]
        if isinstance(inner, list) and data.draw(st.booleans()):
            inner[data.draw(st.integers(0, len(inner) - 1))] = value
        elif isinstance(inner, dict) and data.draw(st.booleans()):
            inner[data.draw(st.sampled_from(sorted(inner)))] = value
        else:
            doc[key] = value
    says, problems = mia(**doc)
    assert problems
    assert opened(says) <= opened(SAYS)


def test_the_property_sees_what_is_open() -> None:
    assert opened(SAYS) == {
        *("access:games", "access:social", "allow:example.org", "always:example.net"),
        *("packs:letters", "packs:school", "only"),
    }
    assert "allow:b.example.org" in opened(Overrides(allow=("example.org",)))
