"""Effective profiles: band under person, and which layer set each value."""

from guardian.core.model import (
    Band,
    FailMode,
    Household,
    Overrides,
    Person,
    Role,
    Window,
    WindowKind,
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
