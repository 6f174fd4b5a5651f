"""QR codes as SVG (ISO/IEC 18004), drawn by attributes alone: the pages allow no style.

Black on white in either colour scheme, because many readers miss an inverted code.
"""

from __future__ import annotations

from markupsafe import Markup, escape

# ISO/IEC 18004, 9.1: a quiet zone of four modules.
QUIET = 4
# A phone reads modules of this many pixels from an arm's length.
SCALE = 6


def svg(text: str, title: str) -> Markup:
    """Return the code of `text` as an inline SVG; title: what a screen reader says.

    Raises ValueError for a text that no code holds (some 2,300 bytes).
    """
    # Writers of other formats come with it: 1.2 MB that few visits need.
    import segno

    matrix = segno.make(text, error="m", micro=False, boost_error=False).matrix
    side = len(matrix) + 2 * QUIET
    # One path: a run of dark modules is one stroke, drawn along its middle.
    runs = []
    for y, line in enumerate(matrix):
        x = 0
        while x < len(line):
            width = 0
            while x + width < len(line) and line[x + width]:
                width += 1
            if width:
                runs.append(f"M{x + QUIET} {y + QUIET}h{width}v1h-{width}z")
            x += width + 1
    return Markup(
        f'<svg class="qr" role="img" width="{side * SCALE}" height="{side * SCALE}"'
        f' viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f"<title>{escape(title)}</title>"
        f'<rect width="{side}" height="{side}" fill="#fff"/>'
        f'<path fill="#000" d="{"".join(runs)}"/></svg>'
    )
