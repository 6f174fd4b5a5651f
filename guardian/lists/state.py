"""What is known of each list between two updates, and its JSON form.

Values only; `guardian.lists.staging` reads and writes them. What does not read is taken
as unknown: a list is then fetched again, and the index in force is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The text of a list that was taken. since: when it came into force."""

    fingerprint: str
    entries: int
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The text of a list that was not taken, and which guard stopped it."""

    fingerprint: str
    guard: str
    at: str
    value: float = 0
    limit: float = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is known of one list; instants are ISO 8601 texts, "" for never.

    checked: the last answer of its server. failures: in a row. problem: the code of the
    last failure. etag, modified: of the last text, taken or not. spec: a digest of the
    catalogue's entry that it was fetched by. waiting: the text that came and is yet to
    be judged. held: names of it that are left out (see `guards.held`).
    """

    next: str = ""
    checked: str = ""
    failures: int = 0
    problem: str = ""
    detail: str = ""
    spec: str = ""
    etag: str = ""
    modified: str = ""
    waiting: str = ""
    taken: Version | None = None
    refused: Refusal | None = None
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexState:
    """An index: digest and counts, and the texts of the lists in it.

    job: all that went into it. curated: the part of it that came with the package.
    """

    digest: str
    names: int
    size: int
    since: str
    job: str
    curated: str
    feeds: dict[str, Version] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All of it. added, dropped: lists chosen beside, or against, the defaults.

    next: when the next update is due. ran: the last one; problem: its code, or "".
    back: the index in force was put back by hand.
    """

    next: str = ""
    ran: str = ""
    problem: str = ""
    detail: str = ""
    back: bool = False
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    feeds: dict[str, FeedState] = field(default_factory=dict)
    index: IndexState | None = None
    previous: IndexState | None = None

    def fingerprints(self) -> Iterator[tuple[str, str]]:
        """Yield (list, fingerprint) of all texts that are, were or may be in force."""
        for index in (self.index, self.previous):
            if index is not None:
                for name, version in index.feeds.items():
                    yield name, version.fingerprint
        for name, feed in self.feeds.items():
            yield name, feed.waiting
            if feed.taken is not None:
                yield name, feed.taken.fingerprint

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"schema": 1, **asdict(self)}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> State:
        """Return the state; what does not read is left out."""
        feeds = raw.get("feeds")
        try:
            return cls(
                next=_instant(raw.get("next")),
                ran=_instant(raw.get("ran")),
                problem=str(raw.get("problem", "")),
                detail=str(raw.get("detail", "")),
                back=raw.get("back") is True,
                added=_texts(raw.get("added")),
                dropped=_texts(raw.get("dropped")),
                feeds={
                    str(name): feed
                    for name, value in sorted(
                        feeds.items() if isinstance(feeds, dict) else ()
                    )
                    if (feed := _feed(value)) is not None
                },
                index=_index(raw.get("index")),
                previous=_index(raw.get("previous")),
            )
        except (TypeError, ValueError):
            return cls()


def instant(text: str) -> datetime | None:
    """Return the instant of a text of the state, or None for never."""
    return datetime.fromisoformat(text) if text else None


def _instant(value: object) -> str:
    """Return an aware instant's text, or "" for anything else."""
    try:
        return str(value) if datetime.fromisoformat(str(value)).tzinfo else ""
    except ValueError:
        return ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _feed(raw: Any) -> FeedState | None:
    try:
        taken, refused = raw.get("taken"), raw.get("refused")
        return FeedState(
            next=_instant(raw["next"]),
            checked=_instant(raw["checked"]),
            failures=int(raw["failures"]),
            problem=str(raw["problem"]),
            detail=str(raw["detail"]),
            spec=str(raw["spec"]),
            etag=str(raw["etag"]),
            modified=str(raw["modified"]),
            waiting=_hex(raw["waiting"]),
            taken=None if taken is None else _version(taken),
            refused=None if refused is None else _refusal(refused),
            held=_texts(raw["held"]),
        )
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


def _version(raw: Any) -> Version:
    return Version(
        fingerprint=_hex(raw["fingerprint"]),
        entries=int(raw["entries"]),
        since=_instant(raw["since"]),
    )


def _refusal(raw: Any) -> Refusal:
    return Refusal(
        fingerprint=_hex(raw["fingerprint"]),
        guard=str(raw["guard"]),
        at=_instant(raw["at"]),
        value=float(raw["value"]),
        limit=float(raw["limit"]),
        names=_texts(raw["names"]),
    )


def _index(raw: Any) -> IndexState | None:
    if raw is None:
        return None
    try:
        return IndexState(
            digest=_hex(raw["digest"]),
            names=int(raw["names"]),
            size=int(raw["size"]),
            since=_instant(raw["since"]),
            job=_hex(raw["job"]),
            curated=_hex(raw["curated"]),
            feeds={str(name): _version(v) for name, v in raw["feeds"].items()},
        )
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


def _hex(value: object) -> str:
    """Return a digest's text; it becomes part of file names. ValueError."""
    return bytes.fromhex(str(value)).hex()
