"""A child asks, a parent answers, and both read the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import EnforcementError, GuardianError, StoreError
from guardian.core.events import LoadRules, SetElements
from guardian.core.requests import KEEP_ANSWERED
from guardian.store.asking import RequestStore
from tests.steering import STRANGER, Desk
from tests.verbs.kit import MIA, PARENT, THING, TOM, refused

NIGHT = "2026-03-04 22:00"
HOUR = 3600
ADDRESSES = {"mia": "192.168.1.21", "tom": "192.168.1.22"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path, now=NIGHT)
    made.world.owners = {
        ADDRESSES["mia"]: MIA,
        ADDRESSES["tom"]: TOM,
        "192.168.1.23": PARENT,
        "192.168.1.24": THING,
        "192.168.1.9": STRANGER,
    }
    return made


def ask(desk: Desk, child: str = "mia", **what: Any) -> Any:
    wanted = {"kind": "time", "minutes": 30} | what
    return desk.ask("ask", by="", address=ADDRESSES[child], **wanted)


def listed(desk: Desk, **args: Any) -> list[tuple[str, str]]:
    return [(r["id"], r["state"]) for r in desk.ask("requests", **args)]


def test_a_request_is_what_both_read(desk: Desk) -> None:
    made = ask(desk, text=" homework\nvideo ")
    assert made == {
        "id": made["id"],
        "person": "mia",
        "device": "tablet",
        "kind": "time",
        "minutes": 30,
        "site": None,
        "text": "homework video",
        "at": "2026-03-04T22:00:00+01:00",
        "state": "open",
        "answer": None,
    }
    assert desk.ask("requests") == [made]
    assert desk.service.revision == 1, "the household knows nothing of it"


def test_time_is_given_and_traffic_flows_until_its_end(desk: Desk) -> None:
    made = ask(desk)
    assert not desk.routed(MIA)
    done = desk.ask("answer", id=made["id"], give=30, words="Enjoy.")
    assert done["enforced"] and done["revision"] == 2
    assert desk.routed(MIA) and not desk.routed(TOM)
    answer = done["request"]["answer"]
    assert done["request"]["state"] == "given"
    assert answer == {
        "by": "anna",
        "at": "2026-03-04T22:00:00+01:00",
        "words": "Enjoy.",
        "until": "2026-03-04T22:30:00+01:00",
        "minutes": 30,
    }
    (entry,) = desk.ask("audit", limit=1)
    assert (entry["by"], entry["verb"]) == ("anna", "answer")
    desk.later(30 * 60)
    assert not desk.routed(MIA)


def test_less_is_said_and_words_too(desk: Desk) -> None:
    done = desk.ask("answer", id=ask(desk)["id"], give=15)
    assert done["request"]["state"] == "less"
    assert done["request"]["answer"]["words"] == ""


def test_a_no_needs_words_and_changes_nothing(desk: Desk) -> None:
    made = ask(desk)
    for words in ({}, {"words": ""}, {"words": " \n"}):
        assert refused(desk, "answer", id=made["id"], **words) == "needs-arguments"
    done = desk.ask("answer", id=made["id"], words="After homework.")
    assert done["request"]["state"] == "declined" and done["revision"] == 1
    assert done["enforced"] and not desk.routed(MIA)


def test_the_second_parent_is_told_who_answered(desk: Desk) -> None:
    made = ask(desk)
    desk.ask("answer", by="tom", id=made["id"], give=15)
    with pytest.raises(GuardianError) as error:
        desk.ask("answer", by="anna", id=made["id"], words="No.")
    assert (error.value.code, error.value.detail) == ("already-answered", "tom")
    assert desk.ask("requests")[0]["state"] == "less"


def test_a_pause_is_lifted_by_nobody_but_who_resumes(desk: Desk) -> None:
    made = ask(desk)
    desk.ask("pause", person="mia", span="1h")
    assert refused(desk, "answer", id=made["id"], give=30) == "pause-holds"
    assert listed(desk) == [(made["id"], "open")]
    desk.ask("resume", person="mia")
    desk.ask("answer", id=made["id"], give=30)
    assert desk.routed(MIA)


def test_an_answer_that_is_undone_is_asked_again(desk: Desk) -> None:
    made = ask(desk)
    done = desk.ask("answer", id=made["id"], give=30)
    desk.ask("undo", revision=done["revision"])
    assert not desk.routed(MIA)
    assert desk.ask("requests") == [made], "no page says what is not in force"
    desk.ask("answer", id=made["id"], give=15)
    assert desk.routed(MIA)


def test_time_that_is_ended_early_is_not_said_to_be_given(desk: Desk) -> None:
    made = ask(desk)
    desk.ask("answer", id=made["id"], give=30)
    desk.ask("grant", person="mia", off=True)
    (found,) = desk.ask("requests")
    assert found["state"] == "ended" and found["answer"]["by"] == "anna"
    assert refused(desk, "answer", id=made["id"], give=15) == "already-answered"


def test_another_change_that_is_undone_asks_nothing_again(desk: Desk) -> None:
    desk.ask("site", person="mia", action="allow", names=["game.test"])
    made = ask(desk, kind="site", site="game.test")
    done = desk.ask("answer", id=made["id"], give="always")
    assert done["revision"] == 2, "it was allowed already"
    desk.ask("undo", revision=2)
    assert listed(desk) == [(made["id"], "given")]


def test_a_site_is_given_for_an_hour_and_ends(desk: Desk) -> None:
    made = ask(desk, kind="site", site="https://Game.test/play")
    assert (made["site"], made["minutes"]) == ("game.test", None)
    done = desk.ask("answer", id=made["id"], give="1h")
    assert done["request"]["answer"]["until"] == "2026-03-04T23:00:00+01:00"
    (row,) = desk.ask("sites", person="mia")["opened"]
    assert (row["name"], row["by"]) == ("game.test", "anna")
    desk.later(HOUR)
    assert desk.ask("sites", person="mia")["opened"] == []
    desk.ask("pause", person="tom", span="1h")
    kept = desk.repository.load().household
    assert kept.opened == (), "gone with the next change"


def test_a_site_for_good_is_on_the_childs_own_list(desk: Desk) -> None:
    made = ask(desk, kind="site", site="game.test")
    done = desk.ask("answer", id=made["id"], give="always")
    assert done["request"]["answer"]["until"] is None
    allowed = desk.ask("sites", person="mia")["allow"]
    assert [entry["name"] for entry in allowed] == ["game.test"]


def test_children_cannot_flood_and_are_told_how_long_to_wait(desk: Desk) -> None:
    ask(desk)
    with pytest.raises(GuardianError) as error:
        ask(desk)
    assert (error.value.code, error.value.detail) == ("ask-too-often", "60")
    ask(desk, "tom")
    for _ in range(2):
        desk.later(61)
        ask(desk)
    desk.later(61)
    with pytest.raises(GuardianError, match="ask-too-often"):
        ask(desk)


def test_yesterdays_wish_for_time_opens_nothing_today(desk: Desk) -> None:
    time = ask(desk)
    desk.later(61)
    site = ask(desk, kind="site", site="game.test")
    desk.later(8 * HOUR)
    assert listed(desk) == [(site["id"], "open"), (time["id"], "ended")]
    assert refused(desk, "answer", id=time["id"], give=30) == "request-ended"
    desk.later(24 * HOUR)
    assert listed(desk) == [(site["id"], "open")]
    assert listed(desk, all=True)[1] == (time["id"], "ended")
    desk.later(KEEP_ANSWERED.total_seconds())
    assert listed(desk, all=True) == [(site["id"], "open")]


@pytest.mark.parametrize(
    "address", ["192.168.1.23", "192.168.1.24", "192.168.1.9", "8.8.8.8"]
)
def test_only_a_childs_device_asks(desk: Desk, address: str) -> None:
    what = {"kind": "time", "minutes": 30}
    assert refused(desk, "ask", address=address, **what) == "not-a-child"
    assert desk.ask("requests") == []


@pytest.mark.parametrize(
    "args, code",
    [
        ({}, "needs-arguments"),
        ({"kind": "time"}, "needs-arguments"),
        ({"kind": "time", "minutes": 0}, "bad-duration"),
        ({"kind": "time", "minutes": 1441}, "bad-duration"),
        ({"kind": "time", "minutes": "30"}, "bad-argument"),
        ({"kind": "site"}, "needs-arguments"),
        ({"kind": "site", "site": "game"}, "bad-hostname"),
        ({"kind": "money", "minutes": 5}, "bad-argument"),
        ({"kind": "time", "minutes": 5, "text": "x" * 81}, "text-too-long"),
    ],
)
def test_what_cannot_be_asked(desk: Desk, args: dict[str, Any], code: str) -> None:
    assert refused(desk, "ask", address=ADDRESSES["mia"], **args) == code
    assert desk.ask("requests") == []


@pytest.mark.parametrize(
    "args, code",
    [
        ({"give": 30}, "needs-arguments"),
        ({"id": "ask-0", "give": 30}, "no-such-request"),
        ({"give": []}, "bad-argument"),
        ({"give": {}}, "bad-argument"),
        ({"give": True}, "bad-argument"),
        ({"give": 1.5}, "bad-argument"),
        ({"give": 0}, "bad-argument"),
        ({"give": "always"}, "bad-argument"),
        ({"give": "bedtime"}, "no-bedtime-ahead"),
        ({"words": "x" * 201}, "text-too-long"),
        ({"give": 30, "revision": 7}, "revision-conflict"),
    ],
)
def test_what_cannot_be_answered(desk: Desk, args: dict[str, Any], code: str) -> None:
    made = ask(desk)
    given = args if args == {"give": 30} else {"id": made["id"], **args}
    assert refused(desk, "answer", **given) == code
    assert listed(desk) == [(made["id"], "open")]


def test_a_daemon_that_comes_back_knows_what_was_asked(
    desk: Desk, tmp_path: Path
) -> None:
    made = ask(desk, text="please")
    desk.world.requests = RequestStore(tmp_path / "requests.db")
    assert desk.ask("requests") == [made]


def test_what_a_full_disk_does_not_keep_is_not_said_to_be_sent(desk: Desk) -> None:
    class Full(RequestStore):
        def save(self, requests: Any) -> None:
            raise StoreError("store-unwritable")

    desk.world.requests = Full(Path("/nowhere/requests.db"))
    desk.world.requests.load = lambda: ()  # type: ignore[method-assign]
    with pytest.raises(StoreError, match="store-unwritable"):
        ask(desk)


def test_what_the_kernel_refuses_is_said(desk: Desk) -> None:
    made = ask(desk)
    desk.kernel.refuses = {
        kind: EnforcementError("nft-refused") for kind in (LoadRules, SetElements)
    }
    done = desk.ask("answer", id=made["id"], give=30)
    assert not done["enforced"] and not desk.routed(MIA)


def test_childrens_words_are_in_no_export_and_no_log(desk: Desk) -> None:
    made = ask(desk, text="my secret wish")
    desk.ask("answer", id=made["id"], give=15, words="our secret answer")
    told = str(desk.ask("household-export")) + str(desk.ask("audit"))
    assert "secret" not in told
