"""`guardianctl lists`, on files."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from guardian import cli

TOPS = "\n".join(f"a{n}" for n in range(600))
SUFFIXES = f"com\norg\nco.uk\nuk\nat\n{TOPS}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "suffixes").write_text(SUFFIXES)
    (tmp_path / "adult").write_text("# Domains: 2\nbad.com\nworse.org\n")
    (tmp_path / "tiktok").write_text("||bad.com^\n@@||fine.bad.com^\n1.2.3.4\n")
    return tmp_path


def compile_lists(home: Path, *more: str) -> int:
    return cli.main(
        ["lists", "compile", "--json", "--suffixes", str(home / "suffixes"), "--out"]
        + [str(home / "lists.idx"), *more]
    )


def lists(home: Path, *args: str) -> int:
    action, *rest = args
    return cli.main(
        ["lists", action, "--json", "--index", str(home / "lists.idx"), *rest]
    )


@pytest.fixture
def compiled(home: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    spec = f"tiktok,service={home / 'tiktok'}"
    assert compile_lists(home, str(home / "adult"), spec) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["published"] and result["names"] == 3 and not result["findings"]
    assert result["sources"]["tiktok:tiktok"]["dropped"] == {"ip-address": 1}
    assert sorted(path.name for path in home.iterdir()) == [
        "adult",
        "lists.idx",
        "suffixes",
        "tiktok",
    ]
    return home


def output(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_lookup(compiled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["x.bad.com", "x.fine.bad.com", "good.com", "rataufdraht.at", "no name"]
    assert lists(compiled, "lookup", *names) == 0
    bad, fine, good, help_, odd = output(capsys)
    assert bad == {
        "name": "x.bad.com",
        "categories": ["adult"],
        "services": ["tiktok"],
        "floor": None,
        "matched": ["bad.com"],
        "sources": ["adult:adult", "tiktok:tiktok"],
    }
    assert (fine["categories"], fine["services"]) == (["adult"], [])
    assert good["categories"] == good["matched"] == good["sources"] == []
    assert help_["floor"] == "hard"
    assert odd["problem"] == "bad-name" and odd["categories"] == []


def test_lookup_reads_standard_input(
    compiled: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("bad.com\n\ngood.com\n"))
    assert lists(compiled, "lookup", "-") == 0
    assert [found["categories"] for found in output(capsys)] == [["adult"], []]


def test_why(compiled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lists(compiled, "why", "x.fine.bad.com") == 0
    (result,) = output(capsys)
    stands = {(h["entry"], h["source"]): h["stands"] for h in result["hits"]}
    assert stands == {
        ("fine.bad.com", "tiktok:tiktok"): False,
        ("bad.com", "adult:adult"): True,
        ("bad.com", "tiktok:tiktok"): False,
    }
    index = str(compiled / "lists.idx")
    assert cli.main(["lists", "why", "--index", index, "bad.com"]) == 0
    assert "adult: adult:adult lists bad.com with all below it" in (
        capsys.readouterr().out
    )
    assert cli.main(["lists", "why", "--index", index, "good.com"]) == 0
    assert "in no list" in capsys.readouterr().out
    assert lists(compiled, "why", "no name") == 1


def test_stats(compiled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lists(compiled, "stats") == 0
    (stats,) = output(capsys)
    assert stats["names"] == 3 and stats["labels"] == ["adult", "tiktok"]
    assert cli.main(["lists", "stats", "--index", stats["file"]]) == 0
    assert "adult: adult:adult, 2" in capsys.readouterr().out


def test_report(compiled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (compiled / "must").write_text("name\tclass\twhy\nworse.org\thealth\tx\n")
    (compiled / "top").write_text("bad.com\ngood.com\n")
    (compiled / "expect").write_text("bad.com\tadult\nnew.com\tadult\n")
    files = ["--must-allow", str(compiled / "must"), "--popular", str(compiled / "top")]
    files += ["--expect", str(compiled / "expect")]
    assert lists(compiled, "report", *files) == 0
    (result,) = output(capsys)
    adult = result["labels"]["adult"]
    assert adult["must_allow"] == {"worse.org": "health"}
    assert (adult["covered"], adult["missing"]) == (1, ["new.com"])
    index = str(compiled / "lists.idx")
    assert cli.main(["lists", "report", "--index", index, *files]) == 0
    assert "1 of 2 expected" in capsys.readouterr().out
    assert lists(compiled, "report", "--popular", str(compiled / "none")) == 1


def test_a_guard_keeps_the_index_in_force(
    compiled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (compiled / "lists.idx").read_bytes()
    (compiled / "adult").write_text("# Domains: 200000\nbad.com\n")
    assert compile_lists(compiled, str(compiled / "adult")) == 1
    (result,) = output(capsys)
    assert not result["published"]
    assert [finding["guard"] for finding in result["findings"]] == ["declared"]
    assert (compiled / "lists.idx").read_bytes() == before
    accepted = ["--accept", "declared", str(compiled / "adult")]
    assert compile_lists(compiled, *accepted) == 0
    assert (compiled / "lists.idx").read_bytes() != before


def test_text_says_what_was_dropped_and_refused(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "junk").write_text("http://a.com/x\nb.com\n")
    argv = ["lists", "compile", "--suffixes", str(home / "suffixes"), "--out"]
    assert cli.main([*argv, str(home / "x.idx"), str(home / "junk")]) == 1
    said = capsys.readouterr().out
    assert "1 url" in said and "guard rejected" in said
    assert "refused; what was in force still is" in said
    assert not (home / "x.idx").exists()


def test_what_goes_wrong_is_said(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "page").write_text("<!doctype html><title>Busy</title>")
    assert compile_lists(home, str(home / "page")) == 1
    assert "page:page" in capsys.readouterr().err
    assert compile_lists(home, str(home / "none")) == 1
    assert lists(home, "lookup", "a.com") == 1
    assert "no index" in capsys.readouterr().err
    blocked = home / "adult" / "out.idx"
    argv = ["lists", "compile", "--suffixes", str(home / "suffixes"), "--out"]
    assert cli.main([*argv, str(blocked), str(home / "adult")]) == 1
    assert "could not be written" in capsys.readouterr().err


def test_without_any_index(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("guardian.listcli.DEFAULT_FOLDER", tmp_path)
    assert cli.main(["lists", "lookup", "a.com"]) == 1
    assert "no index" in capsys.readouterr().err


def test_compile_looks_at_polarity_and_popular_names(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "good").write_text("bad.com\n")
    (home / "top").write_text("worse.org\nfine.com\n")
    popular = ["--popular", str(home / "top")]
    lists_ = [str(home / "adult"), f"learning,allow={home / 'good'}"]
    assert compile_lists(home, *popular, *lists_) == 1
    (result,) = output(capsys)
    found = {finding["guard"]: finding["names"] for finding in result["findings"]}
    assert found == {"polarity": ["bad.com"], "top-sites": ["worse.org"]}
    accepted = ["--accept", "polarity", "--accept", "top-sites"]
    assert compile_lists(home, *popular, *accepted, *lists_) == 0


def test_lookup_names_the_tier(
    compiled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lists(compiled, "lookup", "x.push.apple.com", "captive.apple.com") == 0
    push, captive = output(capsys)
    assert (push["floor"], captive["floor"]) == ("system", "technical")
    assert set(push) == {
        *("name", "categories", "services"),
        *("floor", "matched", "sources"),
    }


def test_report_measures_by_our_own_data_without_files(
    compiled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lists(compiled, "report") == 0
    (result,) = output(capsys)
    assert "omegle.com" in result["labels"]["stranger_chat"]["missing"]
    index = str(compiled / "lists.idx")
    assert cli.main(["lists", "report", "--index", index]) == 0
    said = capsys.readouterr().out
    assert "stranger_chat: 0 names, 0 of" in said
    assert "  adult:adult (adult): 2 names, 1 in no other list" in said
    assert "1 services with nothing amiss" in said
