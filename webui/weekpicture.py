"""The picture of a week as SVG: a row for each date, a bar for each window. Pure.

Read-only, drawn with attributes and the sheet's classes, so that it needs no style of
its own; the same stands in a table beside it. Kinds differ in height as well as in
colour. Right-to-left pages show the same picture: time runs from left to right in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

LEFT, WIDTH, ROW, TOP = 44, 320, 22, 18
# A row holds a date and the next morning, so that a night is one bar.
SHOWN_MIN = 36 * 60
_HOURS = 6 * 60
# Kind -> (class, share of the row's height).
_LOOK = {
    "bedtime": ("fill-off", 1.0),
    "offline": ("fill-off", 0.75),
    "homework": ("fill-part", 0.5),
    "sites": ("fill-part", 0.25),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One window on one date. start, end: minutes after that date's midnight."""

    kind: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One date. now: the minute it is on this date, None on all others."""

    name: str
    bars: tuple[Bar, ...] = ()
    now: int | None = None


def picture(
    rows: Sequence[Row], hours: Mapping[int, str], title: str, desc: str
) -> Markup:
    """Return the SVG of a week.

    hours: minute -> what its line is called, in steps of six hours. title, desc: what
    a screen reader says in place of it.
    """
    last = max([SHOWN_MIN, *(bar.end for row in rows for bar in row.bars)])
    shown = min(-(-last // _HOURS) * _HOURS, 48 * 60)
    scale = (WIDTH - LEFT - 2) / shown
    height = TOP + ROW * len(rows) + 2
    parts = [
        f'<svg class="strip" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="week-title week-desc" direction="ltr">'
        f'<title id="week-title">{escape(title)}</title>'
        f'<desc id="week-desc">{escape(desc)}</desc>'
    ]
    for at in range(0, shown + 1, _HOURS):
        x = _number(LEFT + at * scale)
        anchor = "start" if not at else "end" if at == shown else "middle"
        parts.append(
            f'<line class="fill-line" x1="{x}" x2="{x}" y1="{TOP - 4}" '
            f'y2="{height - 2}"{_width(at)}/>'
            f'<text x="{x}" y="11" text-anchor="{anchor}">'
            f'{escape(hours.get(at, ""))}</text>'
        )
    for number, row in enumerate(rows):
        parts.append(_row(row, TOP + ROW * number, scale, shown))
    return Markup("".join(parts) + "</svg>")


def _row(row: Row, top: int, scale: float, shown: int) -> str:
    parts = [f'<text x="0" y="{top + 15}">{escape(row.name)}</text>']
    for bar in row.bars:
        look, share = _LOOK.get(bar.kind, ("fill-part", 0.25))
        tall = (ROW - 6) * share
        start, end = min(bar.start, shown), min(bar.end, shown)
        parts.append(
            f'<rect class="{look}" x="{_number(LEFT + start * scale)}" '
            f'y="{_number(top + 3 + (ROW - 6 - tall) / 2)}" '
            f'width="{_number((end - start) * scale)}" height="{_number(tall)}" '
            f'rx="3"><title>{escape(bar.text)}</title></rect>'
        )
    if row.now is not None:
        x = _number(LEFT + row.now * scale)
        parts.append(
            f'<line class="fill-now" x1="{x}" x2="{x}" y1="{top}" y2="{top + ROW}"/>'
        )
    return "".join(parts)


def swatch(kind: str) -> Markup:
    """Return a small bar as a kind of window has it, for the words beside it."""
    look, share = _LOOK.get(kind, ("fill-part", 0.25))
    tall = (ROW - 6) * share
    return Markup(
        f'<svg width="28" height="16" viewBox="0 0 28 16" aria-hidden="true">'
        f'<rect class="{look}" x="1" y="{_number((16 - tall) / 2)}" width="26" '
        f'height="{_number(tall)}" rx="3"/></svg>'
    )


def _width(at: int) -> str:
    """Midnight is the line that counts."""
    return ' stroke-width="1.5"' if at % 1440 == 0 else ' stroke-width="0.4"'


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
