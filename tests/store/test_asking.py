"""Children's requests on disk."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from guardian.core.requests import Answer, Kind, Request, State
from guardian.store.asking import RequestStore
from guardian.store.rows import RowFile

NOW = datetime(2026, 3, 27, 17, 30, 5, 250000, tzinfo=timezone.utc)
FAMILY = "for \U0001f468\u200d\U0001f469\u200d\U0001f467 & <me>"
TIME = Request(
    id="ask-1", person="mia", device="tablet", kind=Kind.TIME, minutes=30, at=NOW
)
SITE = Request(
    id="ask-2",
    person="mia",
    device=None,
    kind=Kind.SITE,
    site="xn--bcher-kva.test",
    text=FAMILY,
    at=NOW,
    state=State.GIVEN,
    answer=Answer(
        by="anna",
        at=NOW,
        words="Enjoy.",
        until=NOW + timedelta(hours=1),
        minutes=60,
        gave="open-1",
        revision=7,
    ),
)
ENDED = Request(
    id="ask-3", person="tom", device=None, kind=Kind.TIME, minutes=1, at=NOW
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "requests.db"


def test_requests_come_back_as_they_were(path: Path) -> None:
    assert RequestStore(path).load() == ()
    RequestStore(path).save((TIME, SITE, ENDED))
    assert RequestStore(path).load() == (TIME, SITE, ENDED)


ROW = {
    "id": "ask-1",
    "person": "mia",
    "kind": "time",
    "minutes": 30,
    "at": NOW.isoformat(),
    "state": "open",
}


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "No Id"},
        {"person": None},
        {"kind": "money"},
        {"minutes": "30"},
        {"minutes": 0},
        {"minutes": True},
        {"site": "game.test"},
        {"at": "yesterday"},
        {"state": "given"},
        {"state": "lost"},
        {"state": "given", "answer": {"by": "anna"}},
        {"state": "given", "answer": "yes"},
        {"answer": {"by": "anna", "at": NOW.isoformat()}},
    ],
)
def test_a_row_that_cannot_be_read_is_left_out(
    path: Path, fields: dict[str, Any]
) -> None:
    RowFile(path).save([{**ROW, **fields}, ROW])
    assert RequestStore(path).load() == (
        Request(
            id="ask-1", person="mia", device=None, kind=Kind.TIME, minutes=30, at=NOW
        ),
    )


def test_words_that_cannot_be_read_are_no_reason_to_lose_a_request(path: Path) -> None:
    RowFile(path).save([{**ROW, "text": 7, "device": "No Id", "extra": 1}])
    (found,) = RequestStore(path).load()
    assert (found.text, found.device) == ("", None)
