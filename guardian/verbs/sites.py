"""The verbs of names: sites, kinds of site, and the modes of search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from guardian.core import changes
from guardian.core.errors import GuardianError
from guardian.core.hostnames import parse_host
from guardian.core.model import Access, YouTube
from guardian.core.requests import day_end
from guardian.core.timetext import parse_until
from guardian.store.known import load_known
from guardian.verbs.desk import Desk, Json
from guardian.views import sites_view

T = TypeVar("T")
TONIGHT = "tonight"
# What takes a setting back to the age band's.
DEFAULT = "default"
_SWITCH: dict[str, bool | None] = {"on": True, "off": False, DEFAULT: None}
_ACCESS: dict[str, Access | None] = {a.value: a for a in Access} | {DEFAULT: None}
_YOUTUBE: dict[str, YouTube | None] = {y.value: y for y in YouTube} | {DEFAULT: None}
# Verbs' words for the lists of names; None takes a name off all of them.
_LISTS = {"allow": "allow", "block": "block", "always": "always", "forget": None}


class Sites:
    """A child's lists of names, and what holds for kinds of site."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def table(self) -> dict[str, Callable[[Json, str], Any]]:
        """Return verb -> what runs it."""
        return {
            "site": self._site,
            "access": self._access,
            "open": self._open,
            "sites": self._sites,
            "sites-set": self._sites_set,
        }

    def _site(self, args: Json, by: str) -> Json:
        household = self.desk.household
        person = changes.find_child(household, args["person"])
        where = _choice(args, "action", _LISTS)
        names = sorted({parse_host(name) for name in args["names"]})
        if not names:
            raise GuardianError("needs-arguments", "names")
        floor = load_known().floor if where == "block" else frozenset()
        changed = changes.list_names(household, person, names, where, floor)
        return self.desk.done(changed, args, by, "site", {"names": names})

    def _access(self, args: Json, by: str) -> Json:
        household = self.desk.household
        person = changes.find_child(household, args["person"])
        label, access = args["label"], _choice(args, "access", _ACCESS)
        changed = changes.set_access(
            household, person, label, access, load_known().labels
        )
        return self.desk.done(changed, args, by, "access", {"id": label})

    def _open(self, args: Json, by: str) -> Json:
        """Open a site until an end; "tonight" is until the household's day changes."""
        household, now = self.desk.household, self.desk.service.now().wall
        person = changes.find_child(household, args["person"])
        if args["until"] == TONIGHT:
            until = day_end(household, now)
        else:
            until = parse_until(args["until"], household, person, now)
        changed, item = changes.open_site(
            household, person, parse_host(args["name"]), until=until, by=by, now=now
        )
        return self.desk.done(changed, args, by, "open", self.desk.span(item.id, until))

    def _sites(self, args: Json, by: str) -> Json:
        household = self.desk.household
        person = changes.find_child(household, args["person"])
        return sites_view(household, person, self.desk.service.now().wall)

    def _sites_set(self, args: Json, by: str) -> Json:
        household = self.desk.household
        person = changes.find_child(household, args["person"])
        choices: dict[str, dict[str, Any]] = {
            "only": _SWITCH,
            "safe_search": _SWITCH,
            "youtube": _YOUTUBE,
        }
        settings: Json = {
            key: _choice(args, key, words)
            for key, words in choices.items()
            if key in args
        }
        if "packs" in args:
            settings["packs"] = _packs(args["packs"])
        if not settings:
            raise GuardianError("needs-arguments", "only, packs, safe_search, youtube")
        changed = changes.set_names(household, person, settings)
        return self.desk.done(changed, args, by, "sites", {"person": person.id})


def _choice(args: Json, key: str, words: Mapping[str, T]) -> T:
    """Return what one of some words stands for."""
    if args[key] not in words:
        raise GuardianError("bad-argument", f"{key}: {', '.join(words)}")
    return words[args[key]]


def _packs(text: str) -> tuple[str, ...] | None:
    """Return the packs of "a,b", none of "none"; None for the age band's."""
    if text == DEFAULT:
        return None
    packs = {part.strip() for part in text.split(",") if text != "none"}
    if unknown := packs - load_known().packs:
        raise GuardianError("unknown-pack", min(unknown)[:80])
    return tuple(sorted(packs))
