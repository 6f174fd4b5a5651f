"""Entries of the family log in whole sentences: what was changed, for whom, until when.

A table of places in the household's document; what is in none of its rows is told in a
plain form, so that a newer daemon's log is never hidden.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from webui.i18n import gettext, mark, ngettext
from webui.words import times, windows

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called now: people, devices, categories and services."""

    people: Mapping[str, str] = field(default_factory=dict)
    devices: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)


# Place -> sentences for an entry that was added, removed, changed. `person` and
# `device` become their names, `item` stays as it is, `title` is looked up.
_CHANGED_SCHEDULE = mark("A time in %(person)s's schedule was changed.")
_ROWS: tuple[tuple[str, str, str, str], ...] = (
    (
        r"people/(?P<person>[^/]+)",
        mark("%(person)s was added."),
        mark("%(person)s was removed."),
        "",
    ),
    (
        r"people/(?P<person>[^/]+)/name",
        "",
        "",
        mark("%(before)s is called %(after)s now."),
    ),
    (
        r"people/(?P<person>[^/]+)/band",
        mark("%(person)s has the %(after)s template now."),
        mark("%(person)s has no template any more."),
        mark("%(person)s moved from the %(before)s to the %(after)s template."),
    ),
    (
        r"people/(?P<person>[^/]+)/birth",
        mark("The month of birth of %(person)s was set."),
        mark("The month of birth of %(person)s was removed."),
        mark("The month of birth of %(person)s was changed."),
    ),
    (
        r"people/(?P<person>[^/]+)/windows(/[^/]+)?",
        mark("A time was added to %(person)s's schedule."),
        mark("A time was taken out of %(person)s's schedule."),
        _CHANGED_SCHEDULE,
    ),
    (
        r"people/(?P<person>[^/]+)/windows/[^/]+/from",
        "",
        "",
        mark("In %(person)s's schedule a start moved from %(before)s to %(after)s."),
    ),
    (
        r"people/(?P<person>[^/]+)/windows/[^/]+/to",
        "",
        "",
        mark("In %(person)s's schedule an end moved from %(before)s to %(after)s."),
    ),
    (
        r"people/(?P<person>[^/]+)/windows/[^/]+/(days|kind|blocks)",
        *(_CHANGED_SCHEDULE,) * 3,
    ),
    (
        r"people/(?P<person>[^/]+)/dropped",
        mark("A time of the template was switched off for %(person)s."),
        mark("All times of the template are on again for %(person)s."),
        mark("Which times of the template hold was changed for %(person)s."),
    ),
    (
        r"people/(?P<person>[^/]+)/block/(?P<item>.+)",
        mark("%(item)s was blocked for %(person)s."),
        mark("%(item)s isn't blocked for %(person)s any more."),
        "",
    ),
    (
        r"people/(?P<person>[^/]+)/allow/(?P<item>.+)",
        mark("%(item)s was allowed for %(person)s."),
        mark("%(item)s isn't allowed by name for %(person)s any more."),
        "",
    ),
    (
        r"people/(?P<person>[^/]+)/always/(?P<item>.+)",
        mark("%(item)s works for %(person)s at bedtime too."),
        mark("%(item)s follows %(person)s's bedtime again."),
        "",
    ),
    (
        r"people/(?P<person>[^/]+)/packs",
        *(mark("The chosen sites of %(person)s were changed."),) * 3,
    ),
    (
        r"people/(?P<person>[^/]+)/youtube",
        mark("YouTube's own mode for %(person)s is “%(after)s” now."),
        mark("YouTube's own mode for %(person)s is as in the template again."),
        mark("YouTube's own mode for %(person)s is “%(after)s” now."),
    ),
    (
        r"people/(?P<person>[^/]+)/fail_mode",
        *(mark("What holds for %(person)s if the router stops was changed."),) * 3,
    ),
    (
        r"devices/(?P<device>[^/]+)",
        mark("The device %(device)s was added."),
        mark("The device %(device)s was forgotten."),
        "",
    ),
    (
        r"devices/(?P<device>[^/]+)/name",
        "",
        "",
        mark("The device %(before)s is called %(after)s now."),
    ),
    (
        r"devices/(?P<device>[^/]+)/person",
        mark("%(device)s is %(after)s's device now."),
        mark("%(device)s isn't %(before)s's device any more."),
        mark("%(device)s was %(before)s's device and is %(after)s's now."),
    ),
    (
        r"devices/(?P<device>[^/]+)/exempt",
        mark("%(device)s has no limits now."),
        mark("%(device)s follows the rules now."),
        "",
    ),
    (
        r"devices/(?P<device>[^/]+)/macs",
        *(mark("%(device)s is known with another address too."),) * 3,
    ),
    (
        r"devices/(?P<device>[^/]+)/kind",
        *(mark("What kind of device %(device)s is was changed."),) * 3,
    ),
    (r"calendar/days", *(mark("Days in the calendar were changed."),) * 3),
    (r"calendar/week/.+", *(mark("The usual week was changed."),) * 3),
    (r"name", *(mark("The home is called %(after)s now."),) * 3),
    (r"timezone", *(mark("The time zone is %(after)s now."),) * 3),
    (r"country", *(mark("The country is %(after)s now."),) * 3),
    (r"language|clock24", *(mark("Language or form of times was changed."),) * 3),
    (r"day_change", *(mark("When a day begins was changed."),) * 3),
    (r"claimed", *(mark("The router has parents now: rules hold."),) * 3),
    (r"new_devices/.+", *(mark("What new devices may do was changed."),) * 3),
    (r"network/.+", *(mark("Where the box stands in the network was changed."),) * 3),
    (r"names(/.+)?", *(mark("How sites are looked up was changed."),) * 3),
    (
        r"accounts/(?P<person>[^/]+)",
        mark("%(person)s can sign in now."),
        mark("%(person)s can't sign in any more."),
        mark("How %(person)s signs in was changed."),
    ),
    (
        r"keys/(?P<item>[^/]+)",
        mark("A program got a key: %(item)s."),
        mark("A program's key was taken back: %(item)s."),
        mark("A program's key was changed: %(item)s."),
    ),
)
_TABLE = tuple(
    (re.compile(place + r"\Z"), dict(zip(("added", "removed", "changed"), said)))
    for place, *said in _ROWS
)

