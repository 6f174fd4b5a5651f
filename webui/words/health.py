"""What is wrong, in a parent's words: what happened, what is in force, what to do."""

from __future__ import annotations

from webui.i18n import gettext, mark

_SENTENCES = {
    "rules-missing": mark(
        "No rules are on right now: the router refuses to load them. Children's "
        "internet isn't held. It is tried again all the time; turn the router off and "
        "on, or ask who set it up."
    ),
    "enforcement-refused": mark(
        "The last change wasn't applied. The rules before it are still on. Try "
        "again; if it stays, ask who set the router up."
    ),
    "flows-not-cut": mark(
        "Rules are on for everything new, but some running connections couldn't be "
        "ended. It is tried again within a minute."
    ),
    "clock-unknown": mark(
        "The router doesn't know the time yet. Children's internet stays off until "
        "it does. It mends itself once the internet is there; or set the clock in "
        "Settings."
    ),
    "interface-missing": mark(
        "The home network's port is missing on the router. Rules come on when it is "
        "back. Look at the cable, or ask who set the router up."
    ),
    "names-unanswered": mark(
        "Apps and sites aren't filtered right now. Bedtimes and pauses hold. It is "
        "started again by itself."
    ),
    "resolver-unknown": mark(
        "The router finds no name server. Sites may not open for anyone; bedtimes "
        "hold. Ask who set the router up."
    ),
    "lists-unkept": mark(
        "The lists of sites couldn't be brought up to date. The ones before still "
        "apply. It is tried again by itself."
    ),
    "store": mark(
        "Saved settings couldn't be read. Safe rules are on. Ask who set the router "
        "up."
    ),
    "household-problems": mark(
        "Some saved settings couldn't be read. The others are on; the unreadable "
        "ones are kept as they were. See the technician's page."
    ),
    "help-unresolved": mark(
        "The addresses of help lines aren't known yet, so they can't be reached "
        "while a child's internet is off. It mends itself once the internet is "
        "there."
    ),
    "discovery-failed": mark(
        "The router can't see which devices are there. Known ones keep their rules; "
        "new ones get the rules for new devices. Turn the router off and on."
    ),
    "home-unreadable": mark(
        "The router can't see its own network. Rules in force stay. Turn it off and "
        "on."
    ),
    "monitor-failed": mark(
        "The router can't watch over its rules. They are on; if something removes "
        "them, it would be noticed late. Turn the router off and on."
    ),
    "no-egress-hook": mark(
        "This router can end running videos and calls only while its service runs. "
        "Everything else is enforced as usual."
    ),
    "state-unwritable": mark(
        "The router's storage is full or can't be written. Rules are on, but changes "
        "can't be saved, and after a power cut older ones hold. Ask who set it up."
    ),
    "effect-refused": mark(
        "A part of the last change couldn't be applied. Rules in force stay. It is "
        "tried again within a minute."
    ),
    "too-many-devices": mark(
        "There are more devices than this router can filter. Bedtimes and pauses hold "
        "for all; on some, apps and sites aren't filtered. Forget old devices."
    ),
    "accounts-unreadable": mark(
        "The router couldn't read who may sign in. Rules in force stay. Its storage "
        "may be damaged: ask who set it up."
    ),
    "boot-rules-unwritten": mark(
        "The router couldn't save its rules for the next start. They are on now; after "
        "a power cut older ones hold at first. Its storage may be full: ask who set it "
        "up."
    ),
    "carry-unwritten": mark(
        "The router couldn't note its state for the next start. Rules are on. Its "
        "storage may be full: ask who set it up."
    ),
    "lists-missing": mark(
        "There are no lists of sites yet, so kinds of sites aren't filtered. Bedtimes, "
        "pauses and single sites hold. Lists come by themselves once the internet is "
        "there."
    ),
    "lists-stale": mark(
        "The lists of sites are old. They still apply, and so do bedtimes and pauses. "
        "New ones are fetched by themselves."
    ),
    "partly-enforced": mark(
        "A device whose network settings are changed by hand can go round this box. "
        "Everything else is enforced. Make the box the router if that matters."
    ),
    "failsafe": mark(
        "Some saved settings couldn't be read. Safe rules are on: bedtimes yes, limits "
        "for apps and sites no."
    ),
    "rules-on-trial": mark(
        "New rules are on trial. They undo themselves within minutes unless they are "
        "kept; nothing else can be changed meanwhile."
    ),
}
_OTHER = mark(
    "Something needs a look (%(code)s). Rules in force stay. The technician's page "
    "tells more."
)


def trouble(entry: dict[str, str]) -> str:
    """Return what a parent reads of an entry of the health."""
    known = _SENTENCES.get(entry["code"])
    return gettext(known) if known else gettext(_OTHER, code=entry["code"])
