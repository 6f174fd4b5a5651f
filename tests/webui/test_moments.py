"""Ages of moments: counted by uptime within a boot, by the wall clock across boots."""

import time

from webui.moments import Moment


def test_a_clock_that_is_set_changes_no_age_within_a_boot() -> None:
    before = Moment(wall=0, boot="b", up=100)
    assert Moment(wall=1_800_000_000, boot="b", up=160).since(before) == 60
    assert Moment(wall=-5, boot="b", up=160).since(before) == 60
    assert Moment(wall=0, boot="b", up=90).since(before) == 0


def test_across_boots_the_wall_clock_tells_unless_it_went_back() -> None:
    before = Moment(wall=1_800_000_000, boot="b", up=5000)
    assert Moment(wall=1_800_000_900, boot="c", up=10).since(before) == 900
    assert Moment(wall=1_799_999_999, boot="c", up=10).since(before) is None


def test_now_is_now() -> None:
    first, second = Moment.now(), Moment.now()
    assert abs(first.wall - time.time()) < 60
    assert first.boot == second.boot and second.since(first) in (0, 1)
