"""Windows on the wall clock: which are active at an instant, and when that changes.

The rule: a window is active at an instant exactly when the local reading (date and
minute) of that instant lies in [start, end), counted from the midnight of a date whose
day type is among the window's days; `end` may pass 24:00, into the next date. So a
skipped minute cannot match (a window that starts in the lost hour opens at the first
minute that exists), and a repeated hour matches twice (PEP 495, fold 0 and fold 1).

A bedtime that starts after noon goes by the day type of the next date: "school" is the
night before a school day: Sunday evening is a school night and Friday evening is not.

A `WindowException` changes the windows of its kind that start on its date, and nothing
else: `off` drops them; `start` and `end`, minutes after that date's midnight like the
window's own, take the place of theirs (00:30 that night is 1470, not 30). It adds no
window to a date that has none. What is left empty (start >= end: homework 15:00-17:00
"not before 18:00") is gone for that date, what passes the end of the next date is cut
there. Of several for one date and kind the last in the tuple holds, whole.

Must not read a clock. Inside, instants are POSIX seconds: arithmetic on aware datetimes
of one zone ignores the offset, and comparing them ignores `fold`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from guardian.core.calendar import day_type
from guardian.core.memo import Memo
from guardian.core.model import DAY, Calendar, Window, WindowException, WindowKind

# A week and a day: every weekday's windows once, whatever the hour of asking.
HORIZON = timedelta(days=8)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_DAY_S = 60 * DAY
# Outside, a neighbouring date or a local reading would leave datetime's range.
_FIRST = (3 - _EPOCH_ORDINAL) * _DAY_S
_LAST = (date.max.toordinal() - 1 - _EPOCH_ORDINAL) * _DAY_S
# A household has one calendar and some windows a person; 250 people fit twice over.
_PLANS = 512
_DAYS_PER_PLAN = 64
_DATES = 1024

# A change to one kind on one date: kind, start, end, off.
_Change = tuple[WindowKind, int | None, int | None, bool]
_Changes = tuple[_Change, ...]
# Day types of the date before, of the date and of the next.
_Types = tuple[str, str, str]
# These, and what is changed on the date before and on the date.
_DayKey = tuple[_Types, _Changes, _Changes]
# Minutes at which a stretch begins, the first 0; for each the bits of active windows.
_Day = tuple[tuple[int, ...], tuple[int, ...]]


def active(
    windows: tuple[Window, ...],
    exceptions: tuple[WindowException, ...],
    calendar: Calendar,
    zone: ZoneInfo,
    now: datetime,
) -> tuple[Window, ...]:
    """Return the windows that are active at `now`, sorted by (kind, id).

    windows: any order, may overlap; a changed one is returned as it was given.
    exceptions: those of the one person the windows belong to.
    Raises ValueError for a naive `now`, or one at the rim of datetime's range.
    """
    plan = _plans(windows)
    _, mask = next(_walk(plan, exceptions, calendar, zone, _seconds(now)))
    return plan.windows_of(mask)


def timeline(
    windows: tuple[Window, ...],
    exceptions: tuple[WindowException, ...],
    calendar: Calendar,
    zone: ZoneInfo,
    now: datetime,
    horizon: timedelta = HORIZON,
) -> Iterator[tuple[datetime, tuple[Window, ...]]]:
    """Yield (`now`, active windows), then each change of them before `now + horizon`.

    Instants are aware, in `zone`, exact to the second. Otherwise like `active`.
    """
    plan, begin = _plans(windows), _seconds(now)
    line = _walk(plan, exceptions, calendar, zone, begin)
    return _timeline(plan, line, _limit(begin, horizon), now.astimezone(zone), zone)


def next_boundary(
    windows: tuple[Window, ...],
    exceptions: tuple[WindowException, ...],
    calendar: Calendar,
    zone: ZoneInfo,
    now: datetime,
    horizon: timedelta = HORIZON,
) -> datetime | None:
    """Return the first instant after `now` at which `active` changes as a set.

    The result is aware, in `zone`; None if nothing changes before `now + horizon`. In a
    repeated hour it equals no datetime of another zone (PEP 495): compare in UTC.
    """
    plan, begin = _plans(windows), _seconds(now)
    limit = _limit(begin, horizon)
    line = _walk(plan, exceptions, calendar, zone, begin)
    _, first = next(line)
    for at, mask in line:
        if at >= limit:
            return None
        if mask != first:
            return datetime.fromtimestamp(at, zone)
    return None


def next_closed(
    windows: tuple[Window, ...],
    exceptions: tuple[WindowException, ...],
    calendar: Calendar,
    zone: ZoneInfo,
    kinds: frozenset[WindowKind],
    now: datetime,
    horizon: timedelta = HORIZON,
) -> datetime | None:
    """Return the first whole second after `now` at which a window of `kinds` is active.

    That is the very next second while one is active: a lease made from it is short, not
    long. Otherwise like `next_boundary`.
    """
    plan, begin = _plans(windows), _seconds(now)
    wanted = plan.mask_of(kinds)
    for at, mask in _after(plan, exceptions, calendar, zone, begin, horizon):
        if mask & wanted:
            return datetime.fromtimestamp(at, zone)
    return None


def next_open(
    windows: tuple[Window, ...],
    exceptions: tuple[WindowException, ...],
    calendar: Calendar,
    zone: ZoneInfo,
    kinds: frozenset[WindowKind],
    now: datetime,
    horizon: timedelta = HORIZON,
) -> datetime | None:
    """Return the first whole second after `now` at which none of `kinds` is active.

    That is the very next second while none is. Otherwise like `next_boundary`.
    """
    plan, begin = _plans(windows), _seconds(now)
    wanted = plan.mask_of(kinds)
    for at, mask in _after(plan, exceptions, calendar, zone, begin, horizon):
        if not mask & wanted:
            return datetime.fromtimestamp(at, zone)
    return None


def on_date(
    windows: tuple[Window, ...],
    exceptions: tuple[WindowException, ...],
    calendar: Calendar,
    day: date,
) -> tuple[tuple[Window, int, int], ...]:
    """Return the windows that start on a date, each with its start and end there.

    Minutes after the date's midnight; an end may lie on the next date. Sorted by start.
    """
    _, today, tomorrow = _around(_types(calendar), calendar, day.toordinal())
    changed = _changes(exceptions).get(day.toordinal(), ())
    found = []
    for window in windows:
        if (tomorrow if _is_night(window) else today) in window.days:
            start, end = _span(window, changed)
            if start < end:
                found.append((window, start, end))
    return tuple(sorted(found, key=lambda f: (f[1], f[2], f[0].kind, f[0].id)))


class _Plan:
    """One person's windows, each a bit, compiled to the stretches of a date."""

    def __init__(self, windows: tuple[Window, ...]) -> None:
        # The days and times only make the order of equal ids independent of storage.
        self.windows = sorted(
            windows, key=lambda w: (w.kind, w.id, w.days, w.start, w.end)
        )
        self._days: dict[_DayKey, _Day] = {}
        self._sets: dict[int, tuple[Window, ...]] = {}
        self._kinds: dict[frozenset[WindowKind], int] = {}

    def windows_of(self, mask: int) -> tuple[Window, ...]:
        """Return the windows whose bits are set; each mask comes from `day`."""
        found = self._sets.get(mask)
        if found is None:
            if len(self._sets) >= _DATES:
                self._sets.clear()
            found = tuple(w for i, w in enumerate(self.windows) if mask >> i & 1)
            self._sets[mask] = found
        return found

    def mask_of(self, kinds: frozenset[WindowKind]) -> int:
        """Return the bits of every window of `kinds`."""
        found = self._kinds.get(kinds)
        if found is None:
            bits = (1 << i for i, w in enumerate(self.windows) if w.kind in kinds)
            found = self._kinds[kinds] = sum(bits)
        return found

    def day(self, key: _DayKey) -> _Day:
        """Return the stretches of a date with these day types and changes."""
        found = self._days.get(key)
        if found is None:
            if len(self._days) >= _DAYS_PER_PLAN:
                self._days.clear()
            found = self._days[key] = self._compile(key)
        return found

    def _compile(self, key: _DayKey) -> _Day:
        (before, today, tomorrow), changed_before, changed_today = key
        spans: list[tuple[int, int, int]] = []
        for i, window in enumerate(self.windows):
            night = _is_night(window)
            if (today if night else before) in window.days:
                start, end = _span(window, changed_before)
                spans.append((max(start - DAY, 0), end - DAY, 1 << i))
            if (tomorrow if night else today) in window.days:
                start, end = _span(window, changed_today)
                spans.append((start, min(end, DAY), 1 << i))
        spans = [span for span in spans if span[0] < span[1]]
        edges = sorted({0, DAY, *(s for s, _, _ in spans), *(e for _, e, _ in spans)})
        place = {minute: i for i, minute in enumerate(edges)}
        masks = [0] * len(edges)
        for start, end, bit in spans:
            for i in range(place[start], place[end]):
                masks[i] |= bit
        kept = [i for i in range(len(edges) - 1) if i == 0 or masks[i] != masks[i - 1]]
        return tuple(edges[i] for i in kept), tuple(masks[i] for i in kept)


