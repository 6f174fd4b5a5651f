"""Asking for lists: who is asked, with what, and what a failure leaves."""

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from guardian.core.feeds import FeedSpec
from guardian.lists.collect import Collected, chosen, collect, digest_of, earliest
from guardian.lists.staging import ListFolder
from guardian.lists.state import FeedState, Refusal, State, Version, instant

from .running import ADULT, GAMES, NOW, OTHER, POPULAR, Servers, spec


@pytest.fixture
def lists(tmp_path: Path) -> ListFolder:
    return ListFolder(tmp_path)


def ask(
    lists: ListFolder,
    servers: Servers,
    state: State = State(),
    *,
    specs: tuple[FeedSpec, ...] = (ADULT, GAMES),
    only: tuple[str, ...] = (),
    force: bool = False,
) -> Collected:
    return collect(
        lists,
        specs,
        state,
        servers.fetch,
        now=NOW,
        chance=Random(1),
        only=frozenset(only),
        force=force,
    )


def later(found: Collected) -> State:
    return State(feeds=found.feeds)


def test_chosen_are_the_defaults_and_what_was_said() -> None:
    specs = (ADULT, GAMES, OTHER, POPULAR)
    state = State(added=("two-adult",), dropped=("one-games",))
    assert chosen(specs, State()) == (ADULT, GAMES)
    assert chosen(specs, state) == (ADULT, OTHER)


def test_new_texts_wait_to_be_judged(lists: ListFolder) -> None:
    servers = Servers({"one-adult": "a.com\n", "one-games": "feed-status"})
    found = ask(lists, servers)
    adult, games = found.feeds["one-adult"], found.feeds["one-games"]
    assert lists.text("one-adult", adult.waiting).is_file()
    assert adult.etag and adult.problem == "" and adult.checked == NOW.isoformat()
    assert (games.problem, games.failures, games.checked) == ("feed-status", 1, "")
    assert found.failed == {"one-games": "feed-status"}
    assert found.asked == ["one-adult", "one-games"] and not found.gave_up


def test_a_text_that_waits_is_not_sent_again(lists: ListFolder) -> None:
    servers = Servers({"one-adult": "a.com\n"})
    first = ask(lists, servers, specs=(ADULT,))
    again = ask(lists, servers, later(first), specs=(ADULT,), force=True)
    assert servers.asked[-1][1] == first.feeds["one-adult"].etag
    waiting = again.feeds["one-adult"].waiting
    assert waiting == first.feeds["one-adult"].waiting != ""


def test_what_is_in_force_or_was_refused_does_not_wait(lists: ListFolder) -> None:
    servers = Servers({"one-adult": "a.com\n"})
    print_ = ask(lists, servers, specs=(ADULT,)).feeds["one-adult"].waiting
    taken = Version(fingerprint=print_, entries=1, since=NOW.isoformat())
    refused = Refusal(fingerprint=print_, guard="size", at=NOW.isoformat())
    known = digest_of(ADULT)
    for feed in (
        FeedState(taken=taken, spec=known),
        FeedState(refused=refused, spec=known),
    ):
        found = ask(lists, servers, State(feeds={"one-adult": feed}), specs=(ADULT,))
        assert found.feeds["one-adult"].waiting == ""
    # Asked for by name, it is judged once more.
    state = State(feeds={"one-adult": FeedState(refused=refused, spec=known)})
    found = ask(lists, servers, state, specs=(ADULT,), only=("one-adult",))
    assert found.feeds["one-adult"].waiting == print_
    assert found.feeds["one-adult"].refused is None


def test_no_condition_without_the_text(lists: ListFolder) -> None:
    taken = Version(fingerprint="ab" * 32, entries=1, since=NOW.isoformat())
    known = FeedState(taken=taken, etag="1", spec=digest_of(ADULT))
    servers = Servers({"one-adult": "a.com\n"})
    ask(lists, servers, State(feeds={"one-adult": known}), specs=(ADULT,))
    assert servers.asked == [("one-adult", "")]


def test_a_broken_way_is_not_tried_for_every_list(lists: ListFolder) -> None:
    specs = tuple(spec(f"one-{n}") for n in range(9))
    found = ask(lists, Servers({s.id: "feed-offline" for s in specs}), specs=specs)
    assert found.gave_up and len(found.asked) == 3
    # A server that is only wrong is no such sign.
    found = ask(lists, Servers({s.id: "feed-page" for s in specs}), specs=specs)
    assert not found.gave_up and len(found.asked) == 9


def test_the_first_list_due(lists: ListFolder) -> None:
    soon = NOW + timedelta(hours=1)
    feeds = {
        "one-adult": FeedState(next=soon.isoformat()),
        "one-games": FeedState(next=(soon + timedelta(hours=1)).isoformat()),
    }
    assert earliest((ADULT, GAMES), feeds, NOW) == soon
    assert earliest((ADULT, OTHER), feeds, NOW) == NOW
    assert earliest((), feeds, NOW) is None


def test_moments_are_spread(lists: ListFolder) -> None:
    servers = Servers({f"one-{n}": "a.com\n" for n in range(5)})
    found = ask(lists, servers, specs=tuple(spec(name) for name in servers.lists))
    moments = {feed.next for feed in found.feeds.values()}
    assert len(moments) == 5
    assert all((instant(m) or NOW) - NOW > timedelta(hours=21) for m in moments)
