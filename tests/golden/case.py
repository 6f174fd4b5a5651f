"""Golden cases: a small home, what is known and the time, and the text that follows.

A case is one text file: first lines of ``word: JSON or text``, then one section for
each text that is compared, headed ``=== rules`` or ``=== elements``. What a case leaves
out is not compared. Nothing here writes a file: `python -m tests.golden.case NAME`
prints what the program makes now, to be read before it is put into the case.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from guardian.compile import ruleset
from guardian.compile.plan import elements_text, plan
from guardian.core.decide import Facts
from guardian.core.model import (
    Device,
    FailMode,
    Household,
    Mode,
    Network,
    NewDevicePolicy,
    NewDevices,
    Person,
)
from tests import build

HERE = Path(__file__).parent
MONO = 1000.0
WORDS = ("proves", "home", "layout", "facts", "now")
SECTIONS = ("rules", "elements")


@dataclass(frozen=True)
class Case:
    """What a file says: its first lines, and the texts it expects."""

    proves: str
    home: dict[str, Any]
    layout: dict[str, Any]
    facts: dict[str, Any]
    now: str
    texts: dict[str, str]


def names() -> list[str]:
    return sorted(path.stem for path in HERE.glob("*.txt"))


def read(name: str) -> Case:
    """Return a case; ValueError for a word or section that nobody knows."""
    head, *parts = (HERE / f"{name}.txt").read_text().split("\n=== ")
    words: dict[str, str] = {}
    for line in head.splitlines():
        word, _, value = line.partition(": ")
        if word in WORDS:
            words[word] = value
        elif line.startswith("  "):
            words[list(words)[-1]] += " " + line.strip()
        elif line:
            raise ValueError(f"{name}: {line}")
    texts: dict[str, str] = {}
    for part in parts:
        title, _, body = part.partition("\n")
        if title not in SECTIONS:
            raise ValueError(f"{name}: section {title}")
        texts[title] = body.rstrip("\n") + "\n"
    return Case(
        proves=words["proves"],
        home=json.loads(words["home"]),
        layout=json.loads(words.get("layout", "{}")),
        facts=json.loads(words.get("facts", "{}")),
        now=words["now"],
        texts=texts,
    )


def actual(case: Case) -> dict[str, str]:
    """Return every text that the program makes of a case."""
    household = household_of(case.home)
    now = build.at(case.now, household.timezone)
    facts = Facts()
    if "carried" in case.facts:
        ends = {p: now + timedelta(seconds=s) for p, s in case.facts["carried"].items()}
        facts = Facts(clock_known=False, carried=ends)
    layout = layout_of(case.layout, household)
    floor = {a: MONO + s for a, s in case.facts.get("floor", {}).items()}
    candidates = {
        build.mac(int(last)): tuple(people)
        for last, people in case.facts.get("candidates", {}).items()
    }
    found = plan(
        household,
        facts,
        now,
        MONO,
        floor=floor,
        candidates=candidates,
        ports=layout.ports,
    )
    return {
        "rules": ruleset.render(layout),
        "elements": elements_text(found.wishes, MONO, egress=layout.egress),
    }


def layout_of(spec: dict[str, Any], household: Household) -> ruleset.Layout:
    """Return the layout; by default every LAN interface exists and is hooked."""
    lan = household.network.lan
    fields: dict[str, Any] = {"lan": lan, "hooked": lan}
    fields["one_armed"] = household.network.mode is Mode.ONE_ARMED
    fields |= {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in spec.items()
    }
    return ruleset.Layout(**fields)


def household_of(spec: dict[str, Any]) -> Household:
    """Return the household of a few words.

    children: name -> {kind of window: "21:00-07:00", "strict": true}; adults: names;
    devices: name -> [last octet, person or "exempt" or null]; pauses, grants:
    [person or null, from, until].
    """
    zone = spec.get("zone", build.BERLIN)
    people: list[Person] = [
        _child(name, rules) for name, rules in spec.get("children", {}).items()
    ]
    people += [build.adult(name) for name in spec.get("adults", [])]
    band = [build.window(span, kind) for kind, span in spec.get("band", {}).items()]
    return Household(
        timezone=zone,
        claimed=spec.get("claimed", True),
        network=Network(
            lan=tuple(spec.get("lan", ["br-lan"])),
            mode=Mode(spec.get("mode", "router")),
        ),
        new_devices=NewDevices(policy=NewDevicePolicy(spec.get("policy", "ask"))),
        people=tuple(people),
        devices=tuple(_device(n, d) for n, d in spec.get("devices", {}).items()),
        pauses=tuple(
            build.pause(build.at(start, zone), build.at(end, zone), who, f"p{n}")
            for n, (who, start, end) in enumerate(spec.get("pauses", []))
        ),
        grants=tuple(
            build.grant(build.at(start, zone), build.at(end, zone), who, f"g{n}")
            for n, (who, start, end) in enumerate(spec.get("grants", []))
        ),
        bands=(build.band(*band),),
    )


def _child(name: str, rules: dict[str, Any]) -> Person:
    windows = [build.window(s, kind) for kind, s in rules.items() if kind != "strict"]
    mode = FailMode.STRICT if rules.get("strict") else None
    return build.child(name, *windows, fail_mode=mode)


def _device(name: str, spec: list[Any]) -> Device:
    last, who = spec
    return build.device(
        name, last, None if who == "exempt" else who, exempt=who == "exempt"
    )


if __name__ == "__main__":
    for title, text in actual(read(sys.argv[1])).items():
        print(f"=== {title}\n{text}", end="")
