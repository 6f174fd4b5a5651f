"""Have an iCalendar text read by a process that ends at once (guardian.icalimport).

The daemon never loads that library, and no text holds it up: input, time and answer are
bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from datetime import date
from typing import Any

from guardian.core.errors import PlatformError
from guardian.icalimport import INPUT_MAX

# The child ends itself after ten seconds of work.
CHILD_S = 20.0
_KEYS = ("days", "skipped")


async def read_calendar(text: str, today: date, zone: str) -> dict[str, Any]:
    """Return {"days": [{first, last, name}], "skipped": [{line, why}]}.

    Raises PlatformError: "calendar-too-large"; "calendar-unreadable" where nothing of
    it is an event, or the process failed.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > INPUT_MAX:
        raise PlatformError("calendar-too-large", f"at most {INPUT_MAX} bytes")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "guardian.icalimport"),
        *("--today", today.isoformat(), "--zone", zone),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(CHILD_S):
            said, _ = await process.communicate(data)
    except (TimeoutError, asyncio.CancelledError) as error:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if isinstance(error, asyncio.CancelledError):
            raise
        raise PlatformError("calendar-unreadable", "it took too long") from None
    try:
        found = json.loads(said)
    except ValueError:
        found = {}
    if process.returncode or not isinstance(found, dict) or set(found) != {*_KEYS}:
        raise PlatformError("calendar-unreadable")
    return found