def _is_night(window: Window) -> bool:
    return window.kind is WindowKind.BEDTIME and window.start >= DAY // 2


def _span(window: Window, changes: _Changes) -> tuple[int, int]:
    """Return [start, end) within two dates; start >= end when the window is off."""
    for kind, start, end, off in changes:
        if kind is window.kind:
            if off:
                return 0, 0
            return (
                max(window.start if start is None else start, 0),
                min(window.end if end is None else end, 2 * DAY),
            )
    return window.start, window.end


def _timeline(
    plan: _Plan,
    line: Iterator[tuple[int, int]],
    limit: int,
    now: datetime,
    zone: ZoneInfo,
) -> Iterator[tuple[datetime, tuple[Window, ...]]]:
    _, last = next(line)
    yield now, plan.windows_of(last)
    for at, mask in line:
        if at >= limit:
            return
        if mask != last:
            last = mask
            yield datetime.fromtimestamp(at, zone), plan.windows_of(mask)


def _after(
    plan: _Plan,
    exceptions: tuple[WindowException, ...],
    calendar: Calendar,
    zone: ZoneInfo,
    begin: int,
    horizon: timedelta,
) -> Iterator[tuple[int, int]]:
    """Yield what `_walk` does from the next second on, up to the horizon."""
    limit = _limit(begin, horizon)
    for at, mask in _walk(plan, exceptions, calendar, zone, begin + 1):
        if at >= limit:
            return
        yield at, mask


