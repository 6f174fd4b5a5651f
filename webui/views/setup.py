"""Set-up as values: the six steps, where a box stands, what to talk about. Pure."""

from __future__ import annotations

from typing import Any

from webui.i18n import mark
from webui.views import devices as device_view

Json = dict[str, Any]
STEPS = ("home", "parent", "people", "devices", "rules", "trial")
TITLES = {
    "home": mark("Your home"),
    "parent": mark("You"),
    "people": mark("Who lives here?"),
    "devices": mark("Whose is it?"),
    "rules": mark("The rules to begin with"),
    "trial": mark("Try it for two minutes"),
}
# Refusals of `claim`: the field each belongs to, and what to do.
CLAIM_ERRORS = {
    "claim-wrong": (
        "code",
        mark("That isn't the code. Look again: it was shown when the box was set up."),
    ),
    "claim-wait": (
        "code",
        mark("That was a bit fast. Wait %(seconds)s seconds, then try again."),
    ),
    "already-claimed": (
        "code",
        mark("This box is claimed already. Sign in, or ask the other parent."),
    ),
}
# Age band -> what to talk about with the child, one card.
TALK = {
    "0-5": (
        mark("Watch together, and say goodnight to the tablet together."),
        mark("Tell me when something looks scary. You've done nothing wrong."),
    ),
    "6-9": (
        mark("Why there is a bedtime, and that it's the same every school night."),
        mark(
            "Not everyone online is who they say. Show me when somebody writes to you."
        ),
    ),
    "10-12": (
        mark("Which rules feel unfair? You can ask for more on your own page."),
        mark("Never send a picture that you wouldn't show in class."),
        mark("If somebody threatens you: stop answering, keep it, tell me. I help."),
    ),
    "13-15": (
        mark("I don't see which sites you open. You see all that I see."),
        mark("What would you change? Let's look at the rules again in three months."),
        mark(
            "If somebody presses you with a picture: don't pay, don't delete, tell me."
        ),
    ),
    "16-17": (
        mark("Almost all is your own decision now. What is left, and until when?"),
        mark("Help lines always work and nobody sees that you used them."),
    ),
}


def next_step(overview: Json, devices: list[Json]) -> str:
    """Return the step that a claimed box is at: the first with nothing done yet."""
    children = {p["id"] for p in overview["people"] if p["role"] == "child"}
    if not children:
        return "people"
    if not any(device["person"] in children for device in devices):
        return "devices"
    return "rules"


def before(step: str) -> str | None:
    """Return the step before one, or None."""
    at = STEPS.index(step)
    return STEPS[at - 1] if at else None


def asked(overview: Json, devices: list[Json]) -> list[Json]:
    """Return the devices of the fourth step: those to sort, then a person's own."""
    rows = device_view.rows(overview, devices)
    unsorted = [row for row in rows if row["group"] == "unsorted"]
    return unsorted + [row for row in rows if row["group"] == "people"]


def triable(overview: Json) -> list[Json]:
    """Return the children that the trial can be made with: those with a device."""
    return [p for p in overview["people"] if p["role"] == "child" and p["devices"]]


def on_trial(overview: Json) -> Json | None:
    """Return the child whose internet is stopped now, with `until`; None for nobody."""
    for person in triable(overview):
        if person["pauses"]:
            return {**person, "until": max(p["until"] for p in person["pauses"])}
    return None
