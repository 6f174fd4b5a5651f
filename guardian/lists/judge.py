"""Compile the lists that arrived, and let the guards say which of them are taken.

A list that a guard stops stands aside for its last good text, and the rest is compiled
again; so one bad list costs nobody the others. Between the two passes of the compiler
its counts and its popular names are known, and most refusals fall there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from guardian.core.feeds import FeedSpec, Use
from guardian.lists import guards
from guardian.lists.build import Compiled, Feed, Review, compile_index, job_of
from guardian.lists.grammar import Grammar
from guardian.lists.guards import Finding, Watch
from guardian.lists.index import Found, Index
from guardian.lists.inputs import Inputs, source_of
from guardian.lists.lines import CHUNK, Lines, ListError
from guardian.lists.source import Counts, Polarity, Rules, Source, admit
from guardian.lists.state import Version

# Lookups between two times that the pages of an index are let go.
FORGET_EVERY = 32


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text of a list. good: what was taken of this list last; new: it is not that."""

    spec: FeedSpec
    path: Path
    fingerprint: str
    good: Version | None = None
    new: bool = False


@dataclass(slots=True)
class Verdicts:
    """What came of it. compiled: None where nothing is to be changed.

    used: the texts in the index. refused: list -> why. held: list -> names left out.
    damaged: last good texts that do not read. stopped: a finding on the whole index.
    """

    job: str = ""
    compiled: Compiled | None = None
    used: dict[str, Candidate] = field(default_factory=dict)
    refused: dict[str, Finding] = field(default_factory=dict)
    held: dict[str, list[bytes]] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    stopped: Finding | None = None


