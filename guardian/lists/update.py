"""Keep the index in force up to date: one run, one step back, and what to say of it.

A run fetches what is due, compiles, and swaps by a rename; whatever goes wrong, and
whenever it is killed, the index that was in force still is. It is made for a process of
its own that ends with it, so its memory is nobody's for long. The daemon only asks what
stands here (`status`, `next_due`) and, at its start, for something to begin with
(`ensure_index`).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from guardian.core.errors import GuardianError
from guardian.core.feeds import RETRY_FIRST, FeedSpec
from guardian.lists.build import Compiled, compile_index, job_of
from guardian.lists.collect import (
    WAY,
    Collected,
    Fetch,
    chosen,
    collect,
    earliest,
    text_of,
)
from guardian.lists.index import Index, read_digest
from guardian.lists.inputs import Inputs
from guardian.lists.judge import Candidate, Verdicts, entries_of, judge
from guardian.lists.layout import IndexFileError
from guardian.lists.lines import ListError
from guardian.lists.staging import ListFolder
from guardian.lists.state import (
    FeedState,
    IndexState,
    Refusal,
    State,
    Version,
    instant,
)

# For so long an index with a list that can no longer be had is better than a newer one
# without it.
PATIENCE = timedelta(days=14)
# No list is asked for less often by a clock that is right, but for the popular names.
_FAR = timedelta(hours=27)
ROLLED_BACK = "rolled-back"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did. changed: another index is in force now. problem: its code."""

    changed: bool
    problem: str
    detail: str
    state: State


def update(
    folder: Path,
    inputs: Inputs,
    fetch: Fetch,
    *,
    now: datetime,
    chance: Random,
    only: frozenset[str] = frozenset(),
    force: bool = False,
) -> Outcome:
    """Run one update; arguments as `collect`.

    Raises ListError (``update-running``, ``compile-running``, those of the compiler
    that concern no single list) and OSError; what was in force then still is.
    """
    lists = ListFolder(folder)
    with lists.locked():
        state = lists.read()
        specs = chosen(inputs.specs, state)
        found = collect(
            lists,
            specs,
            state,
            fetch,
            now=now,
            chance=chance,
            only=only,
            force=force,
        )
        state = replace(state, ran=text_of(now), feeds=found.feeds)
        # From here on a kill costs no download.
        lists.save(state)
        good, fresh = _candidates(lists, specs, found.feeds)
        if missing := _missing(state, {*good, *fresh}, specs, now):
            return _end(lists, state, found, inputs, now, "lists-incomplete", missing)
        job = state.index.job if state.index and _stands(lists, state) else ""
        verdicts = judge(inputs, fresh, good, lists.work, in_force=job)
        return _settle(lists, state, found, verdicts, inputs, now)


def _candidates(
    lists: ListFolder, specs: Iterable[FeedSpec], feeds: Mapping[str, FeedState]
) -> tuple[dict[str, Candidate], dict[str, Candidate]]:
    """Return the last good texts and those that wait to be judged, by list."""
    good, fresh = {}, {}
    for spec in specs:
        feed = feeds.get(spec.id, FeedState())
        taken = feed.taken
        if taken and (path := lists.text(spec.id, taken.fingerprint)).is_file():
            good[spec.id] = Candidate(spec, path, taken.fingerprint, taken)
        path = lists.text(spec.id, feed.waiting)
        if feed.waiting and path.is_file():
            fresh[spec.id] = Candidate(spec, path, feed.waiting, taken, True)
    return good, fresh


def rollback(folder: Path, now: datetime) -> State:
    """Put the index in force that was before; return the state.

    The texts that it is without are not taken again until they change, or their list is
    asked for by name. Raises ListError ``no-step-back``, OSError.
    """
    lists = ListFolder(folder)
    with lists.locked():
        state = lists.read()
        before, digest = state.previous, read_digest(lists.previous)
        if before is None or digest is None or digest.hex() != before.digest:
            raise ListError("no-step-back", str(folder))
        Index(lists.previous)
        feeds = dict(state.feeds)
        for name, version in (state.index.feeds if state.index else {}).items():
            old = before.feeds.get(name)
            if name in feeds and (
                old is None or old.fingerprint != version.fingerprint
            ):
                refused = Refusal(
                    fingerprint=version.fingerprint, guard=ROLLED_BACK, at=text_of(now)
                )
                feeds[name] = replace(feeds[name], taken=old, refused=refused)
        state = replace(state, feeds=feeds, index=before, previous=None, back=True)
        lists.step_back(state)
        lists.prune(state)
        return state


