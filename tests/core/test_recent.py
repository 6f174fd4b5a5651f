"""What a device's own page may tell of refusals: little, and nobody else's."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from guardian.core.model import Reason
from guardian.core.recent import KEPT, Recent, Refused
from tests.build import mac

NIGHT = datetime(2026, 3, 27, 20, 0, tzinfo=timezone.utc)


def refused(
    name: str,
    minute: int = 0,
    reason: Reason = Reason.BLOCKED_SITE,
    until: datetime | None = None,
) -> Refused:
    at = NIGHT + timedelta(minutes=minute)
    return Refused(at=at, name=name, reason=reason, until=until)


def test_the_newest_first_and_no_more_than_fit_on_a_page() -> None:
    recent = Recent()
    for number in range(KEPT + 5):
        recent.note(mac(1), refused(f"x{number}.test", number))
    names = [one.name for one in recent.of(mac(1))]
    assert names == [f"x{number}.test" for number in range(KEPT + 4, 4, -1)]
    assert recent.of(mac(2)) == ()


def test_a_name_that_is_asked_again_stands_once() -> None:
    recent = Recent()
    for minute, name in enumerate(["a.test", "b.test", "a.test"]):
        recent.note(mac(1), refused(name, minute))
    assert [one.name for one in recent.of(mac(1))] == ["a.test", "b.test"]
    assert recent.of(mac(1))[0].at == NIGHT + timedelta(minutes=2)


def test_a_night_of_refusals_takes_one_place() -> None:
    recent = Recent()
    recent.note(mac(1), refused("game.test"))
    for number in range(50):
        name = f"knocks{number}.test"
        ends = NIGHT + timedelta(hours=9)
        recent.note(mac(1), refused(name, number, Reason.BEDTIME, ends))
    assert [one.name for one in recent.of(mac(1))] == ["knocks49.test", "game.test"]


def test_a_safety_list_leaves_no_trace() -> None:
    recent = Recent()
    recent.note(mac(1), refused("canary.test", reason=Reason.SAFETY_LIST))
    assert recent.of(mac(1)) == ()


def test_nobody_reads_what_the_owner_before_was_refused() -> None:
    recent = Recent()
    recent.belong({mac(1): "mia", mac(2): "tom"})
    for number in (1, 2, 3):
        recent.note(mac(number), refused("a.test"))
    recent.belong({mac(1): "tom", mac(2): "tom", mac(3): "mia"})
    assert [len(recent.of(mac(n))) for n in (1, 2, 3)] == [0, 1, 0]
    recent.belong({mac(2): "tom"})
    assert len(recent.of(mac(2))) == 1
    recent.belong({})
    assert recent.of(mac(2)) == ()