# Settings whose sentence hangs on what they were set to.
_BY_VALUE: tuple[tuple[str, dict[object, str]], ...] = (
    (
        r"people/(?P<person>[^/]+)/access/(?P<title>.+)",
        {
            "allow": mark("%(title)s is allowed for %(person)s now."),
            "limit": mark("%(title)s is limited for %(person)s now."),
            "block": mark("%(title)s is off for %(person)s now."),
            None: mark("%(title)s is as in the template again for %(person)s."),
        },
    ),
    (
        r"people/(?P<person>[^/]+)/only",
        {
            True: mark("Only chosen sites work for %(person)s now."),
            False: mark("Not only chosen sites work for %(person)s now."),
            None: mark("Which sites work for %(person)s is as in the template again."),
        },
    ),
    (
        r"people/(?P<person>[^/]+)/safe_search",
        {
            True: mark("Safe search is on for %(person)s now."),
            False: mark("Safe search is off for %(person)s now."),
            None: mark("Safe search for %(person)s is as in the template again."),
        },
    ),
)
_VALUED = tuple((re.compile(place + r"\Z"), said) for place, said in _BY_VALUE)

# What ends by itself: (place, what) -> sentence, by what is known of it.
_SPELLS: dict[tuple[str, str], tuple[str, str]] = {
    ("pauses", "added"): (
        mark("%(person)s was paused until %(until)s."),
        mark("A pause was set."),
    ),
    ("pauses", "removed"): (
        mark("The pause for %(person)s was ended."),
        mark("A pause was ended."),
    ),
    ("grants", "added"): (
        mark("%(person)s got extra time until %(until)s."),
        mark("Extra time was given."),
    ),
    ("grants", "removed"): (
        mark("Extra time for %(person)s was ended."),
        mark("Extra time was ended."),
    ),
    ("opened", "added"): (
        mark("%(name)s was opened for %(person)s until %(until)s."),
        mark("A site was opened for a while."),
    ),
    ("opened", "removed"): (
        mark("%(name)s was closed again for %(person)s."),
        mark("A site was closed again."),
    ),
    ("exceptions", "added"): (
        mark("%(kind)s of %(person)s was changed for %(date)s."),
        mark("One day was made to differ."),
    ),
    ("exceptions", "removed"): (
        mark("%(kind)s of %(person)s on %(date)s is as usual again."),
        mark("One day is as usual again."),
    ),
    ("protection_off", "added"): (
        mark("Protection was turned off until %(until)s."),
        mark("Protection was turned off."),
    ),
    ("protection_off", "removed"): (mark("Protection was turned on."),) * 2,
}
# A pause without a person is everyone's.
_EVERYONE = {
    "added": mark("Everyone was paused until %(until)s."),
    "removed": mark("The pause for everyone was ended."),
}
_CALLED_OFF = mark("%(kind)s of %(person)s was called off for %(date)s.")
_GOES_ON = mark("The pause goes on for %(person)s until %(until)s.")
_SPELL = re.compile(
    r"(?P<list>pauses|grants|opened|exceptions)/(?P<id>[^/]+)(/(?P<key>[^/]+))?\Z"
    r"|(?P<off>protection_off)(/(?P<offkey>[^/]+))?\Z"
)

