"""Who may open a route: one mark on each view function, looked at before it runs.

A route without a mark is refused when the application starts, and at every request as
well (default deny). The marks are data, so that one test walks all routes.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask

# A form of ours is below 2 KiB; the largest page of rules pasted by hand below 40.
BODY_MAX = 64 * 1024
# A restored household: the daemon takes documents up to 1 MB, as a form up to twice it.
UPLOAD_MAX = 2 * 1024 * 1024
_MARK = "guardian_access"

View = TypeVar("View", bound=Callable[..., object])


class Role(enum.Flag):
    """Who asks. CHILD is whoever holds a device: known by address, not signed in."""

    PUBLIC = enum.auto()
    CHILD = enum.auto()
    PARENT = enum.auto()
    CARER = enum.auto()
    TECH = enum.auto()


PUBLIC, CHILD, PARENT, CARER, TECH = Role
SIGNED_IN = PARENT | CARER | TECH


@dataclass(frozen=True, slots=True)
class Access:
    """What one route asks of its visitors.

    scope: API keys with this scope may come too; None: no key may.
    secure: never over plain HTTP, not even where a parent chose plain HTTP.
    body: the longest body in bytes. cache: may be kept by the browser (nothing
    personal, no form in it).
    """

    roles: Role
    scope: str | None = None
    secure: bool = False
    body: int = BODY_MAX
    cache: bool = False

    def __post_init__(self) -> None:
        if not self.roles or (self.roles & (PUBLIC | CHILD) and self.roles & SIGNED_IN):
            # "A child or a parent" would be open to whoever holds a device.
            raise ValueError(f"not a choice of roles: {self.roles}")


def role(
    roles: Role,
    *,
    scope: str | None = None,
    secure: bool = False,
    body: int = BODY_MAX,
    cache: bool = False,
) -> Callable[[View], View]:
    """Mark a view function with who may open it, e.g. ``@role(PARENT | CARER)``.

    It stands below ``@blueprint.route``. Arguments as in `Access`.
    """
    access = Access(roles, scope, secure, body, cache)

    def mark(view: View) -> View:
        setattr(view, _MARK, access)
        return view

    return mark


def access_of(app: Flask, endpoint: str | None) -> Access | None:
    """Return the mark of an endpoint; None for one without, or for no endpoint."""
    found = getattr(app.view_functions.get(endpoint or ""), _MARK, None)
    return found if isinstance(found, Access) else None


def unmarked(app: Flask) -> list[str]:
    """Return the rules of the URL map whose view functions carry no mark, sorted."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if access_of(app, rule.endpoint) is None
    )
