"""What children have asked for, on disk: a file of its own, not in the household's.

So a child's words are in no export, and a change of the household rewrites none of
them. A row that cannot be read is left out.
"""

from __future__ import annotations

from pathlib import Path

from guardian.core.requests import (
    MINUTES_MAX,
    WORDS_MAX,
    Answer,
    Kind,
    Request,
    Requests,
    State,
    clean_text,
)
from guardian.store.atomic import SYSTEM, Syscalls
from guardian.store.fields import (
    Findings,
    Item,
    Node,
    as_host,
    as_id,
    as_instant,
    as_text,
    one_of,
)
from guardian.store.rows import Row, RowFile

_REQUEST = frozenset(
    {"id", "person", "device", "kind", "minutes", "site", "text", "at", "state"}
    | {"answer"}
)
_ANSWER = frozenset({"by", "at", "words", "until", "minutes", "gave"} | {"revision"})


class RequestStore:
    """The requests of one household; see `RowFile` for what it raises."""

    def __init__(self, path: Path, syscalls: Syscalls = SYSTEM) -> None:
        self._file = RowFile(path, syscalls)

    def load(self) -> Requests:
        """Return all requests, oldest first."""
        found = [_read(row) for row in self._file.load()]
        return tuple(one for one in found if one is not None)

    def save(self, requests: Requests) -> None:
        """Make the requests durable."""
        self._file.save([_row(one) for one in requests])


def _row(one: Request) -> Row:
    return {
        "id": one.id,
        "person": one.person,
        "device": one.device,
        "kind": one.kind.value,
        "minutes": one.minutes,
        "site": one.site,
        "text": one.text,
        "at": one.at.isoformat(),
        "state": one.state.value,
        "answer": _answer_row(one.answer) if one.answer else None,
    }


def _answer_row(answer: Answer) -> Row:
    return {
        "by": answer.by,
        "at": answer.at.isoformat(),
        "words": answer.words,
        "until": answer.until.isoformat() if answer.until else None,
        "minutes": answer.minutes,
        "gave": answer.gave or None,
        "revision": answer.revision or None,
    }


def _read(row: Row) -> Request | None:
    # Null says the same as a field that is not there.
    node = _node(row, _REQUEST)
    request_id, person = node.need("id", as_id), node.need("person", as_id)
    kind = node.need("kind", one_of(Kind, "unknown-kind"))
    at, state = node.need("at", as_instant), node.need("state", one_of(State, "bad"))
    answer = _read_answer(row["answer"]) if node.has("answer") else None
    if request_id is None or person is None or kind is None:
        return None
    if at is None or state is None:
        return None
    try:
        return Request(
            id=request_id,
            person=person,
            device=node.take("device", as_id, None),
            kind=kind,
            minutes=node.take("minutes", _minutes, None),
            site=node.take("site", as_host, None),
            text=node.take("text", _words, ""),
            at=at,
            state=state,
            answer=answer,
        )
    except ValueError:
        return None


def _read_answer(row: object) -> Answer | None:
    node = _node(row if isinstance(row, dict) else {}, _ANSWER)
    by, at = node.need("by", as_text), node.need("at", as_instant)
    if by is None or at is None:
        return None
    return Answer(
        by=by,
        at=at,
        words=node.take("words", _words, ""),
        until=node.take("until", as_instant, None),
        minutes=node.take("minutes", _minutes, None),
        gave=node.take("gave", as_id, ""),
        revision=node.take("revision", _revision, 0),
    )


def _node(row: Row, known: frozenset[str]) -> Node:
    told = {key: value for key, value in row.items() if value is not None}
    return Node(Findings(), Item(told, "", ()), known)


def _minutes(value: object) -> int:
    if type(value) is not int or not 0 < value <= MINUTES_MAX:
        raise ValueError("bad-duration")
    return value


def _revision(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("bad-revision")
    return value


def _words(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not-text")
    return clean_text(value, WORDS_MAX)
