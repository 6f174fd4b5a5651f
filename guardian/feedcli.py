"""`guardianctl lists begin`, `update`, `rollback`, `status`, `choose`.

An update runs in this process, at the lowest priority, and ends with it: the daemon
starts one as a child (`python -m guardian.listcli update`), a person by hand. It needs
no daemon and only the folder of lists.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import ssl
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from random import Random
from typing import Any

from guardian.core.errors import GuardianError
from guardian.core.feeds import FeedSpec, Verdict

OK, FAILED = 0, 1
NICE = 19
# Where a package puts what `packaging/build` made.
CORE = Path("/usr/share/guardian/core.idx")
Action = Callable[[str, Any, str], argparse.ArgumentParser]


def add_to(action: Action, folder: Path) -> None:
    """Add the verbs. action: makes a sub-parser; folder: where lists stand."""
    suffixes = "the Public Suffix List (default: the system's)"

    def stands(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--state-dir",
            type=Path,
            default=folder,
            metavar="FOLDER",
            help=f"where the lists stand (default: {folder})",
        )

    sub = action("update", _update, "fetch the lists that are due and compile them")
    stands(sub)
    sub.add_argument("--now", action="store_true", help="all lists, due or not")
    sub.add_argument(
        "--feed",
        action="append",
        default=[],
        metavar="ID",
        help="only this list, and judge it anew; may be given again",
    )
    sub.add_argument("--suffixes", type=Path, metavar="FILE", help=suffixes)
    sub.add_argument(
        "--ca", type=Path, metavar="FILE", help="certificates to trust instead"
    )
    sub = action("begin", _begin, "have an index of our own data, if there is none")
    stands(sub)
    sub.add_argument("--suffixes", type=Path, metavar="FILE", help=suffixes)
    sub.add_argument(
        "--core",
        type=Path,
        default=CORE,
        metavar="FILE",
        help=f"an index that came with the package (default: {CORE})",
    )
    sub = action("core", _core, "compile our own data with lists that may be shipped")
    sub.add_argument(
        "--lists", type=Path, required=True, metavar="FOLDER", help="where they stand"
    )
    sub.add_argument("--out", type=Path, required=True, metavar="FILE")
    sub.add_argument("--suffixes", type=Path, metavar="FILE", help=suffixes)
    sub = action("rollback", _rollback, "put the index before this one in force")
    stands(sub)
    sub = action("status", _status, "what is in force, since when, and what failed")
    stands(sub)
    sub = action("choose", _choose, "which lists are fetched")
    stands(sub)
    for option, says in (
        ("--add", "fetch this list too; may be given again"),
        ("--drop", "fetch this list no more; may be given again"),
    ):
        sub.add_argument(option, action="append", default=[], metavar="ID", help=says)


def _update(args: argparse.Namespace) -> int:
    from guardian.lists.collect import Arrived
    from guardian.lists.update import update
    from guardian.shell.fetch import fetch
    from guardian.shell.listinputs import load_inputs

    os.nice(NICE)
    inputs = load_inputs(args.suffixes)
    wanted = frozenset(args.feed)
    if unknown := wanted - {spec.id for spec in inputs.specs}:
        raise GuardianError("no-such-list", " ".join(sorted(unknown))[:80])
    try:
        context = ssl.create_default_context(cafile=args.ca)
    except OSError as error:
        raise GuardianError("file-unreadable", f"{args.ca}: {error}"[:120]) from None

    def fetched(spec: FeedSpec, into: Path, etag: str, modified: str) -> Arrived | None:
        return fetch(
            spec.url,
            into,
            bytes_max=spec.bytes_max,
            etag=etag,
            modified=modified,
            context=context,
        )

    try:
        outcome = update(
            args.state_dir,
            inputs,
            fetched,
            now=datetime.now(timezone.utc),
            chance=Random(),
            only=wanted,
            force=args.now,
        )
    except OSError as error:
        raise GuardianError("list-unwritable", str(error)[:120]) from None
    if args.json:
        said = {"changed": outcome.changed, **_told(args.state_dir)}
        print(json.dumps(said, sort_keys=True))
    else:
        names = outcome.state.index.names if outcome.state.index else 0
        done = "a new index is in force" if outcome.changed else "the index stays"
        print(f"{names} names: {done}")
        _print_problems(_told(args.state_dir))
    return FAILED if outcome.problem else OK


def _begin(args: argparse.Namespace) -> int:
    from guardian.lists.update import ensure_index
    from guardian.shell.listinputs import load_inputs

    try:
        path = ensure_index(
            args.state_dir,
            load_inputs(args.suffixes),
            datetime.now(timezone.utc),
            args.core if args.core.is_file() else None,
        )
    except OSError as error:
        raise GuardianError("list-unwritable", str(error)[:120]) from None
    print(json.dumps({"index": str(path)}) if args.json else path)
    return OK


def _core(args: argparse.Namespace) -> int:
    from guardian.lists.judge import Candidate, judge
    from guardian.lists.lines import CHUNK
    from guardian.shell.listinputs import load_inputs

    inputs = load_inputs(args.suffixes)
    found: dict[str, Candidate] = {}
    for spec in inputs.specs:
        if spec.verdict is not Verdict.SHIP or not spec.default:
            continue
        for path in (args.lists / spec.file, args.lists / f"{spec.file}.gz"):
            if path.is_file():
                digest = hashlib.blake2b(digest_size=32)
                with path.open("rb") as file:
                    while chunk := file.read(CHUNK):
                        digest.update(chunk)
                found[spec.id] = Candidate(
                    spec, path, digest.hexdigest(), None, new=True
                )
    if not found:
        raise GuardianError("list-source-invalid", str(args.lists)[:80])
    work = args.out.with_name(f".{args.out.name}.work")
    try:
        result = judge(inputs, found, {}, work)
        compiled, stops = result.compiled, [*result.refused.values()]
        if result.stopped is not None:
            stops.append(result.stopped)
        done = compiled is not None and not stops
        if compiled is not None:
            if done:
                os.replace(compiled.path, args.out)
            else:
                compiled.path.unlink()
            work.rmdir()
    except OSError as error:
        raise GuardianError("list-unwritable", str(error)[:120]) from None
    held = {
        name: sorted(word.decode() for word in words)
        for name, words in sorted(result.held.items())
    }
    if args.json:
        said = {
            "published": done,
            "names": compiled.names if compiled else 0,
            "bytes": compiled.size if compiled else 0,
            "lists": sorted(result.used),
            "held": held,
            "findings": [finding.to_json() for finding in stops],
        }
        print(json.dumps(said, sort_keys=True))
    else:
        for finding in stops:
            print(
                f"{finding.where}: refused by the guard {finding.guard}"
                f" ({finding.value:g}, limit {finding.limit:g})"
            )
        for name, words in held.items():
            print(f"{name}: left out {' '.join(words)}")
        if compiled is not None:
            print(
                f"{compiled.names} names of {len(result.used)} lists and our own,"
                f" {compiled.size} bytes: {args.out if done else 'refused'}"
            )
    return OK if done else FAILED


def _rollback(args: argparse.Namespace) -> int:
    from guardian.lists.update import rollback

    try:
        state = rollback(args.state_dir, datetime.now(timezone.utc))
    except OSError as error:
        raise GuardianError("list-unwritable", str(error)[:120]) from None
    if args.json:
        print(json.dumps(_told(args.state_dir), sort_keys=True))
    else:
        assert state.index is not None
        print(f"{state.index.names} names: the index of {state.index.since} is back")
    return OK


def _status(args: argparse.Namespace) -> int:
    told = _told(args.state_dir)
    if args.json:
        print(json.dumps(told, sort_keys=True))
        return FAILED if told["problem"] else OK
    index = told["index"]
    if index is None:
        print("no index is in force")
    elif index["known"]:
        back = ", put back by hand" if told["rolled_back"] else ""
        print(f"{index['names']} names, in force since {index['since']}{back}")
    else:
        print("an index of another origin is in force")
    for feed in told["feeds"]:
        if feed["in_force_since"]:
            print(f"  {feed['id']}: {feed['entries']} since {feed['in_force_since']}")
    _print_problems(told)
    return FAILED if told["problem"] else OK


def _choose(args: argparse.Namespace) -> int:
    from guardian.lists.collect import chosen
    from guardian.lists.update import choose
    from guardian.store.feeds import load_feeds

    specs = load_feeds()
    add, drop = frozenset(args.add), frozenset(args.drop)
    if add or drop:
        try:
            state = choose(args.state_dir, specs, add, drop)
        except OSError as error:
            raise GuardianError("list-unwritable", str(error)[:120]) from None
    else:
        from guardian.lists.staging import ListFolder

        state = ListFolder(args.state_dir).read()
    used = {spec.id for spec in chosen(specs, state)}
    for spec in specs:
        told = {
            "id": spec.id,
            "title": spec.title,
            "category": spec.category or None,
            "licence": spec.licence,
            "by": spec.attribution or None,
            "homepage": spec.homepage,
            "may_ship": spec.verdict.value == "ship",
            "chosen": spec.id in used,
            "note": spec.note or None,
        }
        if args.json:
            print(json.dumps(told, sort_keys=True, ensure_ascii=False))
        else:
            mark = "x" if told["chosen"] else " "
            print(f"[{mark}] {spec.id}: {spec.title}, {spec.licence}")
    return OK


def _told(folder: Path) -> dict[str, Any]:
    from guardian.lists.update import status

    return status(folder)


def _print_problems(told: dict[str, Any]) -> None:
    if told["problem"]:
        print(f"problem: {told['problem']} {told['detail'] or ''}".rstrip())
    for feed in told["feeds"]:
        if feed["problem"]:
            print(f"  {feed['id']}: {feed['problem']}, {feed['failures']} times")
        if feed["refused"]:
            refused = feed["refused"]
            names = f": {' '.join(refused['names'][:5])}" if refused["names"] else ""
            print(
                f"  {feed['id']}: refused by the guard {refused['guard']}"
                f" ({refused['value']:g}, limit {refused['limit']:g}){names}"
            )
        if feed["held"]:
            print(f"  {feed['id']}: left out {' '.join(feed['held'][:5])}")
