"""Pictures of every page in every state, and sheets that show them side by side.

Usage: python -m tests.browser.gallery --out DIR [--language LANGUAGE] [--only WORD]
"""

from __future__ import annotations

import argparse
import html
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser import pseudo
from tests.browser.chromium import DESK, PHONE, chromium
from tests.browser.served import Served
from tests.browser.states import STATES, State
from webui import i18n

SIZES = (PHONE, DESK)
SCHEMES = ("light", "dark")
# Pictures on a sheet: what is still readable on one screen.
ON_A_SHEET = 12


def main() -> int:
    """Make the pictures; returns the exit code."""
    parser = argparse.ArgumentParser(prog="packaging/screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--language", default=i18n.SOURCE)
    parser.add_argument("--only", default="", metavar="WORD")
    args = parser.parse_args()
    if args.language == pseudo.LANGUAGE:
        i18n.LOCALES = Path(tempfile.mkdtemp(prefix="guardian-words-"))
        pseudo.write(i18n.LOCALES)
    args.out.mkdir(parents=True, exist_ok=True)
    states = [state for state in STATES if args.only in state.name]
    with chromium() as browser:
        for state in states:
            picture(browser, state, args.out, args.language)
        for width, scheme in ((s["width"], c) for s in SIZES for c in SCHEMES):
            sheets(browser, states, args.out, f"{width}-{scheme}")
    if args.language == pseudo.LANGUAGE:
        shutil.rmtree(i18n.LOCALES)
    print(f"{len(states) * len(SIZES) * len(SCHEMES)} pictures in {args.out}")
    return 0


def picture(browser: Browser, state: State, out: Path, language: str) -> None:
    """Make the pictures of one state."""
    folder = Path(tempfile.mkdtemp(prefix="guardian-pages-"))
    served = Served(folder)
    served.daemon.answers["overview"]["language"] = language
    state.turn(served.daemon)
    try:
        for size in SIZES:
            context = browser.new_context(
                viewport={"width": size["width"], "height": size["height"]},
                ignore_https_errors=True,
                locale=language,
            )
            if state.who is not None:
                context.add_cookies(served.cookies(state.who))
            page = context.new_page()
            page.goto(served.url(state.at, state.path))
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                name = f"{state.name}-{size['width']}-{scheme}.png"
                page.screenshot(path=out / name, full_page=True)
            context.close()
    finally:
        served.close()
        shutil.rmtree(folder)


def sheets(browser: Browser, states: list[State], out: Path, kind: str) -> None:
    """Put the pictures of one size and scheme side by side."""
    for number in range(0, len(states), ON_A_SHEET):
        some = states[number : number + ON_A_SHEET]
        figures = "".join(
            f"<figure><figcaption>{html.escape(state.name)}</figcaption>"
            f"<img src='{state.name}-{kind}.png'></figure>"
            for state in some
        )
        style = (
            "body{display:flex;flex-wrap:wrap;gap:12px;font:14px sans-serif;"
            "background:#888;margin:12px;align-items:flex-start}"
            "figure{margin:0}img{width:300px;display:block}"
        )
        sheet = out / f"sheet-{kind}-{number // ON_A_SHEET + 1}.html"
        sheet.write_text(f"<meta charset=utf-8><style>{style}</style>{figures}")
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(sheet.resolve().as_uri())
        page.screenshot(path=sheet.with_suffix(".png"), full_page=True)
        page.close()
        sheet.unlink()


if __name__ == "__main__":
    raise SystemExit(main())
