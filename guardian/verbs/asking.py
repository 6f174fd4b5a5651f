"""The verbs of requests: a child asks, a parent sees it, and answers.

A yes changes the household first and is then told to the child: what the page says has
been given is in force.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from guardian.core import changes, requests
from guardian.core.errors import GuardianError
from guardian.core.giving import give
from guardian.core.model import Household, Role
from guardian.core.requests import Answer, Kind, Request, Requests, State
from guardian.verbs.desk import Desk, Json
from guardian.verbs.me import whose

# What was answered stays on the parents' list so long, without asking for more.
RECENT = timedelta(days=1)


class Asking:
    """What children ask for."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def table(self) -> dict[str, Callable[[Json, str], Any]]:
        """Return verb -> what runs it."""
        return {"ask": self._ask, "requests": self._requests, "answer": self._answer}

    def _ask(self, args: Json, by: str) -> Json:
        household, now = self.desk.household, self.desk.service.now().wall
        _, device = whose(self.desk, args["address"])
        person = household.person(device.person) if device and device.person else None
        if device is None or person is None or person.role is not Role.CHILD:
            raise GuardianError("not-a-child")
        kind = _kind(args["kind"])
        waiting = settled(self.desk)
        new = Request(
            id=changes.fresh_id("ask", now, waiting),
            person=person.id,
            device=device.id,
            kind=kind,
            minutes=args["minutes"] if kind is Kind.TIME else None,
            site=requests.parse_site(args["site"]) if kind is Kind.SITE else None,
            text=requests.clean_text(args.get("text", "")),
            at=now,
        )
        changed, request = requests.ask(waiting, new)
        self.desk.outside.requests.save(changed)
        return request_view(request, household)

    def _requests(self, args: Json, by: str) -> list[Json]:
        since = self.desk.service.now().wall - RECENT
        return [
            request_view(one, self.desk.household)
            for one in requests.listed(settled(self.desk))
            if args.get("all") or one.state is State.OPEN or _last(one) > since
        ]

    def _answer(self, args: Json, by: str) -> Json:
        household, now = self.desk.household, self.desk.service.now().wall
        waiting = settled(self.desk)
        request = requests.find(waiting, args["id"])
        words = requests.clean_text(args.get("words", ""), requests.WORDS_MAX)
        service = self.desk.service
        done: Json = {"revision": service.revision, "enforced": service.enforced()}
        if "give" in args:
            if type(args["give"]) not in (int, str):
                raise GuardianError("bad-argument", "give")
            given = give(household, request, args["give"], by=by, now=now)
            done = self.desk.done(given.household, args, by, "answer", {})
            answer = Answer(
                by=by, at=now, words=words, until=given.until, minutes=given.minutes
            )
        elif words:
            answer = Answer(by=by, at=now, words=words)
        else:
            # A no without a reason teaches a child nothing.
            raise GuardianError("needs-arguments", "words")
        request = requests.answered(request, answer, given="give" in args)
        self.desk.outside.requests.save(requests.put(waiting, request))
        return {**done, "request": request_view(request, household)}


def settled(desk: Desk) -> Requests:
    """Return the requests as they stand at this moment, oldest first."""
    now = desk.service.now().wall
    return requests.settle(desk.outside.requests.load(), desk.household, now)


def request_view(request: Request, household: Household) -> Json:
    """Return a request as JSON values; instants with the household's offset."""
    zone, answer = household.zone, request.answer
    return {
        "id": request.id,
        "person": request.person,
        "device": request.device,
        "kind": request.kind.value,
        "minutes": request.minutes,
        "site": request.site,
        "text": request.text,
        "at": request.at.astimezone(zone).isoformat(),
        "state": request.state.value,
        "answer": answer
        and {
            "by": answer.by,
            "at": answer.at.astimezone(zone).isoformat(),
            "words": answer.words,
            "until": answer.until and answer.until.astimezone(zone).isoformat(),
            "minutes": answer.minutes,
        },
    }


def _last(request: Request) -> Any:
    return request.answer.at if request.answer else request.at


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise GuardianError("bad-argument", "kind: time, site") from None
