from pathlib import Path

from guardian.lists.index import Index
from guardian.lists.report import report

from .build import compiled, feed, source


def test_report(tmp_path: Path) -> None:
    index = Index(
        compiled(
            tmp_path,
            feed(source("adult:1", "adult"), ["bad.com", "both.com", "help.org"]),
            feed(source("adult:2", "adult"), ["both.com", "@@||help.org^"]),
            feed(source("games"), ["play.org"]),
        ).path
    )
    result = report(
        index,
        must_allow={"www.help.org": "helpline", "fine.org": "health", "-bad-": "x"},
        popular={"top": ["both.com", "x.play.org", "no name!"]},
        expected=[
            ("bad.com", "adult"),
            ("new.com", "adult"),
            ("play.org", "games"),
            ("drug.com", "drugs"),
        ],
    )
    adult = result["labels"]["adult"]
    assert adult["names"] == 3
    assert adult["sources"] == ["adult:1", "adult:2"]
    assert adult["must_allow"] == {"www.help.org": "helpline"}
    assert adult["popular"] == {"top": 1}
    assert (adult["expected"], adult["covered"], adult["missing"]) == (
        2,
        1,
        ["new.com"],
    )
    assert result["labels"]["games"]["covered"] == 1
    # A label that no list serves is shown as uncovered, not left out.
    assert result["labels"]["drugs"]["missing"] == ["drug.com"]
    one, two = result["sources"]["adult:1"], result["sources"]["adult:2"]
    assert (one["names"], one["alone"], two["names"], two["alone"]) == (3, 2, 1, 0)
    assert one["must_allow"] == ["www.help.org"] and two["must_allow"] == []
    assert dict(two["popular"]) == {"top": 1}
