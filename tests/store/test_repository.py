"""The repository: durable changes, said who, nothing unreadable lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.core.errors import StoreError
from guardian.core.model import (
    Device,
    Grant,
    Household,
    Opened,
    Pause,
    ProtectionOff,
    WindowException,
    WindowKind,
)
from guardian.store import migrate
from guardian.store.difference import Change
from guardian.store.document import parse, render
from guardian.store.repository import Repository, prune
from guardian.store.storage import File, encode

from .support import BANDS, NOW, Cutting, PowerCut, child, document, lay_out, mac
from .test_document import broken

HOME = parse(document(), BANDS)[0]
BAD_WINDOW = {"id": "late", "kind": "bedtime", "days": ["school"], "from": "9pm"}
FAULTY = document(
    people=[
        child(windows=[BAD_WINDOW], note="from school"),
        {"id": "ben", "name": "Ben", "role": "boss", "band": "6-9"},
        "a slip of paper",
    ],
    devices=[{"id": "tablet", "name": "Tablet", "mac": mac(1), "person": "mia"}],
    mood="good",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "household.db"


def opened(path: Path) -> Repository:
    return Repository(path, BANDS)


def change(repository: Repository, household: Any, **given: Any) -> int:
    return repository.change(
        household, **{"by": "anna", "verb": "test", "now": NOW, **given}
    )


def stored(path: Path) -> Any:
    return opened(path)._raw


def rename(household: Household) -> Household:
    return replace(household, name="Ours")


def test_new_store_is_nobodys(path: Path) -> None:
    loaded = opened(path).load()
    assert loaded == (Household(bands=BANDS, claimed=False), (), 0, "ok")
    assert loaded.household.claimed is False
    assert not path.exists(), "reading writes nothing"


def test_change_is_there_after_a_restart(path: Path) -> None:
    assert change(opened(path), HOME) == 1
    assert opened(path).load() == (HOME, (), 1, "ok")


def test_change_by_function(path: Path) -> None:
    repository = opened(path)
    change(repository, HOME)
    assert change(repository, rename) == 2
    assert repository.load().household.name == "Ours"


def test_change_of_nothing_writes_nothing(path: Path) -> None:
    repository = opened(path)
    change(repository, HOME)
    before = path.stat().st_ino
    assert change(repository, HOME) == 1
    assert path.stat().st_ino == before
    assert len(repository.audit(9)) == 1


def test_a_change_elsewhere_is_told_and_the_document_stays(path: Path) -> None:
    repository = opened(path)
    repository.adopt(FAULTY, by="anna", verb="household-import", now=NOW)
    before = stored(path)
    ours = Change("accounts/Anna", "changed")
    assert repository.note(ours, by="tom", verb="account-set", now=NOW) == 2
    again = opened(path)
    assert (stored(path), again.revision) == (before, 2)
    assert again.problems and again.audit(1) == [
        {
            "at": NOW.isoformat(timespec="seconds"),
            "by": "tom",
            "verb": "account-set",
            "revision": 2,
            "changes": [{"place": "accounts/Anna", "what": "changed"}],
        }
    ]


def test_a_change_elsewhere_neither_takes_a_new_box_nor_buries_a_lost_one(
    path: Path,
) -> None:
    ours = Change("accounts/all", "changed")
    new = opened(path)
    assert new.note(ours, by="root", verb="password-reset", now=NOW) == 1
    assert not opened(path).load().household.claimed
    path.write_bytes(b"rust")
    lost = opened(path)
    assert lost.state == "lost"
    lost.note(ours, by="root", verb="password-reset", now=NOW)
    assert lost.state == "lost" and not path.exists()


def test_another_order_is_kept(path: Path) -> None:
    repository = opened(path)
    change(repository, HOME)
    turned = replace(HOME, people=HOME.people[::-1])
    assert turned.people != HOME.people
    assert change(repository, turned) == 2
    assert opened(path).load().household.people == turned.people


def test_revision_conflict_tells_the_present_one(path: Path) -> None:
    repository = opened(path)
    change(repository, HOME, expect_revision=0)
    with pytest.raises(StoreError) as refused:
        change(repository, rename, expect_revision=0)
    assert (refused.value.code, refused.value.detail) == ("revision-conflict", "1")
    assert change(repository, rename, expect_revision=1) == 2


def test_audit_is_newest_first_and_in_the_same_write(path: Path) -> None:
    repository = opened(path)
    change(repository, HOME, by="anna", verb="household-import")
    change(repository, rename, by="tom", verb="rename")
    newest, oldest = opened(path).audit(5)
    assert newest == {
        "at": "2026-03-02T12:00:00+00:00",
        "by": "tom",
        "verb": "rename",
        "revision": 2,
        "changes": [
            {"place": "name", "what": "changed", "before": '"Home"', "after": '"Ours"'}
        ],
    }
    assert (oldest["by"], oldest["revision"]) == ("anna", 1)
    assert repository.audit(1) == [newest]
    assert repository.audit(-1) == []


@pytest.mark.parametrize(
    ("household", "codes"),
    [
        (replace(HOME, timezone="Mars"), ["unknown-timezone"]),
        (replace(HOME, people=HOME.people[1:]), ["unknown-person"]),
        (
            replace(
                HOME,
                exceptions=(
                    WindowException(
                        id="e",
                        person="mia",
                        on=date(2026, 3, 2),
                        kind=WindowKind.BEDTIME,
                        start=1320,
                        end=420,
                    ),
                ),
            ),
            [],
        ),
    ],
)
def test_what_would_not_read_back_is_refused(
    path: Path, household: Household, codes: list[str]
) -> None:
    repository = opened(path)
    change(repository, HOME)
    with pytest.raises(StoreError) as refused:
        change(repository, household)
    assert refused.value.code == "household-invalid"
    assert [p.code for p in refused.value.problems] == codes
    assert repository.load() == opened(path).load() == (HOME, (), 1, "ok")


def test_adopted_document_is_kept_word_for_word(path: Path) -> None:
    repository = opened(path)
    assert repository.adopt(FAULTY, by="anna", verb="import", now=NOW) == 1
    household, problems, _, state = opened(path).load()
    assert (household, problems) == parse(FAULTY, BANDS)
    assert state == "ok"
    assert stored(path) == {**FAULTY, "exceptions": [], "pauses": [], "grants": []}
    for again in (repository, opened(path)):
        assert again.adopt(FAULTY, by="anna", verb="import", now=NOW) == 1


def test_unreadable_parts_stay_while_others_change(path: Path) -> None:
    repository = opened(path)
    repository.adopt(FAULTY, by="anna", verb="import", now=NOW)
    problems = repository.problems
    change(repository, rename)
    radio = Device(id="radio", name="Radio", macs=(mac(7),), exempt=True)
    change(repository, lambda h: replace(h, devices=(*h.devices, radio)))
    later = replace(HOME.people[0], birth=(2014, 5))
    change(repository, lambda h: replace(h, people=(later, *h.people[1:])))
    again = opened(path)
    assert again.problems == problems == repository.problems
    assert again.load().household.people[0].birth == (2014, 5)
    raw = stored(path)
    assert (
        raw["people"]
        == [{**FAULTY["people"][0], "birth": "2014-05"}] + FAULTY["people"][1:]
    )
    assert raw["devices"][0] == FAULTY["devices"][0]
    assert raw["mood"] == "good"


def test_what_nobody_knows_of_names_stays_while_others_change(path: Path) -> None:
    says = {"access": {"golf": "block", "games": "block"}, "block": ["x", "a.org"]}
    repository = opened(path)
    people = [child(**says)]
    doc = document(people=people, devices=[])
    repository.adopt(doc, by="anna", verb="import", now=NOW)
    assert len(repository.problems) == 2

    def more(household: Household) -> Household:
        (mia,) = household.people
        overrides = replace(mia.overrides, block=("a.org", "b.org"))
        return replace(household, people=(replace(mia, overrides=overrides),))

    change(repository, more)
    (stored_mia,) = stored(path)["people"]
    assert stored_mia["access"] == says["access"]
    assert stored_mia["block"] == ["a.org", "b.org", "x"]


def test_import_gives_up_the_unreadable_and_keeps_it_aside(path: Path) -> None:
    repository = opened(path)
    repository.adopt(FAULTY, by="anna", verb="import", now=NOW)
    change(repository, HOME, replace_all=True)
    assert opened(path).load()[:2] == (HOME, ())
    (row,) = repository._db.table("aside").all()
    assert row["document"]["people"] == FAULTY["people"]


def test_import_of_the_same_household_still_mends(path: Path) -> None:
    repository = opened(path)
    repository.adopt(document(mood="good"), by="anna", verb="import", now=NOW)
    assert [p.code for p in repository.problems] == ["unknown-field"]
    change(repository, HOME, replace_all=True)
    assert repository.problems == ()


def test_nothing_comes_to_life_by_another_change(path: Path) -> None:
    twin = {"id": "mia", "name": "Maria", "role": "parent"}
    doc = document(people=[child(), twin], devices=[])
    repository = opened(path)
    repository.adopt(doc, by="anna", verb="import", now=NOW)
    change(repository, lambda h: replace(h, people=()))
    assert opened(path).load().household.people == ()
    (row,) = repository._db.table("aside").all()
    assert row["document"]["people"] == doc["people"]


def test_earlier_documents_aside_are_bounded(path: Path) -> None:
    repository = opened(path)
    for number in range(5):
        doc = document(mood=number)
        repository.adopt(doc, by="anna", verb="import", now=NOW)
        change(repository, lambda h: replace(h, name="x"), replace_all=True)
        change(repository, lambda h: replace(h, name="Home"))
    rows = repository._db.table("aside").all()
    assert [row["document"]["mood"] for row in rows] == [2, 3, 4]


@pytest.mark.parametrize(
    ("doc", "code"),
    [
        (5, "household-invalid"),
        ({"schema": 1, "name": float("nan")}, "household-invalid"),
        ({"schema": 1, "name": {1, 2}}, "household-invalid"),
        ({"schema": 2}, "schema-newer"),
        ({"schema": 0}, "migration-missing"),
    ],
)
def test_adopt_refuses(path: Path, doc: object, code: str) -> None:
    repository = opened(path)
    with pytest.raises(StoreError) as refused:
        repository.adopt(doc, by="anna", verb="import", now=NOW)
    assert refused.value.code == code
    assert not path.exists()


def test_recovered_store_says_so_and_counts_on(path: Path) -> None:
    repository = opened(path)
    change(repository, HOME)
    change(repository, rename)
    path.write_bytes(path.read_bytes()[:-1])
    again = opened(path)
    assert again.load() == (HOME, (), 1, "recovered")
    with pytest.raises(StoreError, match="revision-conflict"):
        change(again, rename, expect_revision=2)
    assert change(again, rename) == 3, "2 was given to the change that is lost"
    assert again.state == "ok"
    assert [e["verb"] for e in again.audit(2)] == ["test", "store-recovered"]


def test_lost_store_is_shut_not_open(path: Path) -> None:
    path.write_bytes(b"\0" * 4096)
    loaded = opened(path).load()
    assert (loaded.state, loaded.household.claimed) == ("lost", True)
    repository = opened(path)
    change(repository, HOME)
    assert (repository.state, repository.revision) == ("ok", 2)


def test_newer_store_is_refused(path: Path) -> None:
    path.write_bytes(encode(File(2, 1, b"{}")))
    with pytest.raises(StoreError, match="schema-newer"):
        opened(path)


def old_store(path: Path, doc: dict[str, Any] | None) -> bytes:
    tables = {} if doc is None else {"household": {"1": doc}}
    path.write_bytes(encode(File(0, 5, json.dumps(tables).encode())))
    return path.read_bytes()


def to_first(doc: dict[str, object]) -> dict[str, object]:
    return {**doc, "name": f"{doc['name']} (moved)"}


def test_older_store_is_migrated_and_a_copy_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = old_store(path, {"schema": 0, "name": "Old"})
    monkeypatch.setattr(migrate, "steps", lambda: {1: to_first})
    household, problems, _, state = opened(path).load()
    assert (household.name, problems, state) == ("Old (moved)", (), "ok")
    assert path.with_name("household.db.schema-0").read_bytes() == before
    # A second start finds the present schema and moves nothing.
    assert opened(path).load().household.name == "Old (moved)"


def test_store_that_cannot_be_migrated_is_left(path: Path) -> None:
    before = old_store(path, {"schema": 0, "name": "Old"})
    with pytest.raises(StoreError, match="migration-missing"):
        opened(path)
    assert path.read_bytes() == before


def test_older_store_without_a_household(path: Path) -> None:
    old_store(path, None)
    assert opened(path).load().household.people == ()


def span(hours_ago: float) -> dict[str, datetime]:
    until = NOW - timedelta(hours=hours_ago)
    return {"start": until - timedelta(hours=1), "until": until}


def test_prune_drops_what_ended_more_than_a_day_ago() -> None:
    home = replace(
        HOME,
        pauses=tuple(Pause(id=f"p{h}", person=None, **span(h)) for h in (-1, 23, 25)),
        grants=tuple(Grant(id=f"g{h}", person="mia", **span(h)) for h in (-1, 23, 25)),
        opened=tuple(
            Opened(id=f"o{h}", person="mia", name="a.test", until=span(h)["until"])
            for h in (-1, 0, 23)
        ),
        exceptions=tuple(
            WindowException(
                id=f"e{day}",
                person="mia",
                on=date(2026, 3, day),
                kind=WindowKind.BEDTIME,
                off=True,
            )
            # A window of 28 February may have lasted until the end of 1 March.
            for day in (1, 2, 3)
        ),
    )
    kept = prune(home, NOW + timedelta(hours=0))
    assert [p.id for p in kept.pauses] == ["p-1", "p23"]
    assert [g.id for g in kept.grants] == ["g-1", "g23"]
    assert [o.id for o in kept.opened] == ["o-1"]
    assert len(kept.exceptions) == 3
    # 3 March, midnight in Berlin, is 23:00 UTC of the 2nd.
    late = datetime(2026, 3, 2, 23, 0, tzinfo=timezone.utc)
    assert [e.id for e in prune(home, late).exceptions] == ["e1", "e2", "e3"]
    late += timedelta(days=1)
    assert [e.id for e in prune(home, late).exceptions] == ["e2", "e3"]


def test_prune_forgets_protection_that_came_back_a_day_ago() -> None:
    for hours, kept in ((-1, True), (23, True), (25, False)):
        home = replace(HOME, off=ProtectionOff(**span(hours)))
        assert (prune(home, NOW).off is not None) is kept


def test_pruning_alone_is_no_change(path: Path) -> None:
    repository = opened(path)
    paused = replace(HOME, pauses=(Pause(id="p", person=None, **span(-1)),))
    change(repository, paused)
    later = NOW + timedelta(days=3)
    assert change(repository, paused, now=later) == 1
    assert change(repository, rename, now=later) == 2
    assert opened(path).load().household.pauses == ()
    assert [c["place"] for c in repository.audit(1)[0]["changes"]] == ["name"]


def test_full_disk_leaves_the_household_in_force(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = opened(path)
    change(repository, HOME)

    def full(*args: Any) -> int:
        raise OSError(28, "No space left on device")

    calls = repository._storage._syscalls
    repository._storage._syscalls = replace(calls, write=full)
    with pytest.raises(StoreError, match="store-unwritable"):
        change(repository, rename)
    assert repository.load() == (HOME, (), 1, "ok")
    repository._storage._syscalls = calls
    assert change(repository, rename) == 2
    assert opened(path).load().household.name == "Ours"


def test_plug_pulled_at_every_call(tmp_path: Path) -> None:
    # Household, revision and audit entry are there together, or not at all.
    start = tmp_path / "start"
    start.mkdir()
    repository = opened(start / "h")
    change(repository, HOME)
    change(repository, lambda h: replace(h, country="DE"))
    files = {p.name: p.read_bytes() for p in start.iterdir()}
    for at in range(1, 60):
        folder = lay_out(tmp_path / f"w{at}", files)
        repository = opened(folder / "h")
        cutting = Cutting(folder, at, half=bool(at % 2))
        repository._storage._syscalls = cutting.calls()
        try:
            change(repository, rename)
            done = True
        except PowerCut:
            done = False
        for number, state in enumerate(cutting.kept):
            after = opened(lay_out(tmp_path / f"r{at}-{number}", state) / "h")
            household, problems, revision, store = after.load()
            assert (problems, store, len(after.audit(9))) == ((), "ok", revision)
            assert (household.name, revision) in [("Ours", 3)] + (
                [] if done else [("Home", 2)]
            )
        if done:
            return
    pytest.fail("the change never came to an end")


@settings(max_examples=60, deadline=None)
@given(broken(), st.integers(0, 3))
def test_any_faulty_document_survives_a_change(
    tmp_path_factory: pytest.TempPathFactory, doc: Any, which: int
) -> None:
    path = tmp_path_factory.mktemp("any") / "h"
    repository = opened(path)
    try:
        repository.adopt(doc, by="anna", verb="import", now=NOW)
    except StoreError as error:
        assert error.code in ("schema-newer", "migration-missing")
        return
    before = repository.load().household
    changes = [
        rename,
        lambda h: replace(h, people=h.people[:1], devices=(), exceptions=(), grants=()),
        lambda h: replace(h, devices=h.devices[:-1]),
        lambda h: replace(h, pauses=()),
    ]
    wanted = prune(changes[which](before), NOW)
    try:
        change(repository, wanted)
    except StoreError as error:
        assert error.code == "household-invalid"
        assert repository.load().household == before
        return
    household, problems, _, _ = opened(path).load()
    assert render(household) == render(wanted)
    kept = json.dumps([stored(path), repository._db.table("aside").all()])
    for problem in problems:
        assert problem.place
    if which == 0 and isinstance(doc.get("people"), list):
        for entry in doc["people"]:
            assert json.dumps(entry, sort_keys=True) in json.dumps(
                json.loads(kept), sort_keys=True
            )
