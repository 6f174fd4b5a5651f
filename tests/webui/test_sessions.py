"""Sessions end when they must, survive what they may, and cannot be made up."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webui.accounts import Accounts
from webui.secretfile import Ended
from webui.sessions import (
    ABSOLUTE_S,
    IDLE_PLAIN_S,
    IDLE_S,
    REFRESH_S,
    STAY_S,
    VISIT_S,
    Binding,
    Session,
    Sessions,
)

from . import doors

PHONE = Binding("192.168.77.20", "02:00:00:00:00:20")


class Desk:
    """Sessions with their clock and daemon at hand."""

    def __init__(self, path: Path, key: bytes = b"k" * 32) -> None:
        self.clock = doors.Clock()
        self.daemon = doors.Accounts()
        accounts = Accounts(self.daemon, self.clock)
        self.sessions = Sessions(key, accounts, Ended(path), self.clock.now)
        self.anna = accounts.book().accounts["anna"]

    def reads(self, cookie: str, bound: Binding | None = None) -> bool:
        """Say whether the cookie signs anybody in."""
        return self.sessions.read(cookie, bound) is not None


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return sessions of a household."""
    return Desk(tmp_path / "ended")


def test_a_cookie_names_its_session_and_its_account(desk: Desk) -> None:
    session = desk.sessions.open(desk.anna)
    found = desk.sessions.read(desk.sessions.seal(session))
    assert found == (session, desk.anna)
    assert desk.sessions.open(desk.anna).name != session.name


@pytest.mark.parametrize("lasts, bound", [(IDLE_S, None), (IDLE_PLAIN_S, PHONE)])
def test_idle_sessions_end(desk: Desk, lasts: int, bound: Binding | None) -> None:
    cookie = desk.sessions.seal(desk.sessions.open(desk.anna, bound=bound))
    desk.clock.wait(lasts - 1)
    found = desk.sessions.read(cookie, bound)
    assert found is not None and desk.sessions.left(found[0]) == 1
    fresh = desk.sessions.seal(desk.sessions.used(found[0]))
    desk.clock.wait(1)
    assert not desk.reads(cookie, bound)
    assert desk.reads(fresh, bound)


def used_until(desk: Desk, session: Session, seconds: int, step: int) -> Session:
    """Return a session used every `step` seconds for so long."""
    for _ in range(0, seconds, step):
        desk.clock.wait(step)
        session = desk.sessions.used(session)
    return session


def test_use_does_not_make_a_session_last_for_ever(desk: Desk) -> None:
    session = used_until(desk, desk.sessions.open(desk.anna), ABSOLUTE_S - 600, 600)
    assert desk.sessions.left(session) == 600
    assert desk.reads(desk.sessions.seal(session))
    desk.clock.wait(600)
    assert not desk.reads(desk.sessions.seal(desk.sessions.used(session)))


def test_a_phone_that_stays_signed_in(desk: Desk) -> None:
    cookie = desk.sessions.seal(desk.sessions.open(desk.anna, stay=True))
    desk.clock.wait(STAY_S - 1)
    assert desk.reads(cookie)
    desk.clock.wait(1)
    assert not desk.reads(cookie)
    assert not desk.sessions.open(desk.anna, stay=True, bound=PHONE).stay


def test_sessions_survive_the_process(desk: Desk, tmp_path: Path) -> None:
    cookie = desk.sessions.seal(desk.sessions.open(desk.anna))
    assert Desk(tmp_path / "ended").reads(cookie)
    assert not Desk(tmp_path / "ended", key=b"l" * 32).reads(cookie)


def test_signing_out_ends_copies_too(desk: Desk, tmp_path: Path) -> None:
    session, other = desk.sessions.open(desk.anna), desk.sessions.open(desk.anna)
    desk.sessions.end(session)
    for after in (desk, Desk(tmp_path / "ended")):
        assert not after.reads(desk.sessions.seal(session))
        assert not after.reads(desk.sessions.seal(desk.sessions.used(session)))
        assert after.reads(desk.sessions.seal(other))


@pytest.mark.parametrize(
    "change",
    [
        {"generation": 2},
        {"generation": 0},
        {"until": "2020-01-01T00:00:00+00:00"},
        None,
    ],
)
def test_what_the_daemon_says_ends_it_within_seconds(
    desk: Desk, change: dict[str, Any] | None
) -> None:
    cookie = desk.sessions.seal(desk.sessions.open(desk.anna, stay=True))
    if change is None:
        del desk.daemon.rows["anna"]
    else:
        desk.daemon.rows["anna"].update(change)
    desk.clock.wait(5)
    assert not desk.reads(cookie)


def test_a_role_is_the_daemons_word_not_the_cookies(desk: Desk) -> None:
    cookie = desk.sessions.seal(desk.sessions.open(desk.anna))
    desk.daemon.rows["anna"]["role"] = "carer"
    desk.clock.wait(5)
    found = desk.sessions.read(cookie)
    assert found is not None and found[1].role.name == "CARER"


