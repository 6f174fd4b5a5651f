"""The services in profiles/services.json: what they take, and what they leave alone.

The suite on real lists needs GUARDIAN_LISTS; it compares our own data with lists of
others and copies nothing from them.
"""

import csv
import gzip
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from guardian.core.catalogue import Service
from guardian.lists.source import RESERVED, RESERVED_TOPS
from guardian.lists.suffixes import PublicSuffixes, load_suffixes
from guardian.store.catalogue import load_catalogue
from guardian.store.data import load_floor, profiles_dir
from guardian.store.services import FILE, load_services

RAW = {
    entry["id"]: entry
    for entry in json.loads((profiles_dir() / FILE).read_text("utf-8"))["services"]
}
SERVICES = load_services()
BY_ID = {service.id: service for service in SERVICES}
CATALOGUE = load_catalogue()
HARM = {category.id for category in CATALOGUE.categories if category.harm}
# What families ask for first; one that is missing here would be missed at once.
ASKED_FOR = set(
    "tiktok instagram threads facebook messenger-facebook x snapchat reddit pinterest "
    "tumblr bereal bluesky mastodon vk 4chan discord whatsapp telegram signal viber "
    "line wechat kik wizz zoom teams google-meet youtube twitch kick netflix "
    "disney-plus prime-video hbo-max hulu spotify soundcloud roblox minecraft fortnite "
    "steam xbox playstation nintendo riot ea blizzard ubisoft supercell hoyoverse "
    "chatgpt gemini copilot grok perplexity deepseek meta-ai character-ai replika "
    "talkie onlyfans tinder icloud-private-relay".split()
)
LISTS = os.environ.get("GUARDIAN_LISTS", "")
EACH = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)


def below(name: str, parent: str) -> bool:
    """Say whether a name is another or below it."""
    return name == parent or name.endswith(f".{parent}")


def takes(service: Service, name: str) -> bool:
    """Say whether a service's data take a name."""
    suffixes = (*service.domains, *service.suffix_ok)
    taken = name in service.hosts or any(below(name, suffix) for suffix in suffixes)
    return taken and not any(below(name, kept) for kept in service.excepts)


def names(service: Service) -> tuple[str, ...]:
    """Return the names of a service, those matched exactly last."""
    return (*service.domains, *service.hosts)


def left_out(service: Service) -> set[str]:
    """Return the names of its sources that a service does not take."""
    entries = RAW[service.id].get("left_out", [])
    return {name for entry in entries for name in entry["names"]}


def test_there_are_enough_and_those_that_are_asked_for() -> None:
    assert len(SERVICES) >= 60
    assert ASKED_FOR - set(BY_ID) == set()


def test_ids_and_groups_are_of_two_worlds() -> None:
    kinds = {category.id for category in CATALOGUE.categories}
    assert set(BY_ID) & kinds == set()
    assert {service.group for service in SERVICES} <= kinds


def test_titles_tell_services_apart() -> None:
    titles = [service.title for service in SERVICES]
    assert len(set(titles)) == len(titles)


@EACH
def test_where_names_come_from_is_said(service: Service) -> None:
    sources = RAW[service.id]["src"]
    assert service.source
    for source in sources:
        # Licences under which a copy of a fact may be passed on.
        own = source["list"] == "own"
        assert own or source["list"].startswith(("v2fly/", "ShadowWhisperer/"))
        assert own == (source["commit"] is None)
    doubted = set(RAW[service.id].get("unconfirmed", []))
    assert doubted <= set(names(service))
    assert not doubted or any(source["list"] == "own" for source in sources)


@EACH
def test_a_name_stands_once_and_below_no_other_of_its_own(service: Service) -> None:
    for name in names(service):
        parents = [d for d in service.domains if d != name and below(name, d)]
        assert parents == [], name
    assert set(service.domains) & set(service.hosts) == set()


@EACH
def test_what_is_named_twice_is_meant(service: Service) -> None:
    # What stops or counts use must be the service's; what it shares must not be.
    for name in (*service.login, *service.time_counted):
        assert takes(service, name), name
    assert service.login and service.time_counted
    for name in service.excepts:
        assert any(below(name, domain) for domain in service.domains), name
    for name in (*service.shared, *left_out(service)):
        assert not takes(service, name), name
    for name in service.requires:
        assert "." not in name or not takes(service, name), name


@EACH
def test_its_own_examples_hold(service: Service) -> None:
    tests = RAW[service.id]["tests"]
    assert [n for n in tests["must_block"] if not takes(service, n)] == []
    assert [n for n in tests["must_not"] if takes(service, n)] == []
    foreign = {name for name in service.requires if "." in name}
    assert foreign | set(service.excepts) <= set(tests["must_not"])


@EACH
def test_addresses_and_ports_are_its_own(service: Service) -> None:
    reached = bool(service.asn or service.cidr)
    for ports in service.ports:
        assert reached or not ports.with_addresses
        # Alone, a port is a guess at what runs there: never one that everything uses.
        alone = not ports.with_addresses
        used_by_all = {22, 53, 80, 123, 443, 853, 993, 3478, 5222, 5223, 5228}
        taken = set(range(ports.first, ports.last + 1))
        assert not (alone and taken & used_by_all)
        assert not alone or len(taken) <= 16
    assert not (service.cidr and not service.asn)