class _Stopped(Exception):
    """Guards stopped some lists between the passes."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__()
        self.findings = findings


def judge(
    inputs: Inputs,
    fresh: Mapping[str, Candidate],
    good: Mapping[str, Candidate],
    work: Path,
    *,
    in_force: str = "",
) -> Verdicts:
    """Compile with as many of the `fresh` texts as pass; see Verdicts.

    good: the last good text of each list that has one. in_force: the job of the index
    in force; the same job is not done again. Raises ListError, OSError.
    """
    found = Verdicts()
    _judge_popular(fresh, good, found)
    while True:
        found.used = {
            name: candidate
            for name, candidate in sorted({**good, **fresh}.items())
            if name not in found.damaged
        }
        for name in found.refused:
            found.used.pop(name, None)
            if name in good and name not in found.damaged:
                found.used[name] = good[name]
        popular = _popular(found.used)
        watch = inputs.watch(popular)
        feeds = [*inputs.curated, *_feeds(found.used)]
        rules = inputs.rules(watch)
        found.job = _job(feeds, rules, watch)
        if found.job == in_force:
            return found
        try:
            compiled = compile_index(
                feeds, rules, work, review=_review(feeds, watch, found)
            )
        except _Stopped as stop:
            _refuse(stop.findings, found)
            continue
        except ListError as error:
            name = error.detail.partition(" ")[0]
            if name not in found.used:
                raise
            if found.used[name].new:
                _refuse([Finding(guard=error.code, where=name, ok=False)], found)
            else:
                found.damaged.add(name)
            continue
        stops = _judge_index(compiled.path, feeds, inputs, found)
        if not any(stop.where in found.used for stop in stops):
            if stops:
                compiled.path.unlink()
                found.stopped = stops[0]
            else:
                found.compiled = compiled
            return found
        _refuse(stops, found)


def file_feed(candidate: Candidate) -> Feed:
    """Return the feed of a kept text."""

    def chunks() -> Iterator[bytes]:
        try:
            with candidate.path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except FileNotFoundError:
            raise ListError("list-gzip-damaged", "missing") from None

    return Feed(source_of(candidate.spec), chunks, bytes.fromhex(candidate.fingerprint))


def _feeds(used: Mapping[str, Candidate]) -> Iterator[Feed]:
    for candidate in used.values():
        if candidate.spec.use is Use.LABEL:
            yield file_feed(candidate)


def _job(feeds: list[Feed], rules: Rules, watch: Watch) -> str:
    digest = hashlib.blake2b(job_of(feeds, rules).encode(), digest_size=16)
    for names in (watch.protected, watch.popular):
        digest.update(b"\0".join(sorted(names)) + b"\n")
    for words in (watch.harm, watch.own):
        digest.update(repr(sorted(words)).encode())
    return digest.hexdigest()


def _review(feeds: list[Feed], watch: Watch, found: Verdicts) -> Review:
    sources = {feed.source.id: feed.source for feed in feeds}

    def review(
        by_source: dict[str, Counts], votes: dict[bytes, tuple[str, ...]]
    ) -> list[tuple[str, bytes]]:
        found.held = guards.held(votes, sources, watch)
        failed: list[Finding] = []
        for name, candidate in found.used.items():
            if candidate.new and name in sources:
                source, counts = sources[name], by_source[name]
                good = candidate.good.entries if candidate.good else None
                findings = (
                    guards.size_band(source, counts, good),
                    guards.reject_rate(source, counts),
                    guards.declared_count(source, counts),
                    guards.held_back(source, found.held.get(name, ()), watch),
                )
                failed += [finding for finding in findings if not finding.ok]
        if failed:
            raise _Stopped(failed)
        return [(name, word) for name, words in found.held.items() for word in words]

    return review


def _judge_index(
    path: Path, feeds: list[Feed], inputs: Inputs, found: Verdicts
) -> list[Finding]:
    """Return what speaks against a whole index, or one list within it."""
    index = Index(path, verify=False)
    asked = 0

    def lookup(wire: bytes) -> Found:
        # Names are scattered by their hash, and each fault maps 16 pages: ten thousand
        # would make the whole file resident, 30 MB at five million names.
        nonlocal asked
        asked += 1
        if asked % FORGET_EVERY == 0:
            index.forget()
        return index.explain(wire)

    findings = [guards.public_suffixes(inputs.suffixes, lookup)]
    for feed in feeds:
        source = feed.source
        if source.polarity is Polarity.ALLOW and source.id in found.used:
            names = names_of_feed(feed, inputs.rules())
            findings.append(guards.polarity(source, names, lookup, inputs.harm))
    return [finding for finding in findings if not finding.ok]


def _refuse(findings: list[Finding], found: Verdicts) -> None:
    for finding in findings:
        if found.used[finding.where].new:
            found.refused.setdefault(finding.where, finding)
        else:
            # Not by any guard over single lists: those judge new texts only.
            found.damaged.add(finding.where)


def _judge_popular(
    fresh: Mapping[str, Candidate], good: Mapping[str, Candidate], found: Verdicts
) -> None:
    """Judge new texts of the lists that are themselves a guard."""
    for name, candidate in {**good, **fresh}.items():
        if candidate.spec.use is not Use.POPULAR:
            continue
        source = source_of(candidate.spec)
        try:
            entries = sum(1 for _ in _raw_names(file_feed(candidate)))
            last = candidate.good.entries if candidate.good else None
            finding = guards.size_band(source, Counts(entries=entries), last)
        except ListError as error:
            finding = Finding(guard=error.code, where=name, ok=False)
        if finding.ok:
            continue
        if candidate.new:
            found.refused[name] = finding
        elif finding.guard != "size":
            found.damaged.add(name)


def _popular(used: Mapping[str, Candidate]) -> frozenset[bytes]:
    return frozenset(
        name
        for candidate in used.values()
        if candidate.spec.use is Use.POPULAR
        for name in _raw_names(file_feed(candidate))
    )


def entries_of(candidate: Candidate, compiled: Compiled) -> int:
    """Return how many names of a text were taken."""
    counts = compiled.by_source.get(candidate.spec.id)
    if counts is not None:
        # Those held back are part of the list's size, which the next is compared with.
        return counts.entries + counts.dropped.get("held", 0)
    return sum(1 for _ in _raw_names(file_feed(candidate)))


def _raw_names(feed: Feed) -> Iterator[bytes]:
    lines, grammar = Lines(), Grammar()
    for chunk in feed.chunks():
        yield from (name for _, name in grammar.read(lines.feed(chunk)))
    yield from (name for _, name in grammar.read(lines.finish()))


def names_of_feed(feed: Feed, rules: Rules) -> Iterator[bytes]:
    """Yield the names that a compilation would take from a list."""
    lines, grammar = Lines(), Grammar()
    source: Source = feed.source
    for chunk in feed.chunks():
        for _, name in admit(
            grammar.read(lines.feed(chunk)), source, rules, grammar.tally
        ):
            yield name
    for _, name in admit(grammar.read(lines.finish()), source, rules, grammar.tally):
        yield name
