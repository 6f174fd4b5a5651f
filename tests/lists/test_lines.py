import gzip
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.lists.lines import LINE_MAX, Lines, ListError, check_text


def lines_of(text: bytes, chunk: int = 3, **limits: int) -> list[bytes]:
    reader = Lines(**limits)
    lines = []
    for at in range(0, len(text), chunk):
        lines += reader.feed(text[at : at + chunk])
    return lines + reader.finish()


@pytest.mark.parametrize(
    "text, lines",
    [
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\r\nb\r\n", [b"a", b"b"]),
        (b"a\rb\r", [b"a", b"b"]),
        (b"a\n\nb", [b"a", b"", b"b"]),
        (b"\xef\xbb\xbfa\nb", [b"a", b"b"]),
        (b"", []),
    ],
)
@pytest.mark.parametrize("chunk", [1, 2, 1000])
def test_line_ends_and_marks(text: bytes, lines: list[bytes], chunk: int) -> None:
    assert lines_of(text, chunk) == lines
    assert lines_of(gzip.compress(text), chunk) == lines


@given(st.lists(st.binary(max_size=40)), st.integers(1, 700))
def test_pieces_do_not_matter(parts: list[bytes], chunk: int) -> None:
    text = b"x\n" + b"\n".join(parts)
    try:
        whole: object = lines_of(text, len(text))
    except ListError as error:
        whole = error.code
    try:
        pieces: object = lines_of(text, chunk)
    except ListError as error:
        pieces = error.code
    assert pieces == whole


def test_gzip_of_several_members_with_padding() -> None:
    text = gzip.compress(b"a\nb", mtime=0) + gzip.compress(b"c\nd\n") + bytes(20)
    assert lines_of(text, 5) == [b"a", b"bc", b"d"]


def test_large_gzip_comes_out_whole() -> None:
    text = b"".join(b"name%d.example\n" % n for n in range(50_000))
    assert lines_of(gzip.compress(text), 4096) == text.split()


@pytest.mark.parametrize(
    "text",
    [gzip.compress(b"a\n" * 900, mtime=0)[:-12], b"\x1f\x8bnothing of that kind"],
)
def test_damaged_gzip(text: bytes) -> None:
    with pytest.raises(ListError) as error:
        lines_of(text)
    assert error.value.code == "list-gzip-damaged"


def tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("domains"))
    return out.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        b"<!DOCTYPE html><html>",
        b"\n <html><body>Busy</body>",
        b'{"error": 1}',
        b'[{"a": 1}]',
        b"\xff\xfea\0.\0",
        b"PK\x03\x04...",
        b"function FindProxyForURL(url, host) {",
        tar(),
        gzip.compress(tar(), mtime=0),
    ],
)
def test_what_is_no_list(text: bytes) -> None:
    with pytest.raises(ListError) as error:
        lines_of(text, 1000)
    assert error.value.code == "list-not-text"


@pytest.mark.parametrize("chunk", [1, 1000, 100_000])
def test_overlong_lines_are_skipped_and_counted(chunk: int) -> None:
    reader = Lines()
    text = b"a\n" + b"x" * (3 * LINE_MAX) + b"\nb\n" + b"y" * (2 * LINE_MAX)
    lines = []
    for at in range(0, len(text), chunk):
        lines += reader.feed(text[at : at + chunk])
    assert lines + reader.finish() == [b"a", b"b"]
    assert reader.overlong == 2


def test_limits() -> None:
    for limits in ({"bytes_max": 10}, {"lines_max": 3}):
        with pytest.raises(ListError) as error:
            lines_of(b"a\n" * 10, 5, **limits)
        assert error.value.code == "list-too-long"


def test_a_gzip_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(b"\n" * 5_000_000, mtime=0)
    with pytest.raises(ListError) as error:
        lines_of(bomb, 100, bytes_max=100_000)
    assert error.value.code == "list-too-long"


@given(st.binary(max_size=2000), st.booleans())
def test_any_octets(octets: bytes, packed: bool) -> None:
    text = gzip.compress(octets) if packed else octets
    try:
        lines = lines_of(text, 100)
    except ListError:
        return
    assert all(b"\n" not in line and len(line) <= LINE_MAX for line in lines)


@pytest.mark.parametrize(
    "head", [b" <HTML>", b"<!doctype html>", b'{"a": 1}', b"\xff\xfea\0"]
)
def test_what_the_first_octets_give_away(head: bytes) -> None:
    with pytest.raises(ListError, match="list-not-text"):
        check_text(head)
    check_text(b"# a list\n<html> is said in a remark")
