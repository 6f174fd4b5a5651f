"""Marks of routes: what may be asked for, and finding those without one."""

import pytest
from flask import Flask

from webui.access import (
    BODY_MAX,
    CARER,
    CHILD,
    PARENT,
    PUBLIC,
    TECH,
    Role,
    access_of,
    role,
    unmarked,
)


@pytest.mark.parametrize(
    "roles", [PUBLIC | PARENT, CHILD | PARENT, TECH | CHILD, Role(0)]
)
def test_what_anyone_on_the_network_passes_is_not_mixed_with_accounts(
    roles: Role,
) -> None:
    with pytest.raises(ValueError, match="not a choice of roles"):
        role(roles)


def test_a_mark_is_found_by_its_endpoint() -> None:
    app = Flask(__name__, static_folder=None)

    @app.get("/a")
    @role(PARENT | CARER, secure=True)
    def marked() -> str:
        return ""

    @app.get("/b")
    def bare() -> str:
        return ""

    app.add_url_rule("/c", endpoint="no-view")
    found = access_of(app, "marked")
    assert found is not None
    assert (found.roles, found.secure, found.scope) == (PARENT | CARER, True, None)
    assert (found.body, found.cache) == (BODY_MAX, False)
    assert access_of(app, "bare") is access_of(app, None) is access_of(app, "x") is None
    assert unmarked(app) == ["/b", "/c"]
