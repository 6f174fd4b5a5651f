import pytest

from guardian.lists.lines import ListError
from guardian.lists.v2fly import DEPTH_MAX, resolve

FILES = {
    "top": b"# why\ninclude:other\ninclude:tagged @ads\n"
    b"include:tagged @-ads\nown.com\n",
    "other": b"full:a.com # x\n\ninclude:top\n",
    "tagged": b"ad.com @ads\nplain.com\nboth.com @ads @cn",
}


def lines(name: str, files: dict[str, bytes] = FILES) -> list[str]:
    text = b"".join(resolve(name, files.__getitem__)).decode()
    return [line for line in text.splitlines() if line not in ("", "#")]


def test_includes_with_and_without_attributes() -> None:
    # What was asked for by its attribute carries it no longer; a loop adds nothing.
    assert lines("top") == ["full:a.com", "ad.com", "both.com @cn", "plain.com"] + [
        "own.com"
    ]


def test_filters_hold_for_includes_of_includes() -> None:
    files = {**FILES, "x": b"include:y @ads", "y": b"include:tagged\nz.com"}
    assert lines("x", files) == ["ad.com", "both.com @cn"]


@pytest.mark.parametrize("target", [b"missing", b"../secret", b"", b"\xff"])
def test_a_missing_or_odd_include_is_an_error(target: bytes) -> None:
    with pytest.raises(ListError) as error:
        lines("x", {"x": b"include:" + target})
    assert error.value.code == "list-include-missing"


def test_depth_is_bounded() -> None:
    files = {f"f{n}": f"include:f{n + 1}".encode() for n in range(DEPTH_MAX + 1)}
    with pytest.raises(ListError) as error:
        lines("f0", files)
    assert error.value.code == "list-include-depth"


def test_width_is_bounded() -> None:
    # Each level twice: 2 to the tenth files without the bound, and far more with depth.
    files = {f"f{n}": f"include:f{n + 1}\n".encode() * 8 for n in range(8)}
    files["f8"] = b"a.com"
    with pytest.raises(ListError) as error:
        lines("f0", files)
    assert error.value.code == "list-include-depth"
