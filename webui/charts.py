"""Charts as SVG: pure functions from numbers to text, drawn with attributes alone.

No style (the pages' security policy forbids it), no script, a title and a description;
every chart stands above a table of the same numbers. What a part means is told by its
height and its place as well as by its colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

# A strip is drawn in these units and scaled to the page: 320 is the narrowest page.
WIDTH = 320
_GROUND = 30
# Look -> height: open time is a line, a stop is a block.
_HEIGHTS = {"on": 7, "part": 16, "off": 28}
_FILLS = {"on": "fill-open", "part": "fill-part", "off": "fill-off"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a strip: shares of its length, 0 <= start < end <= 1.

    look: "on", "part" or "off".
    """

    start: float
    end: float
    look: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark below a strip, at a share of its length."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, a number (never below 0), and how that is written."""

    label: str
    value: float
    said: str


def day_strip(
    stretches: Sequence[Stretch],
    ticks: Sequence[Tick],
    *,
    ident: str,
    title: str,
    desc: str,
) -> Markup:
    """Return a strip of time: what holds from its start to its end.

    ident: unique on the page; ids of the chart's texts are made from it.
    Raises ValueError for a stretch that is not in the strip.
    """
    parts = []
    for stretch in stretches:
        if not 0 <= stretch.start < stretch.end <= 1:
            raise ValueError(f"stretch outside of the strip: {stretch}")
        tall = _HEIGHTS[stretch.look]
        parts.append(
            f'<rect class="{_FILLS[stretch.look]}" x="{_x(stretch.start)}" '
            f'y="{_GROUND - tall}" width="{_n((stretch.end - stretch.start) * WIDTH)}" '
            f'height="{tall}"/>'
        )
    parts.append(f'<path class="fill-line" d="M0 {_GROUND}.5H{WIDTH}"/>')
    for tick in ticks:
        parts.append(
            f'<path class="fill-line" d="M{_x(tick.at)} {_GROUND}v4"/>'
            # Kept inside the picture: a label is some 32 units wide.
            f'<text x="{_n(min(max(tick.at * WIDTH, 16), WIDTH - 16))}" y="45" '
            f'text-anchor="middle">{escape(tick.label)}</text>'
        )
    return _svg(48, parts, ident, title, desc)


def week_bars(bars: Sequence[Bar], *, ident: str, title: str, desc: str) -> Markup:
    """Return a bar for each day, its number on top and its label below.

    The tallest fills the height; a number above 0 is never drawn as nothing.
    """
    tallest = max((bar.value for bar in bars), default=0) or 1
    step = WIDTH / max(1, len(bars))
    parts = []
    for place, bar in enumerate(bars):
        if bar.value < 0:
            raise ValueError(f"bar below zero: {bar.value}")
        tall = max(2.0, bar.value / tallest * 80) if bar.value else 0.0
        middle = _n((place + 0.5) * step)
        if tall:
            parts.append(
                f'<rect class="fill-open" x="{_n((place + 0.2) * step)}" '
                f'y="{_n(100 - tall)}" width="{_n(step * 0.6)}" height="{_n(tall)}"/>'
            )
        parts.append(
            f'<text x="{middle}" y="{_n(95 - tall)}" text-anchor="middle">'
            f"{escape(bar.said)}</text>"
            f'<text x="{middle}" y="115" text-anchor="middle">'
            f"{escape(bar.label)}</text>"
        )
    parts.append(f'<path class="fill-line" d="M0 100.5H{WIDTH}"/>')
    return _svg(120, parts, ident, title, desc)


def _svg(
    height: int, parts: Sequence[str], ident: str, title: str, desc: str
) -> Markup:
    # Time runs from left to right in right-to-left languages too, as on their clocks.
    return Markup(
        f'<svg class="strip" viewBox="0 0 {WIDTH} {height}" role="img" direction="ltr" '
        f'aria-labelledby="{escape(ident)}-title {escape(ident)}-desc">'
        f'<title id="{escape(ident)}-title">{escape(title)}</title>'
        f'<desc id="{escape(ident)}-desc">{escape(desc)}</desc>'
        f'{"".join(parts)}</svg>'
    )


def _x(share: float) -> str:
    return _n(share * WIDTH)


def _n(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
