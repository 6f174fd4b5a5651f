"""A child's rules in three sentences: bedtime, sites, and what the child sees."""

from __future__ import annotations

from typing import Any

from webui.i18n import gettext, ngettext
from webui.words import times

Json = dict[str, Any]


def sentences(person: Json, sites: Json) -> list[str]:
    """Return a child's rules in three sentences: bedtime, sites, what the child sees.

    person, sites: the verbs' answers.
    """
    return [_bedtime(person["windows"]), _sites(sites), _sees(person["name"])]


def _bedtime(windows: list[Json]) -> str:
    nights = [w for w in windows if w["kind"] == "bedtime"]
    school = next((w for w in nights if "school" in w["days"]), None)
    free = next((w for w in nights if "weekend" in w["days"]), None)
    if school is None and free is None:
        return gettext("Internet is on all night.")
    if school is not None and free is not None:
        if (school["start"], school["end"]) == (free["start"], free["end"]):
            return gettext(
                "Internet is off every night from %(start)s to %(end)s.", **_span(free)
            )
        later = {f"free_{key}": value for key, value in _span(free).items()}
        return gettext(
            "Internet is off from %(start)s to %(end)s on school nights, and from "
            "%(free_start)s to %(free_end)s on free days.",
            **_span(school),
            **later,
        )
    if school is not None:
        return gettext(
            "Internet is off from %(start)s to %(end)s on school nights, and on all "
            "night on free days.",
            **_span(school),
        )
    assert free is not None
    return gettext(
        "Internet is off from %(start)s to %(end)s on free days, and on all night "
        "before school.",
        **_span(free),
    )


def _span(window: Json) -> dict[str, str]:
    return {key: _clock(window[key]) for key in ("start", "end")}


def _clock(text: str) -> str:
    hour, _, minute = text.partition(":")
    return times.minutes_clock(int(hour) * 60 + int(minute))


def _sites(sites: Json) -> str:
    if sites["only"]["value"]:
        return gettext("Only sites picked for children open; all others stay closed.")
    closed = sum(1 for row in sites["access"] if row["access"] == "block")
    if not closed:
        return gettext("All sites open.")
    if sites["safe_search"]["value"]:
        return ngettext(
            "%(num)s kind of site stays closed, and search engines leave out what "
            "isn't for children.",
            "%(num)s kinds of site stay closed, such as sites for adults and gambling, "
            "and search engines leave out what isn't for children.",
            closed,
        )
    return ngettext(
        "%(num)s kind of site stays closed.",
        "%(num)s kinds of site stay closed, such as sites for adults and gambling.",
        closed,
    )


def _sees(name: str) -> str:
    return gettext(
        "%(name)s sees these rules on a page of their own and can ask for more there; "
        "you see no list of visited sites.",
        name=name,
    )
