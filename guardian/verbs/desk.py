"""What every verb needs: the household, the moment, and the one way to change things.

A changing verb goes through `Desk.done`, so that it is stored, audited and enforced, in
this order.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import Any, Protocol
from guardian.core import changes
from guardian.core.errors import StoreError
from guardian.core.model import Household, Person
from guardian.core.naming import NameRules
from guardian.core.requests import Request, Requests, settle
from guardian.core.requests import waiting as waits
from guardian.core.timetext import parse_duration, parse_instant, parse_until
from guardian.core.recent import Refused
from guardian.pages.scene import Scene
from guardian.service import Service
from guardian.store.accounts import AccountStore
from guardian.store.asking import RequestStore
from guardian.store.document import parse_strict

Json = dict[str, Any]


class Outside(Protocol):
    """What the verbs ask of the shell."""

    @property
    def version(self) -> str:
        """Return the program's version."""

    @property
    def requests(self) -> RequestStore:
        """Return the store of what children have asked for."""

    @property
    def accounts(self) -> AccountStore:
        """Return the store of who may sign in."""

    def health(self) -> dict[str, str]:
        """Return what is wrong now, code -> detail."""

    def seen(self, mac: str) -> Json | None:
        """Return when and where a MAC was seen, with its evidence, or None."""

    def sightings(self) -> list[Json]:
        """Return every MAC seen on the LAN."""

    def owner(self, address: str) -> str | None:
        """Return the MAC that has an address now; ValueError for no address."""

    def online(self) -> frozenset[str]:
        """Return the MACs that the home shows at this moment."""

    def likely(self, mac: str) -> list[Json]:
        """Return whose device a MAC may be: person, device, and what is equal."""

    def refusals(self, mac: str) -> tuple[Refused, ...]:
        """Return what a device was refused lately, newest first."""

    def names(self) -> Json:
        """Return how children's questions are answered: counts, never a name."""

    def explain_name(self, rules: NameRules, name: str) -> Json:
        """Return what rules say of a host name, and which lists hold it."""

    def check(self, text: str) -> None:
        """Let the kernel check a ruleset; EnforcementError if it would refuse it."""

    async def read_calendar(self, text: str, today: date, zone: str) -> Json:
        """Return the days of an iCalendar text, and what of it was left out."""

    def audit(self, limit: int) -> list[Json]:
        """Return the newest entries of the audit log."""

    def trust_clock(self) -> None:
        """Take a person's word that the clock is right."""

    def trial_ends_in(self, seconds: int) -> None:
        """Roll the trial back after this time unless it has ended."""


class Desk:
    """Service and shell, with what the verbs ask of both."""

    def __init__(self, service: Service, outside: Outside) -> None:
        self.service = service
        self.outside = outside

    @property
    def household(self) -> Household:
        """Return the household in force, that on trial if one is."""
        return self.service.trial or self.service.household

    def scene(self) -> Scene:
        """Return what a page is made of now."""
        moment, shown = self.service.now(), self.household
        waiting: Json = {}
        with suppress(StoreError):
            # A page must not fail for the file of requests: their own verb tells.
            waiting = waits(self.requests())
        return Scene(
            requests=waiting,
            household=shown,
            facts=self.service.engine.facts(moment),
            now=moment.wall,
            online=self.outside.online(),
            proofs={
                person: {
                    "at": proof.at.astimezone(shown.zone).isoformat(),
                    "closed": proof.closed,
                    "closed6": proof.closed6,
                    "left": proof.left,
                }
                for person, proof in self.service.proofs.found.items()
            },
        )

    def requests(self) -> Requests:
        """Return what children have asked for, as it stands now, oldest first."""
        stored, now = self.outside.requests.load(), self.service.now().wall
        # Not by one on trial: what it lacks has not been taken back.
        return settle(stored, self.service.household, now)

    def at(self, args: Json) -> datetime:
        """Return the instant asked about, UTC; now where none is given."""
        text = args.get("at") or ""
        if not text:
            return self.service.now().wall
        return parse_instant(text, self.household)

    def child_or_all(self, args: Json) -> Person | None:
        """Return the child that `person` names; None for "all"."""
        if args["person"] == "all":
            return None
        return changes.find_child(self.household, args["person"])

    def until(self, args: Json, person: Person | None) -> datetime | None:
        """Return the end that `span` or `until` gives, UTC; None where neither is."""
        now = self.service.now().wall
        if args.get("span"):
            return now + parse_duration(args["span"])
        if args.get("until"):
            return parse_until(args["until"], self.household, person, now)
        return None

    def span(self, item_id: str, until: datetime) -> Json:
        """Return what is told of a pause or grant just made."""
        return {
            "id": item_id,
            "until": until.astimezone(self.household.zone).isoformat(),
        }

    def parse(self, text: str) -> Household:
        """Return the household of a document, or refuse it with every problem."""
        return parse_strict(text, self.household.bands)

    def claimed(self, household: Household) -> Household:
        """Return it with all that the LAN has shown exempt, if it takes the box."""
        if not household.claimed or self.household.claimed:
            return household
        seen = [
            (s["mac"], s.get("hostname") or f"Device {s['mac']}")
            for s in self.outside.sightings()
        ]
        return changes.claim(household, seen)

    def done(
        self,
        household: Household,
        args: Json,
        by: str,
        verb: str,
        result: Json,
        *,
        whole: bool = False,
    ) -> Json:
        """Store and enforce it; with a `revision` only if that is still the present."""
        enforced = self.service.change(
            self.claimed(household),
            by=by,
            verb=verb,
            expect=args.get("revision"),
            whole=whole,
        )
        return {**result, "revision": self.service.revision, "enforced": enforced}


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
