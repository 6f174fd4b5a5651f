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
from guardian.core.model import Role
from guardian.core.requests import Answer, Kind, Request, State
from guardian.verbs.desk import Desk, Json, request_view
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
        waiting = self.desk.requests()
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
            for one in requests.listed(self.desk.requests())
            if args.get("all") or one.state is State.OPEN or _last(one) > since
        ]

    def _answer(self, args: Json, by: str) -> Json:
        household, now = self.desk.household, self.desk.service.now().wall
        waiting = self.desk.requests()
        request = requests.find(waiting, args["id"])
        words = requests.clean_text(args.get("words", ""), requests.WORDS_MAX)
        service = self.desk.service
        before = service.revision
        done: Json = {"revision": before, "enforced": service.enforced()}
        if "give" in args:
            if type(args["give"]) not in (int, str):
                raise GuardianError("bad-argument", "give")
            given = give(household, request, args["give"], by=by, now=now)
            done = self.desk.done(given.household, args, by, "answer", {})
            answer = Answer(
                by=by,
                at=now,
                words=words,
                until=given.until,
                minutes=given.minutes,
                gave=given.gave,
                revision=service.revision if service.revision != before else 0,
            )
        elif words:
            answer = Answer(by=by, at=now, words=words)
        else:
            # A no without a reason teaches a child nothing.
            raise GuardianError("needs-arguments", "words")
        request = requests.answered(request, answer, given="give" in args)
        self.desk.outside.requests.save(requests.put(waiting, request))
        return {**done, "request": request_view(request, household)}


def _last(request: Request) -> Any:
    return request.answer.at if request.answer else request.at


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise GuardianError("bad-argument", "kind: time, site") from None