def choose(
    folder: Path, specs: Iterable[FeedSpec], add: frozenset[str], drop: frozenset[str]
) -> State:
    """Take lists into use or out of it; the next update acts on it.

    Raises ListError ``no-such-list``, ``update-running``; OSError.
    """
    if unknown := (add | drop) - {spec.id for spec in specs}:
        raise ListError("no-such-list", " ".join(sorted(unknown))[:80])
    lists = ListFolder(folder)
    with lists.locked():
        state = lists.read()
        state = replace(
            state,
            added=tuple(sorted({*state.added, *add} - drop)),
            dropped=tuple(sorted({*state.dropped, *drop} - add)),
            next="",
        )
        lists.save(state)
        return state


def ensure_index(
    folder: Path, inputs: Inputs, now: datetime, core: Path | None = None
) -> Path:
    """Return an index to begin with, and have one made of our own data if need be.

    core: one that came with the package, taken where none is in force. Where our own
    data have changed below an index with lists of others, an update becomes due and the
    index stays until then. Raises GuardianError, OSError.
    """
    lists = ListFolder(folder)
    own = job_of(inputs.curated, inputs.rules())
    usable = _usable(lists.current)
    state = lists.read()
    curated = state.index.curated if state.index else ""
    if usable and _stands(lists, state) and curated == own:
        return lists.current
    try:
        with lists.locked():
            state = replace(lists.read(), next="")
            if usable and not _stands(lists, state):
                # Somebody put it there; it is worth no less than ours.
                made = _told(lists.current, inputs, now)
                state = replace(state, index=made, previous=None)
            if usable and state.index is not None and state.index.feeds:
                lists.save(state)
            else:
                _begin(lists, state, inputs, own, now, core)
    except ListError as error:
        if not usable or error.code != "update-running":
            raise
    return lists.current


def next_due(folder: Path, now: datetime) -> datetime:
    """Return when an update is due; `now` where that is not known or long past."""
    when = instant(ListFolder(folder).read().next)
    if when is None or when > now + _FAR:
        return now
    return max(when, now)


def status(folder: Path) -> dict[str, Any]:
    """Return what to tell of the lists, as JSON values; reads three small files."""
    lists = ListFolder(folder)
    state = lists.read()
    digest = read_digest(lists.current)
    index: dict[str, Any] | None = None
    if digest is not None:
        index = {"digest": digest.hex(), "known": False}
        if state.index is not None and state.index.digest == index["digest"]:
            index |= {
                "known": True,
                "names": state.index.names,
                "bytes": state.index.size,
                "since": state.index.since,
                "lists": sorted(state.index.feeds),
            }
    return {
        "index": index,
        "rolled_back": state.back,
        "can_roll_back": state.previous is not None and lists.previous.is_file(),
        "ran": state.ran or None,
        "next": state.next or None,
        "problem": state.problem or None,
        "detail": state.detail or None,
        "added": list(state.added),
        "dropped": list(state.dropped),
        "feeds": [_feed_status(name, state) for name in sorted(state.feeds)],
    }


def _feed_status(name: str, state: State) -> dict[str, Any]:
    feed = state.feeds[name]
    inside = state.index.feeds.get(name) if state.index else None
    refused = feed.refused
    return {
        "id": name,
        "in_force_since": inside.since or None if inside else None,
        "entries": inside.entries if inside else None,
        "checked": feed.checked or None,
        "next": feed.next or None,
        "failures": feed.failures,
        "problem": feed.problem or None,
        "refused": refused
        and {
            "guard": refused.guard,
            "at": refused.at,
            "value": refused.value,
            "limit": refused.limit,
            "names": list(refused.names),
        },
        "held": list(feed.held),
    }


def _missing(
    state: State, there: set[str], specs: Iterable[FeedSpec], now: datetime
) -> list[str]:
    """Return the lists in force that a new index would lose; none after PATIENCE."""
    if state.index is None:
        return []
    lost = sorted((set(state.index.feeds) & {spec.id for spec in specs}) - there)
    since = instant(state.index.since)
    return lost if since and now - since < PATIENCE else []


