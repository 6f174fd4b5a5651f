"""What the tests of the schedule share: windows and readings of Berlin's clock."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from guardian.core import schedule
from guardian.core.model import Calendar, Window, WindowException, WindowKind

BERLIN = ZoneInfo("Europe/Berlin")
CALENDAR = Calendar()
EVERY = ("school", "weekend")
BEDTIME, HOMEWORK = WindowKind.BEDTIME, WindowKind.HOMEWORK


def minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def window(
    id: str,
    start: str,
    end: str,
    kind: WindowKind = BEDTIME,
    days: tuple[str, ...] = EVERY,
) -> Window:
    return Window(id=id, kind=kind, days=days, start=minutes(start), end=minutes(end))


def change(
    on: str,
    start: int | None = None,
    end: int | None = None,
    kind: WindowKind = BEDTIME,
    off: bool = False,
    id: str = "x",
) -> WindowException:
    return WindowException(
        id=id,
        person="mia",
        on=date.fromisoformat(on),
        kind=kind,
        start=start,
        end=end,
        off=off,
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def line(
    windows: tuple[Window, ...],
    now: str,
    horizon: timedelta = timedelta(days=1),
    exceptions: tuple[WindowException, ...] = (),
    calendar: Calendar = CALENDAR,
) -> list[tuple[str, str]]:
    """Return the timeline as (local time with offset, ids)."""
    found = schedule.timeline(windows, exceptions, calendar, BERLIN, utc(now), horizon)
    return [
        (at.isoformat(timespec="minutes"), " ".join(w.id for w in ws))
        for at, ws in found
    ]


NIGHT = window("night", "21:00", "30:30")
