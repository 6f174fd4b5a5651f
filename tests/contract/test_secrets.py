"""What proves who somebody is stays where it is kept: in one file, read by its owner.

Every verb of accounts is run, well and badly; then all else that the daemon tells or
keeps is searched: its answers, its errors, its log, its other files.
"""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any, cast

import pytest

from guardian.core.errors import GuardianError
from guardian.phrases import sentence
from guardian.verbs.dispatch import GROUPS
from tests.steering import Desk

MARK = "c2VjcmV0Y2FuYXJ5"
HASH = f"scrypt$n=16384,r=8,p=5${MARK}${MARK}{MARK}=="
PASSWORD = "correct horse canary"
VERBS = sorted(v for group in GROUPS for v in group(cast(Any, None)).table())
# The only answers that carry them: to the pages, to whoever invites, to a hand on the
# box.
MAY_TELL = {"accounts", "claim-code", "invite", "password-reset"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_no_secret_leaves_its_file(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []

    def run(verb: str, **args: Any) -> Any:
        try:
            answer = desk.ask(verb, **args)
        except GuardianError as error:
            told.append(f"{error!r} {error.detail} {sentence(error)}")
            return {}
        if verb not in MAY_TELL:
            told.append(json.dumps(answer))
        return answer

    first = run("claim-code")["code"]
    run("claim", code=first, name="Anna", hash=PASSWORD)
    run("claim", code="AAAAAAAA", name="Anna", hash=HASH)
    desk.later(31)
    run("claim", code=first, name="Anna", hash=HASH)
    token = run("invite", role="parent")["token"]
    run("invite-take", token=token, name="", hash=HASH)
    run("invite-take", token=token, name="Tom", hash=HASH)
    run("invite-take", token=token, name="Eve", hash=HASH)
    unused = run("invite", role="carer")["token"]
    for fields in ({"hash": PASSWORD}, {"hash": HASH}, {"name": "Ann", "hash": HASH}):
        run("account-set", id="anna", **fields)
        run("account-set", **fields)
        run("key-set", **{"name": "HA", "scopes": ["read"], **fields})
    code = run("password-reset")["code"]
    run("claim", code=code + "A", name="Anna", hash=HASH)
    for verb in VERBS:
        if verb not in {"claim", "account-drop", "password-reset"}:
            run(verb, person="mia", device="tablet", address="192.168.1.9")
    assert all((code, first, token, unused)) and len(told) > 30
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    kept = [p for p in files if p.name.startswith("accounts.db")]
    told += [p.read_bytes().decode() for p in files if p not in kept]
    told += [record.getMessage() for record in caplog.records]
    wanted = [MARK, PASSWORD, first, code, token, unused]
    found = [s for s in wanted if any(s in one for one in told)]
    assert found == []
    assert kept and all(p.stat().st_mode & 0o777 == 0o600 for p in kept)
    stored = b"".join(p.read_bytes() for p in kept).decode()
    assert not re.search(f"{token}|{unused}", stored), "a token is kept as its digest"
