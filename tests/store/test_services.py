"""Loading the services, and refusing what an odd hand made of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from guardian.core.catalogue import Ports
from guardian.core.errors import StoreError
from guardian.store.data import profiles_dir
from guardian.store.services import FILE, load_services

from .support import pairs
from .test_document import places, replaced

DATA = json.loads((profiles_dir() / FILE).read_text("utf-8"))
# One service that has every field, and another that it needs.
FULL = {
    "id": "chat",
    "title": "Chat",
    "group": "messenger",
    "age_hint": 13,
    "rev": "2026-08-22",
    "domains": ["chat.test", "xn--mnchen-3ya.test"],
    "hosts": ["b.cdn.test"],
    "suffix_ok": ["chat", "apps.test"],
    "shared": [{"name": "pictures.test", "why": "of all its maker's sites"}],
    "requires": ["play", "captcha.test"],
    "excepts": [{"name": "school.chat.test", "why": "the edition for schools"}],
    "login": ["chat.test"],
    "time_counted": ["b.cdn.test"],
    "asn": [
        {"as": 64500, "shared": False, "why": "own"},
        {"as": 64501, "shared": True, "why": "a hosting provider"},
    ],
    "cidr": ["192.0.2.0/24", "2001:db8::/32"],
    "ports": [
        {"proto": "udp", "first": 50000, "last": 65535, "with": "addresses"},
        {"proto": "tcp", "first": 5222, "last": 5222, "with": "alone"},
    ],
    "drop_flows": False,
    "unconfirmed": ["b.cdn.test"],
    "left_out": [{"names": ["jokes.test"], "why": "jokes of the firm"}],
    "src": [
        {"list": "l/chat", "commit": "c975ccef", "licence": "MIT", "use": "whole"},
        {"list": "own", "commit": None, "licence": "MIT", "use": "part", "why": "seen"},
    ],
    "note": "Calls go to raw addresses.",
    "tests": {"must_block": ["chat.test"], "must_not": ["captcha.test"]},
}
BARE = {
    "id": "play",
    "title": "Play",
    "group": "games",
    "rev": "2026-08-22",
    "domains": ["play.test"],
    "login": [],
    "time_counted": [],
    "src": [{"list": "l", "commit": None, "licence": "MIT", "use": "whole"}],
    "tests": {"must_block": ["play.test"], "must_not": ["a.test"]},
}
DOC = {"schema": 1, "sources": ["a list"], "services": [BARE, FULL]}


def refused(folder: Path, doc: Any) -> list[tuple[str, str]]:
    """Return (place, code) of the problems for which a file is refused."""
    (folder / FILE).write_text(json.dumps(doc))
    with pytest.raises(StoreError) as found:
        load_services(folder)
    assert found.value.code == "profiles-invalid"
    return pairs(found.value.problems)


def test_a_service_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps(DOC))
    chat, play = load_services(tmp_path)
    assert (chat.id, chat.title, chat.group) == ("chat", "Chat", "messenger")
    assert chat.domains == ("chat.test", "xn--mnchen-3ya.test")
    assert chat.hosts == ("b.cdn.test",)
    assert chat.suffix_ok == ("chat", "apps.test")
    assert chat.shared == ("pictures.test",)
    assert chat.requires == ("play", "captcha.test")
    assert chat.excepts == ("school.chat.test",)
    assert (chat.login, chat.time_counted) == (("chat.test",), ("b.cdn.test",))
    assert (chat.age_hint, chat.revised) == (13, "2026-08-22")
    assert chat.source == "l/chat@c975ccef (MIT); own (MIT)"
    assert chat.cidr == ("192.0.2.0/24", "2001:db8::/32")
    assert chat.ports == (
        Ports(proto="udp", first=50000, last=65535, with_addresses=True),
        Ports(proto="tcp", first=5222, last=5222, with_addresses=False),
    )
    assert chat.drop_flows is False
    assert (play.hosts, play.ports, play.age_hint) == ((), (), None)
    assert play.drop_flows is True


def test_a_system_that_serves_others_is_never_enforced(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps(DOC))
    assert load_services(tmp_path)[0].asn == (64500,)


def test_the_data_is_read_and_sorted() -> None:
    services = load_services()
    assert [s.id for s in services] == sorted(s["id"] for s in DATA["services"])


def test_missing_or_no_json(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="profiles-invalid.*No such file"):
        load_services(tmp_path)
    (tmp_path / FILE).write_text("{")
    with pytest.raises(StoreError) as found:
        load_services(tmp_path)
    assert [p.code for p in found.value.problems] == ["invalid-json"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("id", "Chat", "bad-id"),
        ("title", "", "name-empty"),
        ("group", None, "bad-id"),
        ("rev", "August", "bad-date"),
        ("age_hint", 19, "bad-number"),
        ("age_hint", True, "not-a-number"),
        ("domains", ["chat"], "bad-hostname"),
        ("domains", ["Chat.test"], "bad-hostname"),
        ("domains", ["*.chat.test"], "bad-hostname"),
        ("domains", ["chat.test."], "bad-hostname"),
        ("domains", ["m\u00fcnchen.test"], "bad-hostname"),
        ("domains", ["chat.test", "chat.test"], "duplicate-name"),
        ("hosts", "chat.test", "not-a-list"),
        ("suffix_ok", ["Chat"], "bad-id"),
        ("suffix_ok", ["chat", "chat"], "duplicate-name"),
        ("shared", [{"name": "pictures.test"}], "missing"),
        ("shared", ["pictures.test"], "not-an-object"),
        ("excepts", [{"name": "school.chat.test", "why": ""}], "not-text"),
        ("requires", ["nobody"], "unknown-service"),
        ("asn", [64500], "not-an-object"),
        ("asn", [{"as": 0, "shared": False, "why": "own"}], "bad-number"),
        ("asn", [{"as": 1 << 32, "shared": False, "why": "own"}], "bad-number"),
        ("asn", [{"as": 64500, "why": "own"}], "missing"),
        ("cidr", ["192.0.2.1/24"], "bad-network"),
        ("cidr", ["192.0.2.0"], "bad-network"),
        ("cidr", ["2001:DB8::/32"], "bad-network"),
        ("ports", [{"proto": "udp", "first": 9, "last": 9}], "missing"),
        (
            "ports",
            [{"proto": "udp", "first": 9, "last": 8, "with": "alone"}],
            "bad-ports",
        ),
        (
            "ports",
            [{"proto": "udp", "first": 0, "last": 8, "with": "alone"}],
            "bad-number",
        ),
        (
            "ports",
            [{"proto": "icmp", "first": 1, "last": 1, "with": "alone"}],
            "unknown-word",
        ),
        ("drop_flows", "yes", "not-true-or-false"),
        ("unconfirmed", ["b"], "bad-hostname"),
        ("left_out", [{"names": ["jokes.test"]}], "missing"),
        ("src", [], "missing"),
        ("src", [{"list": "own"}], "missing"),
        (
            "src",
            [{"list": "own", "commit": None, "licence": "MIT", "use": "part"}],
            "missing",
        ),
        ("note", 5, "not-text"),
        ("tests", {"must_block": ["chat"]}, "bad-hostname"),
        ("owner", "somebody", "unknown-field"),
    ],
)
def test_a_bad_field(tmp_path: Path, field: str, value: Any, code: str) -> None:
    doc = replaced(DOC, ("services", 1, field), value)
    assert code in [c for _, c in refused(tmp_path, doc)]


def test_the_place_of_a_fault_is_named(tmp_path: Path) -> None:
    doc = replaced(DOC, ("services", 1, "domains", 1), "münchen")
    assert refused(tmp_path, doc) == [("services[1] / domains[1]", "bad-hostname")]


def test_a_service_needs_a_name(tmp_path: Path) -> None:
    doc = replaced(DOC, ("services", 0, "domains"), [])
    assert refused(tmp_path, doc) == [("services[0] / domains", "missing")]


def test_two_services_never_share_an_id(tmp_path: Path) -> None:
    doc = replaced(DOC, ("services", 0, "id"), "chat")
    assert ("services[1]", "duplicate-id") in refused(tmp_path, doc)


def test_a_file_without_services_is_none(tmp_path: Path) -> None:
    assert refused(tmp_path, {**DOC, "services": []}) == [("services", "missing")]
    assert ("schema", "bad-schema") in refused(tmp_path, {**DOC, "schema": 2})


def test_garbage_in_any_place_is_refused_not_raised(tmp_path: Path) -> None:
    for path in places(DOC):
        refused(tmp_path, replaced(DOC, path, {"a": [1]}))
