"""`guardianctl`: talks to the daemon, or runs the pure core on a file.

Exit codes: 0 done; 1 refused, failed or rolled back; 2 usage; 3 daemon not running;
4 the daemon runs on what was safe of a damaged configuration. Reading verbs print text,
or with --json one object (one a line where they list).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from guardian import cliprint
from guardian.client import DEFAULT_SOCKET, call
from guardian.core.errors import ControlError, GuardianError, Problem
from guardian.phrases import sentence

OK, REFUSED, USAGE, NOT_RUNNING, FAILSAFE = 0, 1, 2, 3, 4
# How long `lift` waits for a daemon to show that it lives, seconds.
LIFT_WAIT_S = 3.0
# Where the pages keep the words of their authority's key (or GUARDIAN_WEB_STATE).
WEB_STATE = Path("/var/lib/guardian-web")
# Settings of `sites`; without any it reads.
_SITES = ("only", "packs", "safe_search", "youtube")
# Options that go to the daemon under their own names.
_TRAVEL = (
    *("person", "span", "until", "why", "lifts", "on", "kind", "start", "end"),
    *("off", "action", "names", "label", "access", "revision", *_SITES),
)


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    words = sys.argv[1:] if argv is None else argv
    args = _parser(lists="lists" in words).parse_args(words)
    try:
        status = int(args.run(args) or OK)
        # Here, or a closed pipe would be noticed only by the interpreter's last flush.
        sys.stdout.flush()
        return status
    except ControlError as error:
        print(sentence(error), file=sys.stderr)
        return NOT_RUNNING if error.code == "not-running" else REFUSED
    except GuardianError as error:
        print(sentence(error), file=sys.stderr)
        return REFUSED
    except ValueError as error:
        code, _, detail = str(error).partition(": ")
        print(sentence(GuardianError(code, detail)), file=sys.stderr)
        return REFUSED
    except BrokenPipeError:
        # The reader closed the pipe (head, less); leave stdout alone at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _parser(*, lists: bool = True) -> argparse.ArgumentParser:
    """Return the parser of all verbs.

    lists: with what `lists` takes; importing that would be a third of every other
    verb's start (measured).
    """
    parser = argparse.ArgumentParser(
        prog="guardianctl", description="Steer Guardian, and ask it why."
    )
    parser.add_argument(
        "--socket",
        type=Path,
        default=Path(os.environ.get("GUARDIAN_SOCKET", DEFAULT_SOCKET)),
        help="the daemon's control socket (or GUARDIAN_SOCKET)",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(
        name: str, run: Callable[[argparse.Namespace], int | None], says: str
    ) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=says, description=says)
        sub.set_defaults(run=run)
        sub.add_argument("--json", action="store_true", help="print JSON")
        return sub

    def offline(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--at", metavar="TIME", help="another clock, ISO 8601")
        sub.add_argument(
            "--household", metavar="FILE", help="use this file, not the daemon"
        )

    verb("status", _status, "what is enforced now, and what is wrong")
    sub = verb("devices", _list("devices"), "every device seen or assigned")
    sub.add_argument("--at", metavar="TIME", help="another clock, ISO 8601")
    sub = verb("people", _list("people"), "each person and what holds for them")
    sub.add_argument("--at", metavar="TIME", help="another clock, ISO 8601")
    sub = verb("assign", _assign, "give a device to a person, or exempt it")
    sub.add_argument("device", help="id, name or MAC")
    sub.add_argument("person", nargs="?", help="id or name")
    sub.add_argument("--exempt", action="store_true", help="a thing: never judged")
    sub.add_argument("--nobody", action="store_true", help="back to unassigned")
    sub.add_argument("--name", default="", help="what to call the device")
    sub.add_argument(
        "--same-as", metavar="DEVICE", help="it is this device with a new address"
    )
    sub = verb("pause", _change("pause"), "stop a child's internet, with an end")
    sub.add_argument("person", help="id or name, or 'all'")
    _ends(sub)
    sub = verb("resume", _change("resume"), "end a pause")
    sub.add_argument("person", help="id or name, or 'all'")
    sub = verb("grant", _change("grant"), "give time on top; ends by itself")
    sub.add_argument("person", help="id or name")
    _ends(sub)
    sub.add_argument("--why", default="", help="the reason, shown to the child")
    sub.add_argument("--lifts", help="kinds it opens, e.g. bedtime,homework")
    sub = verb("protection", _protection, "switch everything off, with an end; or on")
    sub.add_argument("action", choices=("off", "on"))
    _ends(sub)
    sub = verb("exception", _change("exception"), "one day otherwise")
    sub.add_argument("person", help="id or name")
    sub.add_argument("--on", default="", metavar="DATE", help="default: today")
    sub.add_argument(
        "--kind", default="bedtime", help="bedtime, offline, homework, sites"
    )
    sub.add_argument("--from", dest="start", metavar="HH:MM", help="new start")
    sub.add_argument("--to", dest="end", metavar="HH:MM", help="new end")
    sub.add_argument("--off", action="store_true", help="not at all on that day")
    sub = verb("site", _change("site"), "open or refuse single sites for a child")
    sub.add_argument("action", choices=("allow", "block", "always", "forget"))
    sub.add_argument("person", help="id or name")
    sub.add_argument("names", nargs="+", metavar="NAME", help="e.g. example.org")
    _expects(sub)
    sub = verb("access", _change("access"), "open or refuse a kind of site, a service")
    sub.add_argument("person", help="id or name")
    sub.add_argument("label", metavar="ID", help="see `guardianctl catalogue`")
    sub.add_argument("access", choices=("allow", "limit", "block", "default"))
    _expects(sub)
    sub = verb("sites", _sites, "what holds for a child's sites, and who set it")
    sub.add_argument("person", help="id or name")
    sub.add_argument("--only", metavar="on|off|default", help="allow-list mode")
    sub.add_argument("--packs", metavar="ID,...", help="or none, default")
    sub.add_argument("--safe-search", metavar="on|off|default")
    sub.add_argument("--youtube", metavar="off|moderate|strict|default")
    _expects(sub)
    sub = verb("catalogue", _catalogue, "the kinds of sites, services, starter packs")
    kinds = ("categories", "services", "packs")
    sub.add_argument("kind", nargs="?", choices=kinds, default=kinds[0])
    sub = verb("household", _household, "the whole household as one document")
    sub.add_argument("action", choices=("export", "import", "check"))
    sub.add_argument("file", nargs="?", default="-", help="a file, or - for stdin")
    sub = verb("explain", _explain, "why a device stands as it does")
    sub.add_argument("device", help="id, name or MAC")
    sub.add_argument("--name", metavar="NAME", help="and what it gets for this site")
    offline(sub)
    sub = verb("plan", _plan, "the leases, and the stretches of the coming day")
    offline(sub)
    sub = verb("print", _print, "the ruleset as text; touches nothing")
    offline(sub)
    verb("check", _check, "let the kernel check the ruleset; touches nothing")
    verb("apply", _apply, "load rules and elements anew")
    sub = verb("try", _try, "apply a household; rolled back unless confirmed")
    sub.add_argument("file", nargs="?", help="a household document")
    sub.add_argument("--timeout", type=int, default=120, metavar="SECONDS")
    sub.add_argument("--confirm", action="store_true", help="keep what is on trial")
    sub.add_argument("--rollback", action="store_true", help="end the trial now")
    verb("precedence", _precedence, "the table that decides, first row first")
    sub = verb("requests", _list("requests"), "what children ask for, open ones first")
    sub.add_argument("--all", action="store_true", help="with all answers of a week")
    sub = verb("audit", _list("audit"), "who changed what")
    sub.add_argument("--limit", type=int, default=50)
    sub = verb("undo", _change("undo"), "take back one change, and nothing else")
    sub.add_argument("revision", type=int, help="see `guardianctl audit`")
    sub = verb("clock", _change("clock"), "say that the router's clock is right")
    sub.add_argument("action", choices=("confirm",))
    verb("claim-code", _list("claim-code"), "the code that takes a new box")
    says = "a new code for who has forgotten a password; ends all sessions"
    verb("password-reset", _list("password-reset"), says)
    verb("lift", _lift, "remove every rule of ours from the kernel")
    says = "names by category: compile, look up, report"
    sub = verbs.add_parser("lists", help=says, description=says)
    if lists:
        from guardian import listcli

        listcli.add_to(sub)
    return parser


def _expects(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--revision", type=int, metavar="N", help="only if this is the present one"
    )


def _ends(sub: argparse.ArgumentParser) -> None:
    ends = sub.add_mutually_exclusive_group()
    ends.add_argument("--for", dest="span", metavar="15m", help="how long")
    ends.add_argument(
        "--until", metavar="TIME", help="22:00, morning, bedtime or ISO 8601"
    )


def _show(args: argparse.Namespace, value: Any, verb: str = "") -> None:
    """Print a result as JSON (a list one object a line) or as text.

    verb: whose result it is, where a command stands for two.
    """
    if args.json:
        for item in value if isinstance(value, list) else [value]:
            print(json.dumps(item, sort_keys=True, ensure_ascii=False))
    else:
        print(cliprint.text(verb or args.verb, value))


def _status(args: argparse.Namespace) -> int:
    status = call(args.socket, "status")
    _show(args, status | {"key_words": _key_words()})
    return FAILSAFE if status["failsafe"] else OK


def _key_words() -> list[str]:
    """Return the words that `/open` must show, [] without pages or the right to look.

    Read here and not shown by a page alone: a spoofed page can show any words.
    """
    folder = Path(os.environ.get("GUARDIAN_WEB_STATE", WEB_STATE))
    try:
        found = json.loads((folder / "tls" / "ca.words").read_bytes())
        return [str(word) for word in found["words"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _list(verb: str) -> Callable[[argparse.Namespace], int | None]:
    def run(args: argparse.Namespace) -> None:
        extra = {
            key: value
            for key in ("all", "at", "limit")
            if (value := getattr(args, key, None)) not in (None, False)
        }
        _show(args, call(args.socket, verb, **extra))

    return run


def _change(verb: str) -> Callable[[argparse.Namespace], int | None]:
    """A verb whose options travel as they are; what is not given does not."""

    def run(args: argparse.Namespace) -> None:
        sent = {
            key: value
            for key in _TRAVEL
            if (value := getattr(args, key, None)) is not None
            and value is not False
            and value != ""
        }
        _show(args, call(args.socket, verb, **sent), verb)

    return run


def _sites(args: argparse.Namespace) -> None:
    if any(getattr(args, key) is not None for key in _SITES):
        _change("sites-set")(args)
    else:
        _show(args, call(args.socket, "sites", person=args.person))


def _protection(args: argparse.Namespace) -> int:
    if (args.action == "off") is not bool(args.span or args.until):
        print("Switched off it needs an end, on none.", file=sys.stderr)
        return USAGE
    ends = {"span": args.span, "until": args.until}
    _show(args, call(args.socket, "protection", **ends))
    return OK


def _catalogue(args: argparse.Namespace) -> None:
    from guardian.store.catalogue import load_catalogue
    from guardian.views import catalogue_view

    _show(args, catalogue_view(load_catalogue(), args.kind))


def _assign(args: argparse.Namespace) -> int:
    chosen = [bool(args.person), args.exempt, args.nobody, bool(args.same_as)]
    if sum(chosen) != 1:
        print(
            "Give exactly one of PERSON, --exempt, --nobody, --same-as.",
            file=sys.stderr,
        )
        return USAGE
    result = call(
        args.socket,
        "assign",
        device=args.device,
        person=args.person,
        exempt=args.exempt,
        name=args.name,
        same_as=args.same_as,
    )
    _show(args, result)
    return OK


def _household(args: argparse.Namespace) -> int:
    if args.action == "export":
        text = json.dumps(
            call(args.socket, "household-export"), indent=2, ensure_ascii=False
        )
        if args.file == "-":
            print(text)
        else:
            _write(args.file, text + "\n")
        return OK
    document = _read(args.file)
    if args.action == "check":
        from guardian.store.data import load_bands
        from guardian.store.document import parse_text

        _, problems = parse_text(document, load_bands())
        if problems:
            raise GuardianError("household-invalid", "", problems)
        return OK
    _show(args, call(args.socket, "household-import", text=_text(document)))
    return OK


def _write(name: str, text: str) -> None:
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise GuardianError("file-unwritable", f"{name}: {error.strerror}") from None


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise GuardianError("file-unreadable", f"{name}: {error.strerror}") from None


def _text(document: bytes) -> str:
    """Return the text of a document; replacing a byte would change somebody's name."""
    try:
        return document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(f"byte {error.start}", "not-utf-8")
        raise GuardianError("household-invalid", "", (problem,)) from None


