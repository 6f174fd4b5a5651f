"""Refusals of the daemon in words: what happened, what is in force, what to do."""

from __future__ import annotations

from guardian.core.errors import ControlError
from webui.i18n import gettext, mark

_SENTENCES = {
    "not-running": mark(
        "The router service stopped. Rules in force stay until they end. Nothing was "
        "changed. Turn the router off and on, or ask who set it up."
    ),
    "no-answer": mark(
        "The router service doesn't answer. Rules in force stay. Try again in a minute."
    ),
    "revision-conflict": mark(
        "Somebody else changed this meanwhile. Nothing was lost: look again."
    ),
    "save-conflict": mark(
        "Somebody else changed this meanwhile. Choose which version to keep."
    ),
    "on-trial": mark(
        "Other rules are on trial right now. Nothing was changed; wait for its end."
    ),
    "no-such-person": mark(
        "That person isn't there any more. Nothing was changed; go back to Home."
    ),
    "no-such-device": mark(
        "That device isn't there any more. Nothing was changed; look at Devices."
    ),
    "name-unprintable": mark(
        "That name has signs that can't be shown. Nothing was changed; leave them out."
    ),
    "too-many-accounts": mark(
        "No more people can sign in here. Nothing was changed; end another sign-in "
        "first."
    ),
    "too-many-keys": mark(
        "There are too many app passwords. Nothing was changed; end another one first."
    ),
    "no-such-account": mark(
        "That sign-in has ended already. Nothing was changed; look again."
    ),
    "no-such-key": mark(
        "That app password has ended already. Nothing was changed; look again."
    ),
    "duplicate-mac": mark(
        "That address belongs to another device. Nothing was changed; look at Devices."
    ),
    "bad-day-change": mark(
        "That is no time of day. Nothing was changed; write one like 04:00."
    ),
    "name-empty": mark("A name is missing. Nothing was changed; write one."),
    "name-too-long": mark("That name is too long. Nothing was changed; shorten it."),
    "bad-hostname": mark(
        "That is no name of a site. Nothing was changed; write for example example.org."
    ),
    "floor-cannot-be-blocked": mark(
        "Help for children always works and can't be turned off. Nothing was changed."
    ),
    "last-parent": mark(
        "That's the only parent. Nothing was changed; add another one first."
    ),
    "no-such-request": mark(
        "That request isn't there any more. Nothing was changed; look again."
    ),
    "request-ended": mark(
        "That request has ended with its day. Nothing was given; a child can ask again."
    ),
    "pause-holds": mark(
        "A pause is on, and extra time lifts none. Nothing was given; resume first."
    ),
    "invite-gone": mark(
        "This invitation has been used or has ended. Nothing was changed; ask for a "
        "new one."
    ),
    "name-taken": mark(
        "Somebody here has that name already. Nothing was changed; choose another one."
    ),
    "already-answered": mark(
        "Somebody else has answered already. Nothing was changed."
    ),
    "undo-conflict": mark(
        "This can't be undone: it was changed again since. The newest change is in "
        "force; change it by hand."
    ),
    "undo-gone": mark(
        "This can't be undone any more: the router was restarted since. What is in "
        "force stays; change it by hand."
    ),
    "store-unwritable": mark(
        "The router couldn't save this; its storage may be full. The rules before are "
        "in force. Ask who set the router up."
    ),
    "no-such-window": mark(
        "That time isn't in the week any more. Nothing was changed; look again."
    ),
    "unknown-day-type": mark(
        "No day is of that kind yet. Nothing was changed; put such days into the "
        "calendar first."
    ),
    "bad-time": mark("That is no time. Nothing was changed; choose day and time."),
    "site-not-listed": mark(
        "That site is on none of the child's lists any more. Nothing was changed."
    ),
    "unknown-category": mark(
        "That app or kind of site isn't known any more. Nothing was changed; look "
        "again."
    ),
    "too-many-names": mark(
        "The list would be too long. Nothing was changed; block a whole kind of sites "
        "instead."
    ),
    "window-zero-length": mark(
        "Start and end are the same. Nothing was changed; choose two times."
    ),
    "not-ahead-within-7-days": mark(
        "That end isn't within the coming seven days. Nothing was changed."
    ),
}
_OTHER = mark(
    "That didn't work (%(code)s). Nothing was changed; the rules before are in force. "
    "Try again, or look at the technician's page."
)


def sentence(error: ControlError) -> str:
    """Return what a parent reads of a refusal."""
    known = _SENTENCES.get(error.code)
    return gettext(known) if known else gettext(_OTHER, code=error.code[:40])
