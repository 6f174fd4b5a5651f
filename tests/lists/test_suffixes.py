from pathlib import Path

import pytest

from guardian.core.errors import GuardianError
from guardian.lists.suffixes import load_suffixes, parse_suffixes

TOPS = "\n".join(f"a{n}" for n in range(600))
TEXT = f"""// remark
com
co.uk
uk  // anything behind a blank is ignored
*.ck
!www.ck
*.compute.amazonaws.com
рф
{TOPS}
"""


def test_rules() -> None:
    suffixes = parse_suffixes(TEXT)
    for name in (b"com", b"co.uk", b"x.ck", b"eu.compute.amazonaws.com", b"xn--p1ai"):
        assert suffixes.is_suffix(name), name
    for name in (b"example.com", b"www.ck", b"a.x.ck", b"compute.amazonaws.com"):
        assert not suffixes.is_suffix(name), name
    assert {b"com", b"uk", b"ck", b"xn--p1ai"} <= suffixes.tops


@pytest.mark.parametrize(
    "name, registrable",
    [
        (b"a.b.example.com", b"example.com"),
        (b"example.com", b"example.com"),
        (b"a.example.co.uk", b"example.co.uk"),
        (b"a.b.x.ck", b"b.x.ck"),
        (b"a.www.ck", b"www.ck"),
        (b"co.uk", None),
        (b"x.unknown", b"unknown"),
    ],
)
def test_registrable(name: bytes, registrable: bytes | None) -> None:
    assert parse_suffixes(TEXT).registrable(name) == registrable


@pytest.mark.parametrize("text", ["com\nnet\n", "", f"{TOPS}\na..b\n"])
def test_a_cut_or_foreign_list_is_refused(text: str) -> None:
    with pytest.raises(GuardianError) as error:
        parse_suffixes(text)
    assert error.value.code == "suffix-list-invalid"


def test_loading(tmp_path: Path) -> None:
    path = tmp_path / "suffixes"
    with pytest.raises(GuardianError) as error:
        load_suffixes(path)
    assert error.value.code == "suffix-list-missing"
    path.write_text(TEXT)
    assert load_suffixes(path).is_suffix(b"co.uk")
    path.write_bytes(b"\xff\xff")
    with pytest.raises(GuardianError) as error:
        load_suffixes(path)
    assert error.value.code == "suffix-list-invalid"
