"""The interface for programs, over the real verbs: keys, scopes, no surprises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import checks

from tests.fakes.desk import DeskDaemon
from tests.fakes.family import ACCOUNTS
from tests.webui.browser import HTTPS, application
from webui import passwords
from webui.views import api

SECRET = "a-long-random-secret"
KEYS = [
    {"id": "k1", "name": "HA", "scopes": ["read", "change"]},
    {"id": "k2", "name": "Panel", "scopes": ["read"]},
]
HASH = passwords.make_hash(SECRET, p=1)
BOOK = {**ACCOUNTS, "keys": [{**key, "hash": HASH} for key in KEYS]}


class Program:
    """A program of the household's with an app password."""

    def __init__(self, folder: Path) -> None:
        self.daemon = DeskDaemon(folder, fixed={"accounts": BOOK})
        self.app = application(folder, self.daemon)
        self.client = self.app.test_client(use_cookies=False)

    def ask(
        self, method: str, path: str, key: str | None = "k1", **options: Any
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {key}.{SECRET}"} if key else {}
        found = self.client.open(
            api.BASE + path, method=method, base_url=HTTPS, headers=headers, **options
        )
        return found.status_code, found.get_json(silent=True)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_pause_grant_and_undo(program: Program) -> None:
    status, said = program.ask("POST", "/people/mia/pause", json={"for": "30m"})
    assert status == 200 and said["enforced"]
    status, mia = program.ask("GET", "/people/mia")
    assert mia["decision"]["reason"] == "PAUSED"
    assert program.ask("POST", f"/undo/{said['revision']}")[0] == 200
    status, mia = program.ask("GET", "/people/mia")
    assert mia["decision"]["verdict"] == "allow"
    status, said = program.ask("POST", "/people/mia/grant", json={"for": "15m"})
    assert status == 200 and said["enforced"]


def test_without_a_key_and_beyond_its_scopes(program: Program) -> None:
    assert program.ask("GET", "/overview", key=None)[0] == 401
    assert program.ask("GET", "/overview", key="k9")[0] == 401
    assert program.ask("GET", "/overview", key="k2")[0] == 200
    for one in api.OPERATIONS:
        if one.scope == api.CHANGE:
            path = one.path.replace("{revision}", "1").replace("{", "").replace("}", "")
            assert program.ask("POST", path, key="k2")[0] in (401, 403), path


def test_errors_are_codes_and_words(program: Program) -> None:
    status, said = program.ask("GET", "/people/nobody")
    assert status == 404 and said["code"] == "no-such-person"
    status, said = program.ask("POST", "/people/mia/grant", json={"for": "x"})
    assert status == 400 and said["says"].startswith("for:")
    status, said = program.ask("POST", "/people/mia/grant", data="{")
    assert status == 415
    status, said = program.ask("GET", "/nowhere")
    assert status == 404 and said["code"] == "http-404"


OPERATIONS = [one.id for one in api.OPERATIONS]


@pytest.mark.parametrize("number", range(len(OPERATIONS)), ids=OPERATIONS)
def test_no_surprise_for_any_input(tmp_path: Path, number: int) -> None:
    """No 500, nothing undocumented, no leak, whatever is sent."""
    program = Program(tmp_path)
    schema = schemathesis.openapi.from_wsgi(
        f"{api.BASE}/openapi.json", program.app.wsgi_app, base_url=HTTPS + api.BASE
    )
    operations = {
        one.ok().definition.raw["operationId"]: one.ok()
        for one in schema.get_all_operations()
    }
    operation = operations[OPERATIONS[number]]
    checked = 0

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def anything(case: Any) -> None:
        nonlocal checked
        answer = case.call(headers={"Authorization": f"Bearer k1.{SECRET}"})
        case.validate_response(
            answer,
            checks=[
                checks.not_a_server_error,
                checks.status_code_conformance,
                checks.content_type_conformance,
                checks.response_schema_conformance,
            ],
        )
        assert "Traceback" not in answer.text and HASH not in answer.text
        checked += answer.status_code != 401

    anything()
    assert checked > 0
