"""`guardianctl lists`: compile lists into an index, and ask an index about names.

Works without the daemon and without rights: on files. What a person looks up here is
printed and nowhere kept. As a module of its own (`python -m guardian.listcli`) it has
the same verbs and little else in memory; the daemon runs its updates so.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from guardian import feedcli
from guardian.core.errors import GuardianError
from guardian.lists import guards
from guardian.lists.build import Compiled, Feed, compile_index
from guardian.lists.catalogue import feeds_of
from guardian.lists.grammar import Claim
from guardian.lists.index import Found, Index
from guardian.lists.inputs import names_of
from guardian.lists.judge import names_of_feed
from guardian.lists.names import NameSyntaxError, parse_name, to_wire
from guardian.lists.report import report
from guardian.lists.source import Kind, Polarity, Rules
from guardian.lists.suffixes import load_suffixes
from guardian.phrases import sentence

OK, REFUSED = 0, 1
DEFAULT_FOLDER = Path("/var/lib/guardian/lists")
CURRENT = "current.idx"
GUARDS = (
    *("size", "rejected", "declared", "polarity"),
    *("top-sites", "floor", "public-suffixes"),
)
_SAYS = "names by category: compile, look up, report, update"
_CLAIMS = {
    Claim.SUFFIX: "with all below it",
    Claim.EXACT: "exactly",
    Claim.EXCEPT: "excepted with all below it",
    Claim.EXCEPT_EXACT: "excepted exactly",
}


def main(argv: list[str] | None = None) -> int:
    """Run one verb without `guardianctl`; returns the exit code."""
    parser = argparse.ArgumentParser(prog="guardianctl lists", description=_SAYS)
    add_to(parser)
    args = parser.parse_args(argv)
    try:
        return int(args.run(args) or OK)
    except GuardianError as error:
        print(sentence(error), file=sys.stderr)
        return REFUSED


def add_to(parser: argparse.ArgumentParser) -> None:
    """Give the parser of `guardianctl lists` its actions."""
    inner = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, run: Any, says: str) -> argparse.ArgumentParser:
        sub: argparse.ArgumentParser = inner.add_parser(
            name, help=says, description=says
        )
        sub.set_defaults(run=run)
        sub.add_argument("--json", action="store_true", help="print JSON")
        return sub

    def reads(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--index",
            type=Path,
            action="append",
            metavar="FILE",
            help=f"an index; may be given again (default: {DEFAULT_FOLDER / CURRENT})",
        )

    sub = action("compile", _compile, "compile lists into one index")
    sub.add_argument("--out", type=Path, required=True, metavar="FILE")
    sub.add_argument(
        "--suffixes", type=Path, metavar="FILE", help="the Public Suffix List"
    )
    sub.add_argument("--work", type=Path, metavar="FOLDER", help="default: beside FILE")
    sub.add_argument(
        "--accept",
        action="append",
        default=[],
        choices=GUARDS,
        help="let this guard's findings pass; may be given again",
    )
    sub.add_argument(
        "--popular",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="names that one list alone must not call harmful; may be given again",
    )
    sub.add_argument(
        "source",
        nargs="+",
        metavar="SOURCE",
        help="PATH, LABEL[,OPTION...]=PATH, FOLDER or FOLDER:url-only",
    )
    sub = action("lookup", _lookup, "which labels names have")
    reads(sub)
    sub.add_argument("name", nargs="+", metavar="NAME", help="or - for standard input")
    sub = action("why", _why, "which entries of which lists a name meets")
    reads(sub)
    sub.add_argument("name", metavar="NAME")
    reads(action("stats", _stats, "sizes, lists and what was dropped of them"))
    sub = action("report", _report, "coverage and over-blocking by label and list")
    reads(sub)
    for option, says in (
        ("--must-allow", "names that must stay open: TSV of name and class"),
        ("--popular", "popular names, one a line; may be given again"),
        ("--expect", "names with the label they should have: TSV"),
    ):
        sub.add_argument(
            option, type=Path, action="append", default=[], metavar="FILE", help=says
        )
    feedcli.add_to(action, DEFAULT_FOLDER)


def _compile(args: argparse.Namespace) -> int:
    suffixes = load_suffixes(args.suffixes)
    rules = Rules(suffixes=suffixes, floor=frozenset(_floor()))
    feeds = feeds_of(args.source)
    work = args.work or args.out.with_name(f".{args.out.name}.work")
    try:
        compiled = compile_index(feeds, rules, work)
        findings = _judge(feeds, compiled, rules, args.popular)
        stopped = [f for f in findings if not f.ok and f.guard not in args.accept]
        if not stopped:
            _publish(compiled.path, args.out)
            work.rmdir()
        else:
            compiled.path.unlink()
    except OSError as error:
        raise GuardianError("list-unwritable", str(error)[:120]) from None
    _print_compiled(args, compiled, findings, not stopped)
    return REFUSED if stopped else OK


def _publish(staged: Path, out: Path) -> None:
    from guardian.store.atomic import sync_folder

    os.replace(staged, out)
    sync_folder(out.parent)


def _judge(
    feeds: Iterable[Feed], compiled: Compiled, rules: Rules, popular: list[Path]
) -> list[guards.Finding]:
    findings = []
    index = Index(compiled.path)
    harm = _harm()
    for feed in feeds:
        counts = compiled.by_source[feed.source.id]
        findings.append(guards.size_band(feed.source, counts))
        findings.append(guards.reject_rate(feed.source, counts))
        findings.append(guards.declared_count(feed.source, counts))
        if feed.source.polarity is Polarity.ALLOW:
            names = names_of_feed(feed, rules)
            findings.append(guards.polarity(feed.source, names, index.explain, harm))
    ranked = names_of(name for path in popular for name in _lines(path))
    findings.append(guards.top_sites(sorted(ranked), index.explain, harm))
    findings.append(guards.floor(sorted(rules.floor), index.explain))
    findings.append(guards.public_suffixes(rules.suffixes, index.explain))
    return findings


def _harm() -> frozenset[str]:
    """Return the categories that are made of what harms children."""
    from guardian.store.catalogue import load_catalogue

    return frozenset(c.id for c in load_catalogue().categories if c.harm)


def _print_compiled(
    args: argparse.Namespace,
    compiled: Compiled,
    findings: list[guards.Finding],
    published: bool,
) -> None:
    failed = [finding for finding in findings if not finding.ok]
    if args.json:
        counted = compiled.by_source.items()
        result = {
            "published": published,
            "names": compiled.names,
            "bytes": compiled.size,
            "sets": compiled.sets,
            "digest": compiled.digest,
            "resumed": compiled.resumed,
            "sources": {name: counts.to_json() for name, counts in counted},
            "findings": [finding.to_json() for finding in failed],
        }
        print(json.dumps(result, sort_keys=True, ensure_ascii=False))
        return
    for name, counts in compiled.by_source.items():
        dropped = ", ".join(f"{n} {why}" for why, n in sorted(counts.dropped.items()))
        print(f"{name}: {counts.entries} of {counts.lines} lines; {dropped or '-'}")
    for finding in failed:
        names = f": {' '.join(finding.names[:10])}" if finding.names else ""
        print(
            f"guard {finding.guard}, {finding.where}: {finding.value:g}"
            f" (limit {finding.limit:g}){names}"
        )
    done = "in force" if published else "refused; what was in force still is"
    print(f"{compiled.names} names, {compiled.size} bytes: {done}")


def _indexes(args: argparse.Namespace) -> list[Index]:
    return [Index(path) for path in args.index or [DEFAULT_FOLDER / CURRENT]]


def _floor() -> Iterator[bytes]:
    """Yield the exact names that are always reachable."""
    from guardian.store.data import load_floor

    for entry in load_floor().entries:
        for domain in entry.domains:
            yield from (name.encode() for name in domain.names())


def _tiers() -> dict[str, frozenset[bytes]]:
    """Return the names that no list may block, by tier; `hard` is exact."""
    from guardian.store.catalogue import load_tiers

    tiers = load_tiers()
    return {
        "hard": frozenset(_floor()),
        "technical": names_of(tiers.technical),
        "system": names_of(tiers.system),
        "soft": names_of(tiers.soft),
        "guard": names_of(tiers.guard),
    }


def _tier_of(name: bytes, tiers: dict[str, frozenset[bytes]]) -> str | None:
    if name in tiers["hard"]:
        return "hard"
    while name:
        for tier, names in tiers.items():
            if tier != "hard" and name in names:
                return tier
        name = name.partition(b".")[2]
    return None


def _found(indexes: list[Index], wire: bytes) -> list[Found]:
    return [index.explain(wire) for index in indexes]


def _lookup(args: argparse.Namespace) -> None:
    indexes = _indexes(args)
    tiers = _tiers()
    for text in _names(args.name):
        result: dict[str, Any] = {"name": text}
        try:
            name = parse_name(text.encode())
        except NameSyntaxError as error:
            result["problem"] = error.code
            found = []
        else:
            found = _found(indexes, to_wire(name))
            result["floor"] = _tier_of(name, tiers)
        sources = [source for part in found for source in part.sources]
        for key, kind in (("categories", Kind.CATEGORY), ("services", Kind.SERVICE)):
            result[key] = sorted({s.label for s in sources if s.kind is kind})
        result["matched"] = list(
            dict.fromkeys(hit.name for part in found for hit in part.hits)
        )
        result["sources"] = sorted({source.id for source in sources})
        result.setdefault("floor", None)
        if args.json:
            print(json.dumps(result, sort_keys=True, ensure_ascii=False))
        else:
            labels = result["categories"] + result["services"]
            print(f"{text}: {', '.join(labels) or result.get('problem') or '-'}")


def _names(given: list[str]) -> Iterator[str]:
    for name in given:
        if name == "-":
            yield from (line.strip() for line in sys.stdin if line.strip())
        else:
            yield name


def _why(args: argparse.Namespace) -> None:
    indexes = _indexes(args)
    try:
        wire = to_wire(parse_name(args.name.encode()))
    except NameSyntaxError as error:
        raise GuardianError("bad-name", error.code) from None
    hits = []
    for found in _found(indexes, wire):
        stands = {source.id for source in found.sources}
        hits += [
            {
                "entry": hit.name,
                "source": source.id,
                "label": source.label,
                "licence": source.licence,
                "claim": claim.name.lower(),
                "stands": source.id in stands,
            }
            for hit in found.hits
            for source, claim in hit.claims
        ]
    if args.json:
        print(json.dumps({"name": args.name, "hits": hits}, ensure_ascii=False))
        return
    for hit in hits:
        tail = "" if hit["stands"] else "; taken back by an exception"
        how = _CLAIMS[Claim[str(hit["claim"]).upper()]]
        print(f"{hit['label']}: {hit['source']} lists {hit['entry']} {how}{tail}")
    if not hits:
        print(f"{args.name}: in no list")


def _stats(args: argparse.Namespace) -> None:
    for index in _indexes(args):
        stats = {"file": str(index.path), **index.stats()}
        if args.json:
            print(json.dumps(stats, sort_keys=True, ensure_ascii=False))
            continue
        print(
            f"{stats['file']}: {stats['names']} names, {stats['bytes']} bytes,"
            f" {stats['bytes_per_name']} a name, {stats['sets']} sets"
        )
        for source in stats["sources"]:
            print(f"  {source['label']}: {source['id']}, {source['counts']['entries']}")


def _report(args: argparse.Namespace) -> None:
    must_allow = {row[0]: row[1] for row in _table(args.must_allow) if len(row) > 1}
    must_allow.pop("name", None)
    if not args.must_allow:
        for tier, names in _tiers().items():
            must_allow |= {name.decode(): tier for name in names}
    expected = [(row[0], row[1]) for row in _table(args.expect) if len(row) > 1]
    if not args.expect:
        expected = list(_curated())
    popular = {path.name: list(_lines(path)) for path in args.popular}
    for index in _indexes(args):
        result = report(
            index, must_allow=must_allow, popular=popular, expected=expected
        )
        if args.json:
            print(json.dumps(result, sort_keys=True, ensure_ascii=False))
            continue
        _print_report(
            result, {s.label for s in index.sources if s.kind is Kind.SERVICE}
        )


def _print_report(result: dict[str, Any], services: set[str]) -> None:
    """Print all categories and their lists, and of the services what is amiss."""
    quiet = 0
    for label, entry in result["labels"].items():
        amiss = entry["must_allow"] or entry["missing"]
        if label in services and not amiss:
            quiet += 1
            continue
        print(
            f"{label}: {entry['names']} names, "
            f"{entry['covered']} of {entry['expected']} expected, "
            f"{len(entry['must_allow'])} that must stay open, "
            f"popular {sum(entry['popular'].values())}"
        )
    for name, entry in result["sources"].items():
        if entry["label"] in services and not entry["must_allow"]:
            continue
        print(
            f"  {name} ({entry['label']}): {entry['names']} names, "
            f"{entry['alone']} in no other list, "
            f"{len(entry['must_allow'])} that must stay open, "
            f"popular {sum(entry['popular'].values())}"
        )
    print(f"{result['names']} names; {quiet} services with nothing amiss")


def _curated() -> Iterator[tuple[str, str]]:
    """Yield our own names with the categories that they should have."""
    from guardian.store.catalogue import load_catalogue

    catalogue = load_catalogue()
    for category in catalogue.categories:
        yield from ((name, category.id) for name in category.names)
    for service in catalogue.services:
        yield from ((name, service.group) for name in service.domains)


def _table(paths: Iterable[Path]) -> Iterator[list[str]]:
    for path in paths:
        yield from csv.reader(_lines(path), delimiter="\t", quoting=csv.QUOTE_NONE)


def _lines(path: Path) -> Iterator[str]:
    try:
        octets = path.read_bytes()
        if octets.startswith(b"\x1f\x8b"):
            octets = gzip.decompress(octets)
        for line in octets.decode("utf-8-sig").splitlines():
            if line.strip() and not line.startswith("#"):
                yield line
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise GuardianError("file-unreadable", f"{path}: {error}"[:120]) from None


if __name__ == "__main__":
    sys.exit(main())
