"""App passwords: found by their name, right once and remembered, revoked at once."""

import pytest

from webui import passwords
from webui.accounts import Accounts
from webui.keys import Keys

from . import doors


def held(clock: doors.Clock, daemon: doors.Accounts) -> Keys:
    """Return the keys of a household."""
    return Keys(Accounts(daemon, clock))


def test_a_right_key_costs_one_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, daemon = doors.Clock(), doors.Accounts()
    keys, hashed = held(clock, daemon), []
    matches = passwords.matches

    def counted(password: str, stored: str) -> bool:
        hashed.append(stored)
        return matches(password, stored)

    monkeypatch.setattr(passwords, "matches", counted)
    for _ in range(3):
        found = keys.holder(doors.KEY, "here", clock())
        assert found is not None and found.id == "k1"
    assert len(hashed) == 1
    assert keys.holder("nobody.secret", "here", clock()) is None
    assert len(hashed) == 1, "a name that nobody has costs nothing"
    daemon.keys[0]["hash"] = passwords.make_hash("another", p=1)
    clock.wait(5)
    assert keys.holder(doors.KEY, "here", clock()) is None
    assert keys.holder("k1.another", "here", clock()) is not None
    daemon.keys.clear()
    clock.wait(5)
    assert keys.holder("k1.another", "here", clock()) is None


def test_guesses_are_slowed_down_and_keep_no_program_out() -> None:
    clock, daemon = doors.Clock(), doors.Accounts()
    keys = held(clock, daemon)
    for guess in range(8):
        assert keys.holder(f"k1.{guess}", "child", clock()) is None
    assert keys.holder(doors.KEY, "child", clock()) is None, "the guesser waits"
    assert keys.holder(doors.KEY, "program", clock()) is not None
    for guess in range(8):
        assert keys.holder(f"k1.{guess}", "program", clock()) is None
    assert keys.holder(doors.KEY, "program", clock()) is not None, "remembered"
