"""Taking the box, inviting, changing, leaving; and a hand on the box."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from guardian.core.accounts import CODE_ALPHABET, CODE_LENGTH, Book
from guardian.core.errors import GuardianError
from guardian.core.model import Household, Role
from guardian.store.accounts import AccountStore
from guardian.verbs.accounts import new_code, prepare
from tests.build import MIA as CHILD
from tests.build import home
from tests.steering import STRANGER, Desk, sighting
from tests.verbs.kit import MIA, TOM, refused

HASH = "scrypt$n=16384,r=8,p=5$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA=="
OTHER = HASH.replace("aGFz", "b3Ro")


@pytest.fixture
def box(tmp_path: Path) -> Desk:
    """Return a new box, with devices about, that nobody has taken."""
    new = Household(claimed=False, bands=home().bands)
    made = Desk(tmp_path, new)
    made.world.lan = [sighting(hostname="alarm")]
    prepare(made.world.accounts, made.moment.wall)
    return made


def code(desk: Desk) -> str:
    found: str = desk.ask("claim-code")["code"]
    return found


def claim(desk: Desk, name: str = "Anna", **args: Any) -> Any:
    wanted = {"code": "", "name": name, "hash": HASH} | args
    return desk.ask("claim", by="", **wanted)


@pytest.fixture
def taken(box: Desk) -> Desk:
    claim(box, code=code(box))
    return box


def ids(desk: Desk) -> dict[str, str]:
    return {a["id"]: a["role"] for a in desk.ask("accounts")["accounts"]}


def generation(desk: Desk, account: str = "anna") -> int:
    rows = {a["id"]: a for a in desk.ask("accounts")["accounts"]}
    found: int = rows[account]["generation"]
    return found


def told(desk: Desk) -> tuple[str, str, list[Any]]:
    (entry,) = desk.ask("audit", limit=1)
    places = [(c["place"], c["what"]) for c in entry["changes"]]
    return entry["by"], entry["verb"], places


# The box.


def test_a_new_box_has_a_code_and_nobody_yet(box: Desk) -> None:
    found = box.ask("claim-code")
    assert len(found["code"]) == CODE_LENGTH and found["until"] is None
    assert set(found["code"]) <= set(CODE_ALPHABET)
    assert code(box) == found["code"], "it stays the same until it is used"
    assert box.ask("accounts") == {"claimed": False, "accounts": [], "keys": []}
    assert len({new_code() for _ in range(50)}) == 50


def test_the_code_takes_the_box_once(box: Desk) -> None:
    secret = code(box)
    done = claim(box, code=secret.lower(), language="de", timezone="Europe/Berlin")
    assert done == {"id": "anna", "person": "anna", "revision": 2, "enforced": True}
    household = box.service.household
    (anna,) = household.people
    assert (anna.name, anna.role) == ("Anna", Role.PARENT)
    assert household.claimed and household.language == "de"
    assert household.timezone == "Europe/Berlin"
    (alarm,) = household.devices
    assert alarm.exempt and alarm.macs == (STRANGER,), "what was there goes on"
    book = box.ask("accounts")
    assert book["claimed"] and book["accounts"][0]["hash"] == HASH
    assert refused(box, "claim-code") == "already-claimed"
    again = {"code": secret, "name": "Eve", "hash": HASH}
    assert refused(box, "claim", **again) == "already-claimed"
    assert told(box)[:2] == ("anna", "claim")


def test_a_parent_the_household_has_already_is_the_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    done = claim(desk, "anna", code=code(desk))
    assert (done["id"], done["person"]) == ("anna", "anna")
    assert desk.service.household.people == home().people
    assert desk.ask("accounts")["claimed"]


def test_a_childs_name_makes_no_child_of_a_parent(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    done = claim(desk, "Mia", code=code(desk))
    assert done["person"] == "mia-2"
    assert desk.service.household.person("mia") == CHILD


def test_wrong_codes_wait_and_lock_nobody_out(box: Desk) -> None:
    good = code(box)
    for wait in (1, 2, 4, 8, 16, 30, 30, 30):
        with pytest.raises(GuardianError) as error:
            claim(box, code="AAAAAAAA")
        assert error.value.code == "claim-wrong"
        for tried in ("AAAAAAAA", good):
            with pytest.raises(GuardianError) as error:
                claim(box, code=tried)
            assert error.value.code == "claim-wait"
            assert error.value.detail == str(wait)
        box.later(wait)
    assert claim(box, code=good)["id"] == "anna"


def test_a_child_that_guesses_makes_no_parent_wait(box: Desk) -> None:
    box.world.owners = {"192.168.1.21": MIA, "192.168.1.22": TOM}
    with pytest.raises(GuardianError, match="claim-wrong"):
        claim(box, code="AAAAAAAA", address="192.168.1.21")
    with pytest.raises(GuardianError, match="claim-wait"):
        claim(box, code=code(box), address="192.168.1.21")
    assert claim(box, code=code(box), address="192.168.1.22")


@pytest.mark.parametrize(
    "args, error",
    [
        ({"hash": "my password"}, "bad-argument"),
        ({"name": " "}, "name-empty"),
        ({"name": "x" * 65}, "name-too-long"),
        ({"language": "english!"}, "bad-language"),
        ({"timezone": "Mars/Base"}, "unknown-timezone"),
        ({"code": None}, "needs-arguments"),
        ({"code": 12345678}, "bad-argument"),
    ],
)
def test_a_claim_that_is_refused_changes_nothing(
    box: Desk, args: dict[str, Any], error: str
) -> None:
    wanted = {"code": code(box), "name": "Anna", "hash": HASH} | args
    assert refused(box, "claim", **wanted) == error
    assert ids(box) == {} and code(box)


# A hand on the box.


def test_a_reset_ends_sessions_and_lets_its_parent_in_again(taken: Desk) -> None:
    before = generation(taken)
    secret = taken.ask("password-reset", by="root")
    assert told(taken) == ("root", "password-reset", [("accounts/all", "changed")])
    assert secret["until"] == taken.moment.wall.replace(day=5).isoformat()
    assert generation(taken) > before
    people = taken.service.household.people
    done = claim(taken, "ANNA", code=secret["code"], hash=OTHER)
    assert done["id"] == "anna" and taken.service.household.people == people
    (anna,) = taken.ask("accounts")["accounts"]
    assert anna["hash"] == OTHER and anna["name"] == "Anna"


def test_a_code_of_a_reset_ends_by_itself(taken: Desk) -> None:
    secret = taken.ask("password-reset")["code"]
    taken.later(24 * 3600)
    wanted = {"code": secret, "name": "Anna", "hash": OTHER}
    assert refused(taken, "claim", **wanted) == "already-claimed"


def test_a_box_whose_accounts_were_lost_has_a_code_again(taken: Desk) -> None:
    taken.world.accounts.save(Book())
    assert not taken.ask("accounts")["claimed"]
    assert claim(taken, code=code(taken))["id"] == "anna"
    assert len(taken.service.household.people) == 1


# Changing.


def test_a_second_parent_by_invitation(taken: Desk) -> None:
    found = taken.ask("invite", role="parent")
    assert found["until"] == taken.moment.wall.replace(day=5).isoformat()
    assert told(taken) == ("anna", "invite", [("accounts/parent", "added")])
    who = {"token": found["token"], "name": "Tom", "hash": HASH}
    done = taken.ask("invite-take", by="", **who)
    assert (done["id"], done["person"], done["role"]) == ("tom", "tom", "parent")
    assert ids(taken) == {"anna": "parent", "tom": "parent"}
    assert [p.role for p in taken.service.household.people] == [Role.PARENT] * 2
    assert told(taken)[:2] == ("tom", "invite-take")
    again = who | {"name": "Eve"}
    assert refused(taken, "invite-take", **again) == "invite-gone"


def test_an_invitation_ends_with_the_day(taken: Desk) -> None:
    token = taken.ask("invite", role="carer")["token"]
    taken.later(24 * 3600)
    who = {"token": token, "name": "Eve", "hash": HASH}
    assert refused(taken, "invite-take", **who) == "invite-gone"


def test_a_refused_taking_leaves_the_invitation(taken: Desk) -> None:
    token = taken.ask("invite", role="carer")["token"]
    who = {"token": token, "name": "Anna", "hash": HASH}
    assert refused(taken, "invite-take", **who) == "name-taken"
    assert taken.ask("invite-take", **who | {"name": "Oma"})["person"] is None


def test_a_carer_is_no_member_and_takes_no_members_name(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    done = desk.ask("account-set", name="Mia", role="carer", hash=HASH)
    assert (done["id"], done["person"]) == ("mia-2", None)
    assert desk.service.household.people == home().people


def test_a_technician_ends_by_itself(taken: Desk) -> None:
    taken.ask("account-set", name="Ted", role="technician", hash=HASH)
    assert ids(taken)["ted"] == "technician"
    taken.later(72 * 3600)
    assert ids(taken) == {"anna": "parent"}


def test_a_password_is_changed_and_the_log_says_whose(taken: Desk) -> None:
    before = generation(taken)
    done = taken.ask("account-set", id="anna", hash=OTHER)
    assert done["generation"] == generation(taken) > before
    assert told(taken) == ("anna", "account-set", [("accounts/Anna", "changed")])
    taken.ask("account-set", id="anna", name="Annabel")
    assert generation(taken) == done["generation"]


def test_an_end_is_set_and_taken_back(taken: Desk) -> None:
    taken.ask("account-set", name="Oma", role="carer", hash=HASH)
    taken.ask("account-set", id="oma", until="2026-03-10T12:00")
    rows = taken.ask("accounts")["accounts"]
    assert rows[1]["until"] == "2026-03-10T12:00:00+00:00"
    past = {"id": "oma", "until": "2026-03-01T12:00"}
    assert refused(taken, "account-set", **past) == "ends-before-start"
    taken.ask("account-set", id="oma", until="")
    assert taken.ask("accounts")["accounts"][1]["until"] is None


def test_the_last_parent_cannot_leave(taken: Desk) -> None:
    assert refused(taken, "account-drop", id="anna") == "last-parent"
    carer = {"id": "anna", "role": "carer"}
    assert refused(taken, "account-set", **carer) == "last-parent"
    taken.ask("account-set", name="Tom", role="parent", hash=HASH)
    taken.ask("account-drop", by="tom", id="anna")
    assert told(taken) == ("tom", "account-drop", [("accounts/Anna", "removed")])
    assert ids(taken) == {"tom": "parent"}
    assert len(taken.service.household.people) == 2, "a member stays one"


def test_keys_of_programs(taken: Desk) -> None:
    made = {"name": "Home Assistant", "scopes": ["write", "read"], "hash": HASH}
    done = taken.ask("key-set", **made)
    assert done["id"] == "home-assistant"
    (key,) = taken.ask("accounts")["keys"]
    assert key == {**made, "id": "home-assistant", "scopes": ["read", "write"]}
    taken.ask("key-drop", id="home-assistant")
    assert told(taken)[2] == [("accounts/home-assistant", "removed")]
    assert taken.ask("accounts")["keys"] == []


@pytest.mark.parametrize(
    "verb, args, error",
    [
        ("account-set", {"id": "ben", "name": "B"}, "no-such-account"),
        ("account-set", {"name": "B", "role": "parent"}, "needs-arguments"),
        ("account-set", {"name": "B", "role": "boss", "hash": HASH}, "bad-argument"),
        (
            "account-set",
            {"name": "anna", "role": "carer", "hash": HASH},
            "name-taken",
        ),
        ("account-set", {"id": "anna", "hash": ""}, "bad-argument"),
        ("account-set", {"id": "anna", "until": "soon"}, "bad-time"),
        ("account-drop", {"id": "ben"}, "no-such-account"),
        ("invite", {"role": "child"}, "bad-argument"),
        ("invite-take", {"token": "", "name": "B", "hash": HASH}, "invite-gone"),
        ("key-set", {"name": "B", "scopes": [], "hash": HASH}, "bad-argument"),
        ("key-set", {"name": "B", "scopes": [1], "hash": HASH}, "bad-argument"),
        ("key-set", {"name": "B", "scopes": ["a"], "hash": "x"}, "bad-argument"),
        ("key-drop", {"id": "ben"}, "no-such-key"),
    ],
)
def test_what_is_refused(
    taken: Desk, verb: str, args: dict[str, Any], error: str
) -> None:
    before = taken.ask("accounts")
    assert refused(taken, verb, **args) == error
    assert taken.ask("accounts") == before


def test_an_account_whose_person_has_gone_is_nobodys(taken: Desk) -> None:
    taken.service.change(
        replace(taken.service.household, people=()), by="x", verb="person-drop"
    )
    assert taken.ask("accounts")["accounts"][0]["person"] is None


def test_accounts_outlive_the_daemon(taken: Desk, tmp_path: Path) -> None:
    before = taken.ask("accounts")
    taken.world.accounts = AccountStore(tmp_path / "accounts.db")
    assert taken.ask("accounts") == before