def _walk(
    plan: _Plan,
    exceptions: tuple[WindowException, ...],
    calendar: Calendar,
    zone: ZoneInfo,
    begin: int,
) -> Iterator[tuple[int, int]]:
    """Yield (second, bits of active windows) at `begin` and wherever they may change.

    Neighbours may carry the same bits. Ends at the end of datetime's range.
    """
    if not plan.windows:
        yield begin, 0
        return
    types = _types(calendar)
    changes = _changes(exceptions) if exceptions else {}
    for utc_day in range(begin // _DAY_S, _LAST // _DAY_S):
        for start, end, midnight, day in _stretches(zone, utc_day):
            if end <= begin:
                continue
            around = types.get(day) or _around(types, calendar, day)
            edges, masks = plan.day(
                (around, changes.get(day - 1, ()), changes.get(day, ()))
            )
            at = max(start, begin)
            i = bisect_right(edges, (at - midnight) // 60) - 1
            yield at, masks[i]
            for i in range(i + 1, len(edges)):
                at = midnight + 60 * edges[i]
                if at >= end:
                    break
                yield at, masks[i]


def _changes(exceptions: tuple[WindowException, ...]) -> dict[int, _Changes]:
    """Return what is changed by date ordinal; the last of a date and kind holds."""
    last = {(e.on.toordinal(), e.kind): e for e in exceptions}
    found: dict[int, _Changes] = {}
    for (day, kind), e in sorted(last.items(), key=lambda item: item[0]):
        found[day] = *found.get(day, ()), (kind, e.start, e.end, e.off)
    return found


def _around(types: dict[int, _Types], calendar: Calendar, day: int) -> _Types:
    """Return the day types of the dates before, at and after `day`, and keep them."""
    if len(types) >= _DATES:
        types.clear()
    before, today, tomorrow = (
        day_type(calendar, date.fromordinal(day + n)) for n in (-1, 0, 1)
    )
    types[day] = before, today, tomorrow
    return types[day]


@lru_cache(maxsize=_DATES)
def _stretches(zone: ZoneInfo, utc_day: int) -> tuple[tuple[int, int, int, int], ...]:
    """Return the parts of a UTC day in which the local clock runs evenly on one date.

    Each: first second, end, the second at which that date's midnight is or would be by
    the offset in force, and the date's ordinal. Two on a common day, three or four
    with a transition. Two transitions in one hour, unknown to tz, would be missed.
    """
    begin, stop = utc_day * _DAY_S, (utc_day + 1) * _DAY_S
    offset = _offset(zone, begin)
    turns = [(begin, offset)]
    for hour in range(begin + 3600, stop + 3600, 3600):
        before, offset = offset, _offset(zone, hour)
        if offset != before:
            turns.append((_turn(zone, hour - 3600, hour), offset))
    ends = [at for at, _ in turns[1:]] + [stop]
    found: list[tuple[int, int, int, int]] = []
    for (at, offset), end in zip(turns, ends):
        while at < end:
            day = (at + offset) // _DAY_S
            midnight = day * _DAY_S - offset
            until = min(midnight + _DAY_S, end)
            found.append((at, until, midnight, day + _EPOCH_ORDINAL))
            at = until
    return tuple(found)


def _turn(zone: ZoneInfo, low: int, high: int) -> int:
    """Return the first second in (low, high] that has the offset of `high`."""
    new = _offset(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == new:
            high = middle
        else:
            low = middle
    return high


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    assert offset is not None  # A ZoneInfo always knows it for a datetime.
    return offset.days * _DAY_S + offset.seconds


def _seconds(now: datetime) -> int:
    """Return the whole POSIX second of `now`; all boundaries lie on whole seconds."""
    if now.utcoffset() is None:
        raise ValueError("instant-without-zone")
    since = now - _EPOCH
    second = since.days * _DAY_S + since.seconds
    if not _FIRST <= second < _LAST - _DAY_S:
        raise ValueError(f"instant-out-of-range: {now.isoformat()}")
    return second


def _limit(begin: int, horizon: timedelta) -> int:
    return begin + horizon.days * _DAY_S + horizon.seconds


_plans: Memo[tuple[Window, ...], _Plan] = Memo(_Plan, _PLANS)
_types: Memo[Calendar, dict[int, _Types]] = Memo(lambda _: {}, 16)