def test_two_services_meet_only_where_it_is_said() -> None:
    owners: dict[str, list[Service]] = {}
    for service in SERVICES:
        for name in (*names(service), *service.suffix_ok):
            owners.setdefault(name, []).append(service)
    met = set()
    for service in SERVICES:
        for name in (*names(service), *service.shared):
            labels = name.split(".")
            parents = {".".join(labels[at:]) for at in range(len(labels))}
            for other in {o.id for p in parents for o in owners.get(p, [])}:
                if other == service.id or not takes(BY_ID[other], name):
                    continue
                if other not in service.requires:
                    if service.id not in BY_ID[other].requires:
                        met.add((service.id, other, name))
    assert met == set()


def test_no_service_takes_help() -> None:
    floor = load_floor().names()
    wrong = [(s.id, name) for s in SERVICES for name in floor if takes(s, name)]
    assert wrong == []


def test_no_service_holds_a_name_that_code_answers() -> None:
    for service in SERVICES:
        for name in (*names(service), *service.suffix_ok):
            assert name.encode() not in RESERVED, (service.id, name)
            assert name.rpartition(".")[2].encode() not in RESERVED_TOPS


def test_no_name_is_one_that_no_list_may_block() -> None:
    # Such a name would be shown as blocked and answered all the same.
    tiers = CATALOGUE.tiers
    wrong = [
        (service.id, name, kept)
        for service in SERVICES
        for name in names(service)
        for kept in (*tiers.technical, *tiers.system, *tiers.soft)
        if below(name, kept) or name in service.domains and below(kept, name)
        if not any(below(kept, open_name) for open_name in service.excepts)
    ]
    assert wrong == []


def test_school_tools_are_in_no_group_that_harms() -> None:
    for service in SERVICES:
        for kept in CATALOGUE.tiers.guard:
            if takes(service, kept):
                assert service.group not in HARM, (service.id, kept)


# --- on real lists


@pytest.fixture(scope="module")
def lists() -> Path:
    if not LISTS:
        pytest.skip("GUARDIAN_LISTS names no folder of real lists")
    return Path(LISTS)


@pytest.fixture(scope="module")
def suffixes(lists: Path) -> PublicSuffixes:
    return load_suffixes(lists / "psl/public_suffix_list.dat")


def usable(path: Path) -> Iterator[str]:
    """Yield a file's own names; not its includes, patterns, advertising or @cn."""
    for line in path.read_text("utf-8").splitlines():
        words = line.partition("#")[0].split()
        if not words or {"@ads", "@cn"} & set(words[1:]):
            continue
        kind, _, name = words[0].rpartition(":")
        if kind in ("", "domain", "full"):
            yield name.lower()


@pytest.mark.lists
def test_every_name_of_a_whole_source_is_accounted_for(lists: Path) -> None:
    missing, files = [], 0
    for service in SERVICES:
        apart = {*service.shared, *service.excepts, *left_out(service)}
        for source in RAW[service.id]["src"]:
            project, _, file = source["list"].partition("/")
            if project != "v2fly":
                continue
            found = set(usable(lists / "v2fly/data" / file))
            if source["use"] == "whole":
                files += 1
                missing += [
                    (service.id, name)
                    for name in sorted(found - apart)
                    if not takes(service, name)
                ]
    assert missing == []
    assert files >= 60


@pytest.mark.lists
def test_public_suffixes_stand_only_where_they_were_reviewed(
    suffixes: PublicSuffixes,
) -> None:
    for service in SERVICES:
        for name in names(service):
            assert not suffixes.is_suffix(name.encode()), (service.id, name)
            assert name.rpartition(".")[2].encode() in suffixes.tops, name
        for name in service.suffix_ok:
            assert suffixes.is_suffix(name.encode()), (service.id, name)


@pytest.mark.lists
def test_nothing_that_must_stay_open_is_taken(lists: Path) -> None:
    guard = CATALOGUE.tiers.guard
    wrong = []
    with (lists / "must_allow.tsv").open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            for service in SERVICES:
                if takes(service, row["name"]):
                    tool = any(below(row["name"], kept) for kept in guard)
                    if not tool or service.group in HARM:
                        wrong.append((service.id, row["name"], row["class"]))
    assert wrong == []


def seen_elsewhere(lists: Path) -> set[str]:
    """Return the names that lists of others hold, whatever they say of them."""
    found: set[str] = set()
    for folder in ("v2fly/data", "shadowwhisperer/Lists", "sinfonietta"):
        for path in sorted((lists / folder).iterdir()):
            octets = path.read_bytes()
            text = gzip.decompress(octets) if path.suffix == ".gz" else octets
            for line in text.decode("latin-1").lower().splitlines():
                found |= set(re.split(r"[\s:]+", line.partition("#")[0]))
    rules = json.loads((lists / "adguardhome/services.json").read_text())
    found |= {r.strip("|^") for entry in rules.values() for r in entry["rules"]}
    return found | {name.removeprefix("www.") for name in found}


@pytest.mark.lists
def test_what_no_list_has_shown_is_marked_as_a_doubt(lists: Path) -> None:
    seen = seen_elsewhere(lists)
    silent = [
        (service.id, name)
        for service in SERVICES
        for name in names(service)
        if name.removeprefix("www.") not in seen
        and name not in RAW[service.id].get("unconfirmed", [])
    ]
    assert silent == []
