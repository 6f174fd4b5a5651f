"""The log of who changed what: bounded in entries, in age and in bytes.

Pure. It holds decisions of parents, never anything a child did. A second parent may
read all of it. Places and values come from `guardian.store.difference`.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

from guardian.core.model import shorten
from guardian.store.difference import Change

ENTRIES_MAX = 500
AGE_MAX = timedelta(days=90)
# The log is rewritten with each change: it must not outweigh the household on flash.
BYTES_MAX = 128 << 10
CHANGES_MAX = 20
Entry = dict[str, object]


def entry(
    changes: tuple[Change, ...], *, by: str, verb: str, revision: int, now: datetime
) -> Entry:
    """Return one log entry as JSON values; `more` counts changes beyond the bound."""
    made: Entry = {
        "at": now.astimezone(timezone.utc).isoformat(timespec="seconds"),
        "by": shorten(by),
        "verb": shorten(verb),
        "revision": revision,
        "changes": [_change(change) for change in changes[:CHANGES_MAX]],
    }
    if len(changes) > CHANGES_MAX:
        made["more"] = len(changes) - CHANGES_MAX
    return made


def prune(entries: list[Entry], now: datetime) -> list[Entry]:
    """Return the entries that are kept at `now`, oldest first, the newest always."""
    kept: list[Entry] = []
    size = 0
    for one in reversed(entries[-ENTRIES_MAX:]):
        size += len(json.dumps(one))
        at = datetime.fromisoformat(str(one["at"]))
        if kept and (size > BYTES_MAX or at < now - AGE_MAX):
            break
        kept.append(one)
    return kept[::-1]


def _change(change: Change) -> Entry:
    values = {"before": change.before, "after": change.after}
    return {
        "place": change.place,
        "what": change.what,
        **{key: value for key, value in values.items() if value is not None},
    }