_PLAIN = {
    "added": mark("%(place)s was added (%(after)s)."),
    "removed": mark("%(place)s was removed (%(before)s)."),
    "changed": mark("%(place)s was changed from %(before)s to %(after)s."),
}
# Entries without a change of the household: what was done.
_DONE = {
    "claim": mark("The router was claimed."),
    "invite": mark("Somebody was invited."),
    "password-reset": mark("All passwords were reset, by hand at the router."),
    "household-import": mark("Settings were restored from a file."),
    "clock": mark("The router's clock was confirmed."),
    "answer": mark("A request was answered."),
    "undo": mark("A change was undone."),
}
_NOTHING = mark("Nothing differs after this (%(verb)s).")


def sentences(entry: Json, names: Names) -> list[str]:
    """Return what an entry of the log says, one sentence for each change.

    entry: {at, verb, changes [{place, what, before?, after?}], more?}, `at` in the
    household's zone.
    """
    spells: dict[str, Json] = {}
    said: list[str] = []
    for change in entry["changes"]:
        match = _SPELL.match(change["place"])
        if match:
            _gather(spells, match, change)
        else:
            said.append(_sentence(change, names))
    told = [_spell(one, entry, names) for one in spells.values()]
    found = [*filter(None, told), *said]
    # One sentence says for a whole template's windows what ten would.
    found = list(dict.fromkeys(found))
    if entry.get("more"):
        found.append(
            ngettext("And %(num)s more.", "And %(num)s more.", int(entry["more"]))
        )
    if not found:
        known = _DONE.get(entry["verb"])
        found.append(gettext(known) if known else gettext(_NOTHING, verb=entry["verb"]))
    return found


def _gather(spells: dict[str, Json], match: re.Match[str], change: Json) -> None:
    key = match["off"] or f"{match['list']}/{match['id']}"
    spell = spells.setdefault(key, {"list": match["off"] or match["list"]})
    inner = match["key"] or match["offkey"]
    if inner is None:
        spell["what"] = change["what"]
    else:
        spell[inner] = _value(change.get("after") or change.get("before"))


def _spell(spell: Json, entry: Json, names: Names) -> str:
    """Return the sentence of what ends by itself, "" for what had ended already."""
    what = spell.get("what", "added")
    until = str(spell.get("until", ""))
    ended = bool(until) and times.instant(until) <= times.instant(entry["at"])
    replaced = entry["verb"] == "pause" and spell["list"] == "pauses"
    if what == "removed" and (ended or replaced):
        return ""
    full, bare = _SPELLS[spell["list"], what]
    if "until" in spell or "date" in spell:
        if spell.get("off") is True and what == "added":
            full = _CALLED_OFF
        if entry["verb"] == "resume" and what == "added":
            full = _GOES_ON
        if spell["list"] == "pauses" and not spell.get("person"):
            full = _EVERYONE[what]
        return gettext(full, **_spell_words(spell, entry, names))
    return gettext(bare)


def _spell_words(spell: Json, entry: Json, names: Names) -> Json:
    found: Json = {"name": spell.get("name", "")}
    found["person"] = _named(names.people, spell.get("person", ""))
    if "until" in spell:
        found["until"] = times.until(
            times.instant(spell["until"])
            .astimezone(times.instant(entry["at"]).tzinfo)
            .isoformat(),
            entry["at"],
        )
    if "date" in spell:
        found["date"] = times.date_of(date.fromisoformat(spell["date"]))
        found["kind"] = windows.kind(spell.get("kind", "bedtime"))
    return found


def _sentence(change: Json, names: Names) -> str:
    before, after = (_value(change.get(key)) for key in ("before", "after"))
    for place, by_value in _VALUED:
        match = place.match(change["place"])
        if match and _key(after) in by_value:
            return gettext(by_value[_key(after)], **_parts(match, names))
    for place, said in _TABLE:
        match = place.match(change["place"])
        if match and said.get(change["what"]):
            people = match.re.pattern.endswith("/person\\Z")
            return gettext(
                said[change["what"]],
                **_parts(match, names),
                before=_named(names.people, before) if people else _text(before),
                after=_named(names.people, after) if people else _text(after),
            )
    return gettext(
        _PLAIN[change["what"]],
        place=change["place"],
        before=_text(before),
        after=_text(after),
    )


def _parts(match: re.Match[str], names: Names) -> Json:
    found: Json = dict(match.groupdict())
    for key, known in (
        ("person", names.people),
        ("device", names.devices),
        ("title", names.titles),
    ):
        if key in found:
            found[key] = _named(known, found[key])
    return found


def _named(known: Mapping[str, str], key: object) -> str:
    return known.get(str(key)) or windows.own_name(str(key))


def _value(text: str | None) -> object:
    """Return a value of the log; the text itself where it was cut short."""
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _key(value: object) -> object:
    return value if isinstance(value, str | bool) or value is None else str(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "…" if value is None else json.dumps(value, ensure_ascii=False)
