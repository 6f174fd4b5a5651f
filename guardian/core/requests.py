"""What a child asks for, and what becomes of it: a small state machine. Pure.

A request is open until a parent answers it; one for time also ends by itself at the
household's day change, so that yesterday's wish opens nothing today. What was answered
stays as it is, words and all. Who asks and the clock come in as arguments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from guardian.core.errors import GuardianError
from guardian.core.hostnames import parse_host
from guardian.core.model import Household, Role, check_id
from guardian.core.timetext import next_reading

# A child's reasons fit on a card; a parent's answer may say a little more.
TEXT_MAX = 80
WORDS_MAX = 200
# More would bury a parent, and the child's first wish with it.
OPEN_MAX = 3
EVERY = timedelta(minutes=1)
# Nobody gives more than a day at a time; what holds for longer is a rule.
MINUTES_MAX = 24 * 60
# Long enough to look an answer up, far below what may be kept of anything (30 days).
KEEP_ANSWERED = timedelta(days=7)
# Of one person, answered ones included: a bound for flash, above a week of asking.
KEEP_MAX = 50
# The joiners of emoji and of scripts that need them; other format characters could
# turn the text around them.
_JOINERS = "\u200c\u200d"


class Kind(StrEnum):
    """What is asked for: time on top, or one site."""

    TIME = "time"
    SITE = "site"


class State(StrEnum):
    """How a request stands.

    less: given, but fewer minutes than asked for. ended: nobody answered in time, or
    what was given has been taken away before its end.
    """

    OPEN = "open"
    GIVEN = "given"
    LESS = "less"
    DECLINED = "declined"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a parent said. until: the end of what was given, None: none, or for good.

    gave: id of the grant or opened site that the household holds for it; "" if none.
    revision: of the household with which that came; 0 if nothing had to change.
    """

    by: str
    at: datetime
    words: str = ""
    until: datetime | None = None
    minutes: int | None = None
    gave: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One wish of a child. minutes: of time, site: a host name; the other is None."""

    id: str
    person: str
    device: str | None
    kind: Kind
    minutes: int | None = None
    site: str | None = None
    text: str = ""
    at: datetime
    state: State = State.OPEN
    answer: Answer | None = None

    def __post_init__(self) -> None:
        check_id(self.id)
        time = self.kind is Kind.TIME
        if (self.minutes is not None) != time or (self.site is not None) == time:
            raise ValueError("request-unclear")
        if self.minutes is not None and not 0 < self.minutes <= MINUTES_MAX:
            raise ValueError(f"bad-duration: {self.minutes} min")
        if self.site is not None and parse_host(self.site) != self.site:
            raise ValueError("bad-hostname")
        answered = self.state in (State.GIVEN, State.LESS, State.DECLINED)
        silent = self.state is State.OPEN
        if (answered and self.answer is None) or (silent and self.answer is not None):
            raise ValueError("request-unclear")


Requests = tuple[Request, ...]


def settle(requests: Requests, household: Household, now: datetime) -> Requests:
    """Return what is left of requests at `now`, oldest first.

    Open ones for time end at the day change, and a yes ends where the household holds
    nothing for it any more; what was answered or ended is forgotten a week later, and
    with the child all of its own. Settling twice changes nothing more.
    """
    held = {grant.id for grant in household.grants}
    held |= {opened.id for opened in household.opened}
    children = {p.id for p in household.people if p.role is Role.CHILD}
    kept = []
    for one in requests:
        ends = day_end(household, one.at)
        if _taken_away(one, held, now):
            one = replace(one, state=State.ENDED)
        if one.state is State.OPEN and one.kind is Kind.TIME and ends <= now:
            one = replace(one, state=State.ENDED)
        last = one.answer.at if one.answer else ends
        old = one.state is not State.OPEN and last + KEEP_ANSWERED <= now
        if one.person in children and not old:
            kept.append(one)
    return tuple(kept)


def _taken_away(request: Request, held: set[str], now: datetime) -> bool:
    answer = request.answer
    if answer is None or answer.until is None or not answer.gave:
        return False
    return answer.gave not in held and now < answer.until


def reopened(requests: Requests, revision: int) -> Requests:
    """Return the requests after that change of the household was taken back.

    revision: what was answered with it is asked again.
    """
    return tuple(
        (
            replace(one, state=State.OPEN, answer=None)
            if one.answer is not None and one.answer.revision == revision > 0
            else one
        )
        for one in requests
    )


def day_end(household: Household, at: datetime) -> datetime:
    """Return the first day change after an instant, UTC."""
    return next_reading(household.day_change, household, at)


def ask(requests: Requests, new: Request) -> tuple[Requests, Request]:
    """Return the requests with a new one, and that one, or an open one for its site.

    requests: settled. Raises GuardianError("ask-too-often") with the seconds to wait,
    or without a number when as many as may be wait for an answer.
    """
    own = [one for one in requests if one.person == new.person]
    waiting = [one for one in own if one.state is State.OPEN]
    for one in waiting:
        if new.site is not None and one.site == new.site:
            return requests, one
    if len(waiting) >= OPEN_MAX:
        raise GuardianError("ask-too-often")
    # What lies ahead was asked by a clock that was set back: no reason to wait.
    since = [new.at - one.at for one in own if one.at <= new.at]
    if since and min(since) < EVERY:
        raise GuardianError("ask-too-often", str(_seconds(EVERY - min(since))))
    spare = len(own) + 1 - KEEP_MAX
    answered = [one for one in own if one.state is not State.OPEN]
    gone = {one.id for one in answered[: max(0, spare)]}
    return (*(one for one in requests if one.id not in gone), new), new


def find(requests: Requests, request_id: str) -> Request:
    """Return the open request with that id.

    Raises GuardianError: "no-such-request", "already-answered" with who did, or
    "request-ended".
    """
    for one in requests:
        if one.id == request_id:
            if one.answer is not None:
                raise GuardianError("already-answered", one.answer.by)
            if one.state is State.ENDED:
                raise GuardianError("request-ended")
            return one
    raise GuardianError("no-such-request", request_id[:48])


def answered(request: Request, answer: Answer, *, given: bool) -> Request:
    """Return an open request with its answer. given: else it is declined."""
    if not given:
        return replace(request, state=State.DECLINED, answer=answer)
    asked, got = request.minutes, answer.minutes
    less = asked is not None and got is not None and got < asked
    return replace(request, state=State.LESS if less else State.GIVEN, answer=answer)


def put(requests: Requests, changed: Request) -> Requests:
    """Return the requests with one of them changed, in its place."""
    return tuple(changed if one.id == changed.id else one for one in requests)


def waiting(requests: Iterable[Request]) -> dict[str, int]:
    """Return how many requests of each person wait for an answer."""
    found: dict[str, int] = {}
    for one in requests:
        if one.state is State.OPEN:
            found[one.person] = found.get(one.person, 0) + 1
    return found


def listed(requests: Iterable[Request]) -> Requests:
    """Return requests for a page: open ones first, of both the newest first."""
    newest = sorted(requests, key=lambda one: (one.at, one.id), reverse=True)
    return tuple(sorted(newest, key=lambda one: one.state is not State.OPEN))


def clean_text(text: str, longest: int = TEXT_MAX) -> str:
    """Return what a person wrote as one line of characters that can be shown.

    Raises ValueError("text-too-long: ...").
    """
    line = " ".join(text.split())
    shown = "".join(c for c in line if c.isprintable() or c in _JOINERS)
    if len(shown) > longest:
        raise ValueError(f"text-too-long: {len(shown)} characters, at most {longest}")
    return shown


def parse_site(text: str) -> str:
    """Return the host name of what a child typed or pasted; ValueError("bad-hostname").

    "https://www.example.org/game?x=1" asks for www.example.org: a child copies what the
    browser shows.
    """
    _, scheme, rest = text.strip().partition("://")
    host = (rest if scheme else text.strip()).partition("/")[0].partition("?")[0]
    name, colon, port = host.rpartition("@")[2].partition(":")
    return parse_host(name if not colon or port.isdecimal() else host)


def _seconds(span: timedelta) -> int:
    return max(1, -(-span // timedelta(seconds=1)))
