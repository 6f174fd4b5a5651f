"""A person with a keyboard and nothing else: Tab, Enter, Space, arrows, letters.

At each stop of Tab it is looked at what sighted people who cannot use a mouse need:
the focus is drawn, and nothing that stays in place covers it (WCAG 2.4.7 and 2.4.11).
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

STOPS_MAX = 200
# What is focused; None where that is the page itself. A chip is drawn around its field.
_STOP = """(wanted) => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const ringed = [one, one.closest("label")].filter(Boolean).some((part) => {
    const style = getComputedStyle(part);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  const box = one.getBoundingClientRect(), bar = document.querySelector(".bottom");
  const inBar = bar && bar.contains(one);
  const end = bar && !inBar ? bar.getBoundingClientRect().top : innerHeight;
  // Of what is taller than the screen the beginning is seen.
  const fits = box.bottom <= end + 1 || (box.height > end && box.top < end);
  const middle = [box.left + box.width / 2, box.top + Math.min(box.height, 40) / 2];
  const there = document.elementFromPoint(...middle);
  const own = there && (one.contains(there) || there.contains(one));
  const name = one.getAttribute("aria-label") || one.innerText || one.id || one.name;
  return {found: one.matches(wanted), ringed, clear: box.top >= -1 && fits && !!own,
          what: `${one.tagName} ${name}`.slice(0, 80)};
}"""


class Keys:
    """Walks a page by keys."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def to(self, selector: str) -> None:
        """Go on by Tab until the focus is on what matches a CSS selector.

        At the end of the page it begins at its top, as in a browser.
        """
        # What a key before has asked for may still be on its way.
        expect(self.page.locator(selector).first).to_be_attached()
        if self._arrived(selector):
            return
        stops = []
        for _ in range(STOPS_MAX):
            self.press("Tab")
            if self._arrived(selector):
                return
            stops.append(self.page.evaluate(_STOP, selector))
        raise AssertionError(f"{selector} is not reached: {stops}")

    def enter(self, selector: str) -> None:
        """Go to a link, a button or a summary, and press Enter on it."""
        self.to(selector)
        self.press("Enter")

    def write(self, selector: str, text: str) -> None:
        """Go to a field and type over what is in it."""
        self.to(selector)
        self.press("Control+A")
        self.page.keyboard.type(text)
        expect(self.page.locator(selector)).to_have_value(text)

    def choose(self, name: str, value: str) -> None:
        """Go to a group of radio buttons and walk it by arrows."""
        self.to(f"input[name='{name}']")
        wanted = self.page.locator(f"input[name='{name}'][value='{value}']")
        if not wanted.is_checked():
            # None may be chosen yet: Space takes the first, arrows go on from there.
            self.press("Space")
        for _ in range(STOPS_MAX):
            if wanted.is_checked():
                return
            self.press("ArrowDown")
        raise AssertionError(f"{value} of {name} is not reached")

    def shows(self, text: str) -> None:
        """Wait for words on the page."""
        expect(self.page.locator("main")).to_contain_text(text)

    def _arrived(self, selector: str) -> bool:
        stop = self.page.evaluate(_STOP, selector)
        if stop is None or stop["what"].startswith("MAIN"):
            # The page itself, where a change of its content has put the focus.
            return False
        assert stop["ringed"], f"no focus is drawn: {stop}"
        assert stop["clear"], f"the focus is covered: {stop}"
        return bool(stop["found"])
