"""The daemon's accounts: read, kept for seconds, and kept while the daemon is away."""

from typing import Any

import pytest

from guardian.core.errors import ControlError
from webui.access import PARENT, TECH
from webui.accounts import KEEP_S, Accounts, parse_book

from . import doors


class Ticking:
    """A clock moved by hand."""

    now = 100.0

    def __call__(self) -> float:
        """Return monotonic seconds."""
        return self.now


def test_an_answer_is_read() -> None:
    rows = [
        doors.account("anna", "parent", name="Anna M"),
        doors.account("tina", "technician", until="2026-11-24T22:00:00+01:00"),
        doors.account("x", "auditor"),
    ]
    key = {"id": "k", "name": "HA", "scopes": ["read"], "hash": "h"}
    book = parse_book({"claimed": True, "accounts": rows, "keys": [key]})
    assert set(book.accounts) == {"anna", "tina"}, "an unknown role is nobody's"
    assert book.accounts["anna"].role is PARENT
    assert book.accounts["tina"].role is TECH
    assert book.accounts["tina"].until == 1795554000
    assert book.keys["k"].scopes == {"read"}
    assert book.named("  ANNA m ") == book.accounts["anna"]
    assert book.named("anna") is book.named("") is None


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, {"claimed": True}, {"claimed": True, "accounts": [{}], "keys": []}]
    + [{"claimed": True, "accounts": [], "keys": ["x"]}],
)
def test_anything_else_is_a_bad_answer(answer: Any) -> None:
    with pytest.raises(ControlError, match="bad-answer"):
        parse_book(answer)


def test_an_answer_is_kept_for_seconds_only() -> None:
    daemon, clock = doors.Accounts(), Ticking()
    accounts = Accounts(daemon, clock)
    first = accounts.book()
    clock.now += KEEP_S - 0.1
    assert accounts.book() is first and len(daemon.calls) == 1
    daemon.rows["anna"]["generation"] = 2
    clock.now += 0.1
    assert accounts.book().accounts["anna"].generation == 2
    daemon.rows["anna"]["generation"] = 3
    accounts.forget()
    assert accounts.book().accounts["anna"].generation == 3


def test_the_last_answer_holds_while_the_daemon_is_away() -> None:
    daemon, clock = doors.Accounts(), Ticking()
    accounts = Accounts(daemon, clock)
    daemon.down = True
    with pytest.raises(ControlError, match="not-running"):
        accounts.book()
    daemon.down = False
    first = accounts.book()
    daemon.down = True
    clock.now += 3600
    assert accounts.book() is first