def _offline(args: argparse.Namespace) -> tuple[Any, datetime]:
    """Return (household, clock) for a verb that runs the pure core on a file."""
    from guardian.core.timetext import parse_instant
    from guardian.store.data import load_bands
    from guardian.store.document import parse_text

    household, problems = parse_text(_read(args.household), load_bands())
    for problem in problems:
        print(problem, file=sys.stderr)
    now = parse_instant(args.at, household) if args.at else _now()
    return household, now


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _explain(args: argparse.Namespace) -> None:
    if not args.household:
        asked = {"device": args.device, "at": args.at or "", "name": args.name or ""}
        _show(args, call(args.socket, "explain", **asked))
        return
    if args.name:
        raise GuardianError("bad-argument", "--name needs the daemon's lists")
    from guardian.core.changes import find_device
    from guardian.core.decide import Facts
    from guardian.core.model import parse_mac
    from guardian.views import explain_view

    household, now = _offline(args)
    device = find_device(household, args.device)
    if device is None:
        try:
            parse_mac(args.device)
        except ValueError:
            raise GuardianError("no-such-device", args.device[:80]) from None
    _show(args, explain_view(household, device, Facts(), now))


def _plan(args: argparse.Namespace) -> None:
    if not args.household:
        _show(args, call(args.socket, "plan", at=args.at or ""))
        return
    from guardian.core.decide import Facts
    from guardian.views import plan_view

    household, now = _offline(args)
    _show(args, plan_view(household, Facts(), now))