@pytest.mark.parametrize(
    "device",
    [
        Binding(PHONE.address, "02:00:00:00:00:21"),
        Binding("192.168.77.21", PHONE.mac),
        Binding(PHONE.address, ""),
        None,
    ],
)
def test_over_plain_http_another_device_has_no_use_of_it(
    desk: Desk, device: Binding | None
) -> None:
    cookie = desk.sessions.seal(desk.sessions.open(desk.anna, bound=PHONE))
    assert desk.reads(cookie, PHONE)
    assert not desk.reads(cookie, device)


def test_a_session_of_tls_is_none_over_plain_http(desk: Desk) -> None:
    assert not desk.reads(desk.sessions.seal(desk.sessions.open(desk.anna)), PHONE)
    nameless = Binding(PHONE.address, "")
    cookie = desk.sessions.seal(desk.sessions.open(desk.anna, bound=nameless))
    assert not desk.reads(cookie, nameless)


def test_a_clock_set_at_the_evenings_start_ends_nothing(desk: Desk) -> None:
    desk.clock.wall = 0
    cookie = desk.sessions.seal(desk.sessions.open(desk.anna))
    desk.clock.wall = 1_800_000_000
    assert desk.reads(cookie)
    desk.clock.boot, desk.clock.up = "b2", 5
    assert not desk.reads(cookie)


def test_a_session_from_the_future_is_none(desk: Desk) -> None:
    cookie = desk.sessions.seal(desk.sessions.open(desk.anna, stay=True))
    desk.clock.boot, desk.clock.up = "b2", 5
    assert desk.reads(cookie)
    desk.clock.wall -= 3600
    assert not desk.reads(cookie)


def test_every_changed_character_breaks_the_seal(desk: Desk) -> None:
    cookie = desk.sessions.seal(desk.sessions.open(desk.anna))
    for place, character in enumerate(cookie):
        changed = "A" if character != "A" else "B"
        forged = cookie[:place] + changed + cookie[place + 1 :]
        # The last character of base64 carries bits that mean nothing.
        if place != len(cookie) - 1:
            assert not desk.reads(forged), place
        assert not desk.reads(cookie[:place])


@given(st.text(max_size=200))
def test_no_text_is_a_cookie(text: str) -> None:
    desk = Desk(Path("/nonexistent/ended"))
    assert not desk.reads(text) and not desk.reads(text, PHONE)
    assert desk.sessions.read_visit(text) is None
    assert desk.sessions.read_known(text) is None


def test_one_seal_does_not_pass_for_another(desk: Desk) -> None:
    visit = desk.sessions.seal_visit(desk.sessions.visit())
    known = desk.sessions.mark_known("anna")
    session = desk.sessions.seal(desk.sessions.open(desk.anna))
    assert desk.sessions.read_visit(visit) is not None
    for cookie in (session, known):
        assert desk.sessions.read_visit(cookie) is None
    for cookie in (session, visit):
        assert desk.sessions.read_known(cookie) is None
    assert not desk.reads(visit) and not desk.reads(known)


def test_a_cookie_is_sent_anew_when_it_is_a_minute_old(desk: Desk) -> None:
    session = desk.sessions.open(desk.anna)
    desk.clock.wait(REFRESH_S - 1)
    assert not desk.sessions.worth_sealing(session)
    desk.clock.wait(1)
    assert desk.sessions.worth_sealing(session)
    assert not desk.sessions.worth_sealing(desk.sessions.used(session))


def test_a_visit_ends_and_goes_on_under_its_name(desk: Desk) -> None:
    visit = desk.sessions.visit()
    desk.clock.wait(VISIT_S - 1)
    assert desk.sessions.read_visit(desk.sessions.seal_visit(visit)) == visit
    longer = desk.sessions.visit(visit.name)
    desk.clock.wait(1)
    assert desk.sessions.read_visit(desk.sessions.seal_visit(visit)) is None
    assert desk.sessions.read_visit(desk.sessions.seal_visit(longer)) == longer


def test_form_tokens_belong_to_one_name_and_one_key(desk: Desk, tmp_path: Path) -> None:
    token = desk.sessions.form_token("a")
    assert len(token) == 86 and desk.sessions.token_matches("a", token)
    again = desk.sessions.form_token("a")
    assert desk.sessions.token_matches("a", again)
    # Nothing of it stays where it was: no length tells of the next sign.
    assert sum(a == b for a, b in zip(token, again)) < 20
    assert not desk.sessions.token_matches("b", token)
    assert not desk.sessions.token_matches("a", token[:-1])
    for wrong in ("", "ü" * 86, "A" * 43, "A" * 86, token + "A", "!" * 86):
        assert not desk.sessions.token_matches("a", wrong)
    other = Desk(tmp_path / "ended", key=b"l" * 32)
    assert not other.sessions.token_matches("a", token)


def test_a_known_device_is_known_for_its_account(desk: Desk) -> None:
    first = desk.sessions.read_known(desk.sessions.mark_known("anna"))
    second = desk.sessions.read_known(desk.sessions.mark_known("anna"))
    assert first is not None and first.startswith("anna ")
    assert first != second
