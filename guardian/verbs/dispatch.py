"""Put the verbs of all groups into one table, and run them.

Each is one small function over the service; reading verbs change nothing, changing
verbs go through `Service.change`, so that each is stored, audited and enforced, in this
order. Whatever the arguments are, only GuardianError leaves `handle`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from guardian.core.errors import ControlError, GuardianError
from guardian.service import Service
from guardian.verbs.accounts import Accounts
from guardian.verbs.allowances import Allowances
from guardian.verbs.asking import Asking
from guardian.verbs.calendar import Days
from guardian.verbs.desk import Desk, Json, Outside
from guardian.verbs.family import Family
from guardian.verbs.history import History
from guardian.verbs.me import Me
from guardian.verbs.pages import Pages
from guardian.verbs.reading import Reading
from guardian.verbs.running import Running
from guardian.verbs.sites import Sites
from guardian.verbs.why import Why
from guardian.verbs.windows import Windows

# What each argument must be where it is given; unknown ones are ignored, so that a
# newer client can speak to an older daemon.
KINDS: dict[str, type] = {
    "access": str,
    "action": str,
    "address": str,
    "all": bool,
    "at": str,
    "band": str,
    "birth": str,
    "blocks": list,
    "clock24": bool,
    "code": str,
    "country": str,
    "day_change": str,
    "day_type": str,
    "days": list,
    "device": str,
    "end": str,
    "etag": str,
    "exempt": bool,
    "first": str,
    "hash": str,
    "id": str,
    "kind": str,
    "label": str,
    "language": str,
    "last": str,
    "lifts": str,
    "limit": int,
    "minutes": int,
    "name": str,
    "names": list,
    "new_devices": str,
    "off": bool,
    "on": str,
    "only": str,
    "packs": str,
    "person": str,
    "refusal": str,
    "revision": int,
    "role": str,
    "safe_search": str,
    "same_as": str,
    "save": bool,
    "scopes": list,
    "site": str,
    "span": str,
    "start": str,
    "text": str,
    "timeout": int,
    "timezone": str,
    "token": str,
    "until": str,
    "week": list,
    "why": str,
    "words": str,
    "youtube": str,
}
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
GROUPS = (
    Reading,
    Pages,
    Allowances,
    Sites,
    Windows,
    Family,
    Days,
    History,
    Running,
    Me,
    Asking,
    Why,
    Accounts,
)
# Verbs that only the pages call: they hand over what a page shows in one answer, or
# change what a person at a console changes by the household's document, so that
# guardianctl has no command for them.
WEB_ONLY = frozenset("""
    account-drop
    account-set
    accounts
    answer
    ask
    calendar
    calendar-add
    calendar-drop
    calendar-import
    calendar-week
    claim
    device-drop
    device-set
    home-set
    log
    invite
    invite-take
    key-drop
    key-set
    me
    open
    overview
    person
    person-drop
    person-set
    preview
    protection
    undo
    visitor
    window-default
    window-drop
    window-set
    why
    """.split())


class Verbs:
    """All verbs; `handle` is what the control server calls.

    outside: what only the shell knows (discovery, platform), as functions.
    """

    def __init__(self, service: Service, outside: Outside) -> None:
        desk = Desk(service, outside)
        self._table: dict[str, Callable[[Json, str], Any]] = {}
        for group in GROUPS:
            self._table |= group(desk).table()

    async def handle(self, verb: str, args: Json, peer: str) -> Any:
        """Run one verb; raises GuardianError for whatever cannot be done."""
        run = self._table.get(verb)
        if run is None:
            raise ControlError("unknown-verb", verb[:40])
        args = {key: value for key, value in args.items() if value is not None}
        for key, kind in KINDS.items():
            if key in args and type(args[key]) is not kind:
                raise GuardianError("bad-argument", key)
        try:
            found = run(args, peer)
            # What takes its time lets the daemon go on meanwhile.
            return await found if isinstance(found, Awaitable) else found
        except KeyError as error:
            raise GuardianError("needs-arguments", str(error)[:200]) from None
        except (ValueError, OverflowError) as error:
            code, _, detail = str(error).partition(": ")
            if not _CODE.match(code):
                code, detail = "bad-argument", str(error)
            raise GuardianError(code, detail[:200]) from None
