"""Effective profiles: band under person, and which layer set each value."""

from typing import Any

from guardian.core.model import (
    Access,
    Band,
    FailMode,
    Household,
    Overrides,
    Person,
    Role,
    Window,
    WindowKind,
    YouTube,
)
from guardian.core.profile import Effective, effective, effective_band


def window(id: str, start: int = 1260, kind: WindowKind = WindowKind.BEDTIME) -> Window:
    return Window(id=id, kind=kind, days=("school",), start=start, end=start + 60)


NIGHT = window("night")
STUDY = window("study", 900, WindowKind.HOMEWORK)
BAND = Band(
    id="10-12",
    ages=(10, 12),
    title="10 to 12",
    defaults=Overrides(fail_mode=FailMode.STRICT, windows=(STUDY, NIGHT)),
)
QUIET = Band(id="16-17", ages=(16, 17), title="16 and 17", defaults=Overrides())


def child(overrides: Overrides = Overrides(), band: str = "10-12") -> Person:
    return Person(id="mia", name="Mia", role=Role.CHILD, band=band, overrides=overrides)


def household(*people: Person) -> Household:
    return Household(people=people, bands=(QUIET, BAND))


def test_band_alone() -> None:
    mia = child()
    found = effective(household(mia), mia)
    assert found == Effective(
        (NIGHT, STUDY),
        FailMode.STRICT,
        (
            ("fail_mode", "band:10-12"),
            ("window:night", "band:10-12"),
            ("window:study", "band:10-12"),
        ),
    )
    assert found == effective_band(household(), "10-12")


def test_person_replaces_adds_and_drops() -> None:
    later, extra = window("night", 1320), window("lunch", 720, WindowKind.OFFLINE)
    mia = child(
        Overrides(fail_mode=FailMode.NORMAL, windows=(extra, later), dropped=("study",))
    )
    assert effective(household(mia), mia) == Effective(
        (later, extra),
        FailMode.NORMAL,
        (
            ("fail_mode", "person:mia"),
            ("window:lunch", "person:mia"),
            ("window:night", "person:mia"),
        ),
    )


def test_dropped_is_about_the_layer_below() -> None:
    own = window("night", 1200)
    mia = child(Overrides(windows=(own,), dropped=("night", "never-there")))
    found = effective(household(mia), mia)
    assert found.windows == (own, STUDY)
    assert dict(found.layers)["window:night"] == "person:mia"


def test_unknown_band_gives_nothing() -> None:
    own = window("own")
    mia = child(Overrides(windows=(own,)), band="no-such")
    assert effective(household(mia), mia) == Effective(
        (own,),
        FailMode.NORMAL,
        (("fail_mode", "default"), ("window:own", "person:mia")),
    )
    nothing = Effective((), FailMode.NORMAL, (("fail_mode", "default"),))
    assert effective_band(household(), "no-such") == nothing


def test_adult_has_no_band() -> None:
    eva = Person(id="eva", name="Eva", role=Role.PARENT)
    assert effective(household(eva), eva).windows == ()


def test_equal_windows_are_one_object_also_after_a_reload() -> None:
    mia, again = child(), child()
    tom = Person(id="tom", name="Tom", role=Role.CHILD, band="10-12")
    windows = effective(household(mia), mia).windows
    assert effective(household(again), again).windows is windows
    assert effective(household(mia, tom), tom).windows is windows
    assert effective_band(household(), "10-12").windows is windows


def test_changed_bands_are_seen() -> None:
    mia = child()
    assert effective(household(mia), mia).windows == (NIGHT, STUDY)
    changed = Band(
        id="10-12", ages=(10, 12), title="x", defaults=Overrides(windows=(STUDY,))
    )
    assert effective(Household(people=(mia,), bands=(changed,)), mia).windows == (
        STUDY,
    )


NAMES = Band(
    id="10-12",
    ages=(10, 12),
    title="10 to 12",
    defaults=Overrides(
        access=(("adult", Access.BLOCK), ("social", Access.BLOCK)),
        allow=("a.org", "b.org"),
        block=("c.org", "d.org"),
        always=("e.org",),
        only=True,
        packs=("letters",),
        safe_search=True,
        youtube=YouTube.STRICT,
    ),
)


def named(**fields: Any) -> Effective:
    mia = child(Overrides(**fields))
    return effective(Household(people=(mia,), bands=(NAMES,)), mia)


def test_what_the_band_says_of_names() -> None:
    found = named()
    assert found.access == NAMES.defaults.access
    assert (found.allow, found.block) == (("a.org", "b.org"), ("c.org", "d.org"))
    assert (found.always, found.only, found.packs) == (("e.org",), True, ("letters",))
    assert (found.safe_search, found.youtube) == (True, YouTube.STRICT)
    layers = dict(found.layers)
    assert set(layers) == {
        *("access:adult", "access:social", "allow:a.org", "allow:b.org"),
        *("always:e.org", "block:c.org", "block:d.org"),
        *("fail_mode", "only", "packs", "safe_search", "youtube"),
    }
    assert {layers.pop("fail_mode")} == {"default"}
    assert set(layers.values()) == {"band:10-12"}


def test_a_person_says_otherwise_and_each_setting_knows_who_did() -> None:
    found = named(
        access=(("adult", Access.LIMIT), ("games", Access.BLOCK)),
        only=False,
        packs=(),
        safe_search=False,
        youtube=YouTube.OFF,
    )
    assert found.access == (
        ("adult", Access.LIMIT),
        ("games", Access.BLOCK),
        ("social", Access.BLOCK),
    )
    assert (found.only, found.packs, found.safe_search) == (False, (), False)
    assert found.youtube is YouTube.OFF
    layers = dict(found.layers)
    assert layers["access:social"] == "band:10-12"
    for key in ("access:adult", "access:games", "only", "packs", "safe_search"):
        assert layers[key] == "person:mia"


def test_a_name_is_where_the_person_put_it() -> None:
    found = named(allow=("c.org",), block=("a.org", "e.org"), always=("d.org",))
    assert found.allow == ("b.org", "c.org")
    assert found.block == ("a.org", "e.org")
    assert found.always == ("d.org",)
    names = {key: layer for key, layer in found.layers if key.endswith(".org")}
    assert names == {
        "allow:b.org": "band:10-12",
        "allow:c.org": "person:mia",
        "always:d.org": "person:mia",
        "block:a.org": "person:mia",
        "block:e.org": "person:mia",
    }


def test_a_name_may_be_allowed_and_work_always() -> None:
    found = named(allow=("e.org",), always=("a.org",))
    assert found.allow == ("a.org", "b.org", "e.org")
    assert found.always == ("a.org", "e.org")


def test_nothing_is_said_of_names_without_a_band() -> None:
    nothing = effective_band(household(), "16-17")
    assert nothing == Effective((), FailMode.NORMAL, (("fail_mode", "default"),))
    assert nothing.youtube is YouTube.OFF and not nothing.only