def _settle(
    lists: ListFolder,
    state: State,
    found: Collected,
    verdicts: Verdicts,
    inputs: Inputs,
    now: datetime,
) -> Outcome:
    """Note what the guards said, and put in force what there is to."""
    at = text_of(now)
    for name, finding in verdicts.refused.items():
        refused = Refusal(
            fingerprint=found.feeds[name].waiting,
            guard=finding.guard,
            at=at,
            value=finding.value,
            limit=finding.limit,
            names=finding.names,
        )
        found.feeds[name] = replace(found.feeds[name], refused=refused, waiting="")
    for name in verdicts.damaged:
        found.feeds[name] = replace(
            found.feeds[name], taken=None, etag="", modified="", next=""
        )
    compiled = verdicts.compiled
    problem, about = "", sorted(verdicts.refused)
    if verdicts.stopped is not None:
        problem, about = "index-stopped", [verdicts.stopped.guard]
    elif verdicts.refused:
        problem = "feeds-refused"
    if compiled is None:
        return _end(lists, state, found, inputs, now, problem, about)
    specs = chosen(inputs.specs, state)
    if lost := _missing(state, set(verdicts.used), specs, now):
        compiled.path.unlink()
        return _end(lists, state, found, inputs, now, "lists-incomplete", lost)
    versions: dict[str, Version] = {}
    for name, candidate in verdicts.used.items():
        good = found.feeds[name].taken
        version = Version(
            fingerprint=candidate.fingerprint,
            entries=entries_of(candidate, compiled),
            since=at if candidate.new or good is None else good.since,
        )
        held = tuple(word.decode() for word in sorted(verdicts.held.get(name, ())))
        found.feeds[name] = replace(
            found.feeds[name],
            taken=version,
            waiting="",
            held=held,
            refused=None if candidate.new else found.feeds[name].refused,
        )
        versions[name] = version
    state = replace(
        state,
        index=IndexState(
            digest=compiled.digest,
            names=compiled.names,
            size=compiled.size,
            since=at,
            job=verdicts.job,
            curated=job_of(inputs.curated, inputs.rules()),
            feeds=versions,
        ),
        previous=state.index,
        back=False,
    )
    return _end(lists, state, found, inputs, now, problem, about, compiled)


def _end(
    lists: ListFolder,
    state: State,
    found: Collected,
    inputs: Inputs,
    now: datetime,
    problem: str,
    about: list[str],
    compiled: Compiled | None = None,
) -> Outcome:
    """Write the state down, together with the index where there is a new one."""
    if not problem and found.failed:
        ways = set(found.failed.values()) <= WAY
        nothing = found.gave_up or len(found.failed) == len(found.asked)
        problem = "feeds-offline" if ways and nothing else "feeds-failed"
        about = sorted(found.failed)
    due = earliest(chosen(inputs.specs, state), found.feeds, now)
    state = replace(
        state,
        feeds=found.feeds,
        problem=problem,
        detail=" ".join(about)[:200],
        next=text_of(max(due, now + RETRY_FIRST)) if due else text_of(now + _FAR),
    )
    changed = compiled is not None
    if compiled is None:
        lists.save(state)
    else:
        changed = read_digest(lists.current) != bytes.fromhex(compiled.digest)
        lists.publish(compiled.path, state)
    lists.prune(state)
    return Outcome(changed, problem, state.detail, state)


def _stands(lists: ListFolder, state: State) -> bool:
    """Say whether the index in force is the one that the state speaks of."""
    digest = read_digest(lists.current)
    return digest is not None and _digest(state) == digest.hex()


def _digest(state: State) -> str:
    return state.index.digest if state.index else ""


def _usable(path: Path) -> bool:
    try:
        Index(path)
    except IndexFileError:
        return False
    return True


def _begin(
    lists: ListFolder,
    state: State,
    inputs: Inputs,
    own: str,
    now: datetime,
    core: Path | None,
) -> None:
    """Put the package's index in force, or one of our own data alone."""
    if core is not None and not lists.current.exists() and _usable(core):
        staged = lists.path / ".core"
        with core.open("rb") as read, staged.open("wb") as write:
            shutil.copyfileobj(read, write, 1 << 20)
            write.flush()
            os.fsync(write.fileno())
        made = _told(staged, inputs, now)
    else:
        shutil.rmtree(lists.work, ignore_errors=True)
        compiled = compile_index(inputs.curated, inputs.rules(), lists.work)
        staged = compiled.path
        made = _told(staged, inputs, now)
    if not made.names:
        raise GuardianError("index-missing", "no names of our own")
    made = replace(made, curated=own)
    lists.publish(staged, replace(state, index=made, previous=state.index))


def _told(path: Path, inputs: Inputs, now: datetime) -> IndexState:
    """Return what an index says of itself; its lists' texts are not at hand."""
    index = Index(path, verify=False)
    at = text_of(now)
    known = {spec.id for spec in inputs.specs}
    return IndexState(
        digest=index.header.digest.hex(),
        names=index.names,
        size=path.stat().st_size,
        since=at,
        job="",
        curated="",
        feeds={
            source.id: Version(fingerprint="", entries=0, since=at)
            for source in index.sources
            if source.id in known
        },
    )
