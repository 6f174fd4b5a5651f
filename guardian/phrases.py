"""Sentences for people, made at the edge from stable codes and arguments.

An error's sentence says what happened, what is still in force, and what to do. A
reason's sentence is one a child can read. A test holds that every code has one.
"""

from guardian.core.errors import GuardianError
from guardian.core.model import Reason

REASONS: dict[Reason, str] = {
    Reason.FLOOR: "Help is always reachable.",
    Reason.SAFETY_LIST: "A signed safety list stands against it.",
    Reason.PROTECTION_OFF: "Protection is switched off for now.",
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
    "already-answered": "Another parent has answered already; nothing was changed. The "
    "request shows what was said.",
    "already-claimed": "This box has been claimed; nothing was changed. Sign in, or "
    "let `guardianctl password-reset` make a new code.",
    "already-running": "A Guardian daemon is running already; it stays in charge.",
    "ask-too-often": "You have asked already; nothing was sent. Wait a little, or "
    "talk to a parent.",
    "bad-answer": "What listens on the control socket is no Guardian daemon of this "
    "version; nothing is known to have changed. Restart guardiand after an update.",
    "bad-argument": "An argument makes no sense; nothing was changed. "
    "`guardianctl VERB --help` shows the form.",
    "bad-birth": "That is no month of a birth; nothing was changed. Write for example "
    "2017-05.",
    "bad-country": "That is no country; nothing was changed. Write its two letters, "
    "for example DE.",
    "bad-date": "That is no date; write 2026-03-28. Nothing was changed.",
    "bad-day-change": "A day begins between 00:00 and 23:59; nothing was changed. Give "
    "a time of the day.",
    "bad-duration": "That is no duration; write for example 15m, 1h or 1h30m.",
    "bad-hostname": "That is no name of a site; write example.org, without https:// "
    "and without a path. Nothing was changed.",
    "bad-id": "That is no short name; nothing was changed. Write small letters, digits "
    "and dashes, for example sick-day.",
    "bad-language": "That is no language; nothing was changed. Write for example de or "
    "pt-BR.",
    "bad-mac": "That is no device address; it looks like 02:00:5e:00:10:01.",
    "bad-name": "That is no name of a host; it cannot be resolved.",
    "bad-request": "The daemon did not understand the request; nothing was changed.",
    "bad-server": "That is no resolver; write ADDRESS or ADDRESS#PORT.",
    "bad-time": "That is no time; write 21:30, morning or 2026-03-28T21:30.",
    "blocks-are-for-sites": "Windows about sites say which, and no others do; the "
    "schedule is unchanged. Choose what is refused meanwhile.",
    "calendar-ends-before-start": "The last day lies before the first; the calendar is "
    "unchanged. Swap the two.",
    "calendar-too-large": "That calendar file is too large; the calendar is unchanged. "
    "Export a single calendar, or fewer years.",
    "calendar-unreadable": "That is no calendar file, or it holds no event; the "
    "calendar is unchanged. Export it again as iCalendar (.ics).",
    "calendar-week-not-seven": "A week has seven days; the calendar is unchanged. Say "
    "a kind of day for each.",
    "cannot-start": "guardiand could not start; leases in the kernel run out by "
    "themselves.",
    "claim-wait": "Too many wrong codes; nothing was changed. Wait so many seconds "
    "and try again.",
    "claim-wrong": "That is not the code of this box; nothing was changed. "
    "`guardianctl claim-code` shows it.",
    "compile-running": "Another compilation works in that folder; nothing was "
    "changed. Wait for it, or give another --work.",
    "conntrack-refused": "The kernel refused to end running connections. The rules are "
    "in force for new ones; it is tried again within a minute.",
    "daemon-running": "guardiand is running and would load its rules again at once; "
    "nothing was removed. Stop it first.",
    "day-type-in-use": "A child's window still names that kind of day; the calendar is "
    "unchanged. Change that window first.",
    "duplicate-list": "The same list is named twice; nothing was changed. Name it "
    "once.",
    "duplicate-mac": "Another device has that address already; nothing was changed.",
    "elements-refused": "The kernel refused to change a lease. What was in force still "
    "is; everything is loaded anew in a moment.",
    "ends-before-start": "The end must lie after the start; nothing was changed.",
    "exception-needs-times-or-off": "Say --from or --to, or --off, and not both; "
    "nothing was changed.",
    "exempt-device-has-person": "A device is exempt or somebody's, not both; nothing "
    "was changed.",
    "file-unreadable": "The file cannot be read; nothing was changed.",
    "file-unwritable": "The file cannot be written; the household is unchanged.",
    "floor-cannot-be-blocked": "Help is always reachable and cannot be blocked; "
    "nothing was changed.",
    "household-invalid": "The household was refused; the one in force is unchanged.",
    "index-invalid": "The file is no index, or a damaged one; the index in force "
    "stays. Compile it again.",
    "index-missing": "There is no index there; nothing is blocked by it. `guardianctl "
    "lists compile` makes one.",
    "index-newer": "The index comes from a newer Guardian; the one in force stays. "
    "Compile it again.",
    "index-too-large": "The lists hold more names than an index can; the index in "
    "force stays. Leave a list out.",
    "index-unreadable": "The index cannot be read; the one in force stays. Look at "
    "the file's rights.",
    "instant-out-of-range": "That time lies too far off; nothing was changed.",
    "invite-gone": "That invitation has been used, or has ended; nothing was changed. "
    "Ask for a new one.",
    "last-parent": "A home needs a parent; nothing was changed. Add another one first.",
    "list-gzip-damaged": "The compressed list is damaged or cut; the index in force "
    "stays. Fetch it again.",
    "list-include-depth": "The list's includes go too deep; the index in force stays. "
    "Leave that list out.",
    "list-include-missing": "A file that the list includes is missing; the index in "
    "force stays. Fetch the whole folder again.",
    "list-member-missing": "The archive holds no such plain file; the index in force "
    "stays. Look at its name.",
    "list-not-text": "That is no list but a page, an archive or a script; the index "
    "in force stays. Look at what was fetched.",
    "list-source-invalid": "That names no list; nothing was changed. `guardianctl "
    "lists compile --help` shows the forms.",
    "list-too-long": "The list is longer than any known one; the index in force "
    "stays. Look at what was fetched.",
    "list-unwritable": "The new index could not be written; the one in force stays. "
    "Look for free space.",
    "mac-not-unicast": "No device has such an address; nothing was changed.",
    "migration-failed": "The stored household could not be brought to this version. It "
    "is untouched, and leases in the kernel run out; restore it or go back a version.",
    "migration-missing": "This version cannot read so old a household. It is "
    "untouched, and leases in the kernel run out; update over the version between.",
    "name-empty": "A name must not be empty; nothing was changed.",
    "name-taken": "Somebody else signs in by that name; nothing was changed. Choose "
    "another one.",
    "name-too-long": "That name is too long; nothing was changed.",
    "name-unprintable": "A name may hold printable characters only; nothing was "
    "changed.",
    "name-unresolved": "No resolver answered; addresses known before stay reachable.",
    "name-without-address": "That name has no address; those known before stay "
    "reachable.",
    "needs-arguments": "Something is missing in the command; nothing was changed.",
    "netlink-answer-lost": "The kernel's answer was lost, so what it holds is not "
    "known; everything is loaded anew in a moment.",
    "netlink-malformed": "The kernel's answer made no sense; what was in force still "
    "is. This is a fault of Guardian's; please report it.",
    "netlink-refused": "The kernel refused a request; what was in force still is. "
    "Guardian needs CAP_NET_ADMIN.",
    "netlink-unavailable": "This kernel or container offers no such netlink socket, so "
    "nothing can be enforced. Guardian needs nf_tables and CAP_NET_ADMIN.",
    "netlink-unreadable": "The kernel could not be read; what is in force stays. "
    "It is tried again with the next change.",
    "nft-missing": "The program nft is missing, so nothing can be enforced.",
    "nft-not-run": "The program nft could not be started; what was in force still is. "
    "Look for free memory and the file's rights.",
    "nft-refused": "The kernel refused the rules; those before are still in force.",
    "nft-timeout": "nft did not answer; the rules before are still in force.",
    "nft-unreadable": "What nft says makes no sense; the rules in force stay. "
    "Guardian needs nftables 1.0 or newer.",
    "no-answer": "The daemon did not answer; see `guardianctl status`.",
    "no-bedtime-ahead": "No bedtime lies ahead; give a time instead.",
    "no-such-account": "There is no such account; nothing was changed. Look again.",
    "no-such-day": "The calendar has no such entry; it is unchanged. Look at it again: "
    "somebody may have taken it off.",
    "no-such-device": "No such device; `guardianctl devices` lists them.",
    "no-such-key": "There is no such app password; nothing was changed. Look again.",
    "no-such-list": "No such list; `guardianctl lists status` and the catalogue of "
    "lists name them. Nothing was changed.",
    "no-such-person": "No such person; `guardianctl people` lists them.",
    "no-such-request": "There is no such request; nothing was changed. `guardianctl "
    "requests` lists them.",
    "no-such-window": "There is no such window; the schedule is unchanged. Look at it "
    "again: somebody may have taken it off.",
    "not-a-child": "Adults, and devices of nobody, have no limits that could be "
    "changed.",
    "not-ahead-within-7-days": "The time must lie ahead, within seven days.",
    "not-allowed": "Only root and members of the group guardian may do this.",
    "not-running": "The daemon is not running. Leases in the kernel run out by "
    "themselves; start guardiand.",
    "nothing-to-confirm": "Nothing is on trial; the rules in force stay.",
    "on-trial": "Another household is on trial and in force; nothing was changed. "
    "`guardianctl try --confirm` keeps it, `--rollback` ends it.",
    "pause-holds": "A pause holds, and no extra time lifts one; nothing was given. End "
    "the pause first.",
    "profiles-invalid": "A data file that came with Guardian is damaged; nothing was "
    "loaded. Install the package again.",
    "request-ended": "That request has ended with its day; nothing was changed. The "
    "child can ask again.",
    "request-too-long": "The request is too long; nothing was changed.",
    "revision-conflict": "Someone else changed the household meanwhile; look again.",
    "save-conflict": "Somebody else changed this meanwhile; theirs is in force, and "
    "nothing of yours was saved. Look at both and choose.",
    "schema-newer": "The file comes from a newer Guardian; it was left untouched.",
    "site-not-listed": "That site is on none of the child's own lists; nothing was "
    "changed. `guardianctl sites PERSON` shows them.",
    "state-unwritable": "A file of the state directory could not be written. The rules "
    "are in force; after a power cut older ones hold. Look for free space.",
    "store-too-large": "The household is too large to be stored; the one before is in "
    "force. Remove what is not needed.",
    "store-unreadable": "The stored household cannot be read. It is untouched, and "
    "leases in the kernel run out; look at the state directory's rights.",
    "store-unwritable": "The household could not be stored; the one before is in "
    "force. Look for free space.",
    "suffix-list-invalid": "That is no Public Suffix List; the index in force stays. "
    "Give another with --suffixes.",
    "suffix-list-missing": "Without the Public Suffix List nothing is compiled; the "
    "index in force stays. Install the package publicsuffix, or give a file with "
    "--suffixes.",
    "text-too-long": "That is too long; nothing was sent. Say it in fewer words.",
    "text-unprintable": "A text may hold printable characters only; nothing was "
    "changed. Write it on one line.",
    "too-many-accounts": "There are too many accounts; nothing was changed. Remove one "
    "first.",
    "too-many-clients": "Too many are connected to the daemon; try again.",
    "too-many-days": "The calendar would hold too many entries; it is unchanged. Take "
    "old ones off first.",
    "too-many-keys": "There are too many app passwords; nothing was changed. Remove "
    "one first.",
    "too-many-lists": "An index takes fewer lists; the one in force stays. Compile "
    "some of them apart.",
    "too-many-names": "The child's list would be too long; nothing was changed. Block "
    "a whole category, or take names off.",
    "too-many-sets": "The lists overlap in too many ways for one index; the one in "
    "force stays. Compile some of them apart.",
    "undo-conflict": "What that changed has been changed again since; nothing was "
    "taken back. Change it by hand.",
    "undo-gone": "That change is too old to be taken back, or from before a restart; "
    "nothing was changed. Change it by hand.",
    "unknown-band": "There is no such age band; nothing was changed. Choose one of "
    "those listed.",
    "unknown-category": "There is no such category or service; nothing was changed. "
    "`guardianctl catalogue` and `guardianctl catalogue services` list them.",
    "unknown-day-type": "No date is a day of that kind; the schedule is unchanged. Put "
    "such a day into the calendar first.",
    "unknown-pack": "There is no such starter pack; nothing was changed. `guardianctl "
    "catalogue packs` lists them.",
    "unknown-timezone": "This system knows no such time zone; nothing was changed. "
    "Write for example Europe/Berlin.",
    "unknown-verb": "This daemon does not know that command.",
    "window-without-days": "A window needs days; the schedule is unchanged. Choose one "
    "kind of day at least.",
    "window-zero-length": "A window must end after it starts; the schedule is "
    "unchanged. Give another start or end.",
}


def sentence(error: GuardianError) -> str:
    """Return the sentence for an error, with its detail and every problem's place."""
    text = ERRORS.get(error.code, error.code)
    if error.detail:
        text += f" ({error.detail})"
    return "\n".join([text, *(f"  {problem}" for problem in error.problems)])
