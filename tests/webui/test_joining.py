"""Who has just chosen a password is signed in, and only they."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.daemon import FakeDaemon
from tests.webui.browser import HTTPS, application
from webui import joining
from webui.visitors import signed_in


def test_the_account_made_a_moment_ago_is_found(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    app = application(tmp_path, daemon)
    with app.test_request_context("/", base_url=HTTPS):
        joining.sign_in("anna")
        new = {**daemon.answers["accounts"]["accounts"][0], "id": "eva", "name": "Eva"}
        daemon.answers["accounts"]["accounts"].append(new)
        assert joining.sign_in("eva").id == "eva"
        found = signed_in()
        assert found is not None and found.account is not None
        assert found.account.id == "eva"


def test_an_account_that_is_none(tmp_path: Path) -> None:
    app = application(tmp_path)
    with app.test_request_context("/", base_url=HTTPS):
        with pytest.raises(LookupError):
            joining.sign_in("nobody")
        assert signed_in() is None
