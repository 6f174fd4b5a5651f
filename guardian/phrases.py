"""Sentences for people, made at the edge from stable codes and arguments.

An error's sentence says what happened, what is still in force, and what to do. A
reason's sentence is one a child can read. A test holds that every code has one.
"""

from guardian.core.errors import GuardianError
from guardian.core.model import Reason

REASONS: dict[Reason, str] = {
    Reason.FLOOR: "Help is always reachable.",
    Reason.SAFETY_LIST: "A signed safety list stands against it.",
    Reason.PAUSED: "A parent has paused the internet.",
    Reason.GRANT: "Extra time has been given.",
    Reason.ALWAYS_WORKS: "It is on the list that always works.",
    Reason.BEDTIME: "It is bedtime.",
    Reason.OFFLINE: "This is a time without internet.",
    Reason.HOMEWORK: "It is homework time: only learning sites.",
    Reason.BUDGET_USED: "The time for today is used up.",
    Reason.BLOCKED_SITE: "A parent has blocked this site.",
    Reason.ALLOWED_SITE: "A parent has allowed this site.",
    Reason.NOT_ON_ALLOWLIST: "Only listed sites are open.",
    Reason.SOFT_FLOOR: "Information children have a right to.",
    Reason.BLOCKED_CATEGORY: "This kind of site is blocked in the profile.",
    Reason.DEFAULT: "Nothing stands against it.",
    Reason.EXEMPT: "This device has no limits.",
    Reason.NEW_DEVICE: "Nobody has assigned this device yet.",
    Reason.CLOCK_UNKNOWN: "The router does not know the time yet.",
}

ERRORS: dict[str, str] = {
    "already-running": "A Guardian daemon is running already; it stays in charge.",
    "bad-duration": "That is no duration; write for example 15m, 1h or 1h30m.",
    "bad-mac": "That is no device address; it looks like 02:00:5e:00:10:01.",
    "bad-request": "The daemon did not understand the request; nothing was changed.",
    "bad-time": "That is no time; write 21:30, morning or 2026-03-28T21:30.",
    "duplicate-mac": "Another device has that address already; nothing was changed.",
    "file-unreadable": "The file cannot be read; nothing was changed.",
    "household-invalid": "The household was refused; the one in force is unchanged.",
    "needs-arguments": "Something is missing in the command; nothing was changed.",
    "nft-missing": "The program nft is missing, so nothing can be enforced.",
    "nft-refused": "The kernel refused the rules; those before are still in force.",
    "nft-timeout": "nft did not answer; the rules before are still in force.",
    "kernel-refused": "The kernel refused the change; what was in force still is.",
    "no-answer": "The daemon did not answer; see `guardianctl status`.",
    "no-bedtime-ahead": "No bedtime lies ahead; give a time instead.",
    "no-such-device": "No such device; `guardianctl devices` lists them.",
    "no-such-person": "No such person; `guardianctl people` lists them.",
    "not-a-child": "Adults have no limits that could be changed.",
    "not-ahead-within-7-days": "The time must lie ahead, within seven days.",
    "not-allowed": "Only root and members of the group guardian may do this.",
    "not-running": "The daemon is not running. Leases in the kernel run out by "
    "themselves; start guardiand.",
    "nothing-to-confirm": "Nothing is on trial; the rules in force stay.",
    "revision-conflict": "Someone else changed the household meanwhile; look again.",
    "schema-newer": "The file comes from a newer Guardian; it was left untouched.",
    "too-many-clients": "Too many are connected to the daemon; try again.",
    "unknown-verb": "This daemon does not know that command.",
}


def sentence(error: GuardianError) -> str:
    """Return the sentence for an error, with its detail and every problem's place."""
    text = ERRORS.get(error.code, error.code)
    if error.detail:
        text += f" ({error.detail})"
    return "\n".join([text, *(f"  {problem}" for problem in error.problems)])
