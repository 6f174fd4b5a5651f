"""Ask for the lists that are due, and keep what arrives until it is judged.

The fetcher comes in as an argument. Whatever fails leaves the list as it was; where the
way to the servers itself seems to be broken, the rest is not tried.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from random import Random
from typing import Protocol

from guardian.core.errors import GuardianError
from guardian.core.feeds import FeedSpec, is_due, next_try
from guardian.lists.staging import ListFolder
from guardian.lists.state import FeedState, State, instant

# Failures that say more of the way than of the server: no route, a portal.
WAY = frozenset(("feed-offline", "feed-certificate", "feed-redirected", "feed-slow"))
GIVE_UP_AFTER = 3


class Arrived(Protocol):
    """What a fetcher returns; see `guardian.shell.fetch.Fetched`."""

    @property
    def fingerprint(self) -> str:
        """Return the digest of the text, hex."""

    @property
    def etag(self) -> str:
        """Return what to send as If-None-Match next time, or ""."""

    @property
    def modified(self) -> str:
        """Return what to send as If-Modified-Since next time, or ""."""


# The list, the file to write, and etag and modified of the last text; None: unchanged.
# Raises GuardianError, OSError.
Fetch = Callable[[FeedSpec, Path, str, str], Arrived | None]


@dataclass(slots=True)
class Collected:
    """What the servers said. gave_up: the way to them seems to be broken."""

    feeds: dict[str, FeedState]
    asked: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    gave_up: bool = False


def chosen(specs: Iterable[FeedSpec], state: State) -> tuple[FeedSpec, ...]:
    """Return the lists in use: the defaults and what the parents said."""
    return tuple(
        spec
        for spec in specs
        if spec.id not in state.dropped and (spec.default or spec.id in state.added)
    )


def collect(
    lists: ListFolder,
    specs: Iterable[FeedSpec],
    state: State,
    fetch: Fetch,
    *,
    now: datetime,
    chance: Random,
    only: frozenset[str],
    force: bool,
) -> Collected:
    """Fetch what is due among `specs`.

    only: ask for these lists, due or not, and for nothing else; what was refused of
    them is judged anew. force: ask for all, due or not. Raises OSError of the disk.
    """
    shutil.rmtree(lists.fresh, ignore_errors=True)
    lists.fresh.mkdir(mode=0o700)
    found = Collected(dict(state.feeds))
    in_a_row = 0
    for spec in specs:
        known = found.feeds.get(spec.id, FeedState())
        if known.spec != digest_of(spec):
            # Another address or band: what was learnt by the old one says nothing.
            known = FeedState(taken=known.taken, spec=digest_of(spec))
        if spec.id in only:
            known = replace(known, etag="", modified="", refused=None)
        elif only or not (force or is_due(spec, instant(known.next), now)):
            continue
        if in_a_row >= GIVE_UP_AFTER:
            found.gave_up = True
            break
        found.asked.append(spec.id)
        after = _ask(lists, spec, known, fetch, found)
        wait = next_try(spec, now, failures=after.failures, chance=chance.random())
        found.feeds[spec.id] = replace(
            after,
            next=text_of(wait),
            checked=after.checked if after.problem else text_of(now),
        )
        in_a_row = in_a_row + 1 if after.problem in WAY else 0
    return found


def _ask(
    lists: ListFolder,
    spec: FeedSpec,
    known: FeedState,
    fetch: Fetch,
    found: Collected,
) -> FeedState:
    into = lists.fresh / f"{spec.id}.gz"
    # Without its text nothing is won by hearing that it has not changed.
    taken = known.taken.fingerprint if known.taken else ""
    held = _stands(lists, spec.id, taken)
    ask = held or known.refused or _stands(lists, spec.id, known.waiting)
    try:
        new = fetch(
            spec, into, known.etag if ask else "", known.modified if ask else ""
        )
    except GuardianError as error:
        into.unlink(missing_ok=True)
        found.failed[spec.id] = error.code
        return replace(
            known,
            failures=known.failures + 1,
            problem=error.code,
            detail=error.detail[:200],
        )
    known = replace(known, failures=0, problem="", detail="")
    if new is None:
        return known
    known = replace(known, etag=new.etag, modified=new.modified)
    if held and new.fingerprint == taken:
        # The server went back to what is in force.
        return replace(known, refused=None, waiting="")
    if known.refused and known.refused.fingerprint == new.fingerprint:
        return replace(known, waiting="")
    lists.keep(into, spec.id, new.fingerprint)
    return replace(known, waiting=new.fingerprint)


def _stands(lists: ListFolder, feed: str, fingerprint: str) -> bool:
    return fingerprint != "" and lists.text(feed, fingerprint).is_file()


def digest_of(spec: FeedSpec) -> str:
    """Return a short digest of all that the catalogue says of a list."""
    return hashlib.blake2b(repr(spec).encode(), digest_size=8).hexdigest()


def text_of(when: datetime) -> str:
    """Return an instant as the state keeps it: UTC, whole seconds."""
    return when.astimezone(timezone.utc).isoformat(timespec="seconds")


def earliest(
    specs: Iterable[FeedSpec], feeds: Mapping[str, FeedState], now: datetime
) -> datetime | None:
    """Return when the first of the lists is due; None without any."""
    return min(
        (
            instant(feeds[spec.id].next) or now if spec.id in feeds else now
            for spec in specs
        ),
        default=None,
    )