def _print(args: argparse.Namespace) -> None:
    if not args.household:
        text = call(args.socket, "print", at=args.at or "")["text"]
    else:
        from guardian.compile.engine import Engine
        from guardian.core.events import HomeSeen, HouseholdChanged, Moment

        household, now = _offline(args)
        engine = Engine()
        moment = Moment(now, 0.0)
        engine.handle(HouseholdChanged(household), moment)
        engine.handle(HomeSeen(hooked=household.network.lan), moment)
        text = engine.text(moment)
    print(json.dumps({"text": text}) if args.json else text, end="")


def _check(args: argparse.Namespace) -> None:
    _show(args, call(args.socket, "check"))


def _apply(args: argparse.Namespace) -> None:
    _show(args, call(args.socket, "apply"))


def _try(args: argparse.Namespace) -> int:
    if args.confirm or args.rollback:
        verb = "try-confirm" if args.confirm else "try-rollback"
        _show(args, call(args.socket, verb))
        return OK
    if not args.file:
        print("Give a household file, or --confirm or --rollback.", file=sys.stderr)
        return USAGE
    text = _text(_read(args.file))
    _show(args, call(args.socket, "try", text=text, timeout=args.timeout))
    return OK


def _precedence(args: argparse.Namespace) -> None:
    from guardian.views import precedence_view

    _show(args, precedence_view())


def _lift(args: argparse.Namespace) -> None:
    """Works without a daemon: the way out when all else fails."""
    from guardian.shell import nft

    # One that lives would have its rules back within a second; one that hangs cannot.
    with contextlib.suppress(ControlError):
        call(args.socket, "status", wait_s=LIFT_WAIT_S)
        raise GuardianError("daemon-running")
    nft.lift()
    _show(args, {"lifted": True})


if __name__ == "__main__":
    sys.exit(main())
