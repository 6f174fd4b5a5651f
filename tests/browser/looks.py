"""What can be measured of a page: axe's findings, sideways scroll, lost text, boxes.

WCAG 2.2: 1.4.10 reflow, 1.4.4 text size, 2.5.8 targets; 44 px for what acts is our own
choice (2.5.5 is AAA).
"""

from __future__ import annotations

from importlib.resources import files

from playwright.sync_api import Page

from tests.browser.chromium import PHONE, SMALL

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_RUN = "axe.run(document, {resultTypes: ['violations']})"
_RUN_COLOURS = (
    "axe.run(document, {resultTypes: ['violations'], runOnly: ['color-contrast']})"
)
_ACTS = "button, .button, select, input:not([type=hidden]), textarea, summary, nav a"
# What is clipped by its own box or lies beside the page is lost for a reader.
_LOST = """() => {
  const lost = [];
  for (const one of document.querySelectorAll("main *, header *, nav *")) {
    // A field's text is moved through, and not lost.
    if (one.closest(".sr, .skip, svg, pre, input, [hidden]")) continue;
    const box = one.getBoundingClientRect();
    const clips = ["hidden", "clip"].includes(getComputedStyle(one).overflowX);
    // A field that is longer than its box can be scrolled by whoever writes in it.
    const cut = clips && one.tagName !== "INPUT" &&
      one.scrollWidth > one.clientWidth + 1;
    const beside = box.width && (box.right > innerWidth + 1 || box.left < -1);
    if (cut || beside) lost.push(one.outerHTML.slice(0, 120));
  }
  return lost.slice(0, 5);
}"""
# A label carries the click of its box or round.
_SMALL = """(acts) => {
  const small = [];
  for (const one of document.querySelectorAll(acts)) {
    if (!one.checkVisibility()) continue;
    const own = one.matches("[type=checkbox], [type=radio]") && one.closest("label");
    const box = (own || one).getBoundingClientRect();
    if (box.width < 43.5 || box.height < 43.5)
      small.push(`${one.outerHTML.slice(0, 100)} ${box.width} x ${box.height}`);
  }
  return small.slice(0, 5);
}"""
_SIDEWAYS = "document.documentElement.scrollWidth - window.innerWidth"


def violations(page: Page) -> list[str]:
    """Return what axe-core objects to, light and dark: rule, and the first nodes."""
    # Evaluated, not added as a script: the pages' own policy forbids that.
    page.evaluate(AXE + ";0")
    found = []
    # A scheme changes colours and nothing else.
    for scheme, run in (("light", _RUN), ("dark", _RUN_COLOURS)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for one in page.evaluate(run)["violations"]:
            nodes = [node["html"][:160] for node in one["nodes"][:3]]
            found.append(f"{scheme}: {one['id']}: {nodes}")
    return found


def open_details(page: Page) -> None:
    """Unfold everything."""
    page.evaluate(
        "document.querySelectorAll('details').forEach(one => { one.open = true; })"
    )


def cramped(page: Page) -> list[str]:
    """Return what is too small to be hit, cut off, or beside the page.

    At 360 px; at 320 px; and there with text at 200 %.
    """
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    found = [f"small: {one}" for one in page.evaluate(_SMALL, _ACTS)]
    page.set_viewport_size({"width": SMALL["width"], "height": SMALL["height"]})
    for size in ("100%", "200%"):
        page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
        if (over := page.evaluate(_SIDEWAYS)) > 0:
            found.append(f"{size}: sideways by {over} px")
        found += [f"{size}: lost: {one}" for one in page.evaluate(_LOST)]
    return found
