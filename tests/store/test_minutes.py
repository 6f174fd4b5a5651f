"""Clock texts and spans, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.store.minutes import parse_clock, render_clock, render_end, span


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("00:00", 0), ("7:05", 425), ("24:00", 1440), ("24:30", 1470), ("48:00", 2880)],
)
def test_parse(text: str, minutes: int) -> None:
    assert parse_clock(text) == minutes


@pytest.mark.parametrize(
    "text", ["", "7", "7:5", "48:01", "49:00", "21:60", "21:00\n", "٢١:٠٠", "-1:00", 21]
)
def test_parse_refuses(text: object) -> None:
    with pytest.raises(ValueError, match="^bad-time"):
        parse_clock(text)


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (1260, 1860, "07:00"),
        (1260, 1440, "24:00"),
        (0, 1440, "24:00"),
        (1260, 2700, "45:00"),
        (1470, 1500, "01:00"),
    ],
)
def test_ends_read_naturally(start: int, end: int, text: str) -> None:
    assert render_end(start, end) == text


def test_equal_times_stay_equal() -> None:
    assert span(1260, 1260) == (1260, 1260)


@given(st.integers(0, 2879), st.data())
def test_round_trip(start: int, data: st.DataObject) -> None:
    end = data.draw(st.integers(start + 1, min(2880, start + 1440)))
    texts = render_clock(start), render_end(start, end)
    assert span(*map(parse_clock, texts)) == (start, end)
