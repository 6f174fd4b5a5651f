"""A blocked name's request is sent to the page that explains, and nowhere else."""

import pytest

from webui.serve.blocked import answer, is_request, site


def request(host: str, first: str = "GET / HTTP/1.1") -> bytes:
    """Return a request for a host."""
    return f"{first}\r\nUser-Agent: x\r\nHost: {host}\r\n\r\n".encode("latin-1")


@pytest.mark.parametrize(
    "host, name",
    [
        ("video.example", "video.example"),
        ("Video.EXAMPLE:80", "video.example"),
        ("video.example.", "video.example"),
        ("xn--mdchen-bua.example", "xn--mdchen-bua.example"),
        ("a_b.example", "a_b.example"),
        ("localhost", None),
        ("192.168.1.1", "192.168.1.1"),
        ("[fd00::1]", None),
        ("video.example/x", None),
        ("video.example?x=1", None),
        ("video.example#x", None),
        ("a@video.example", None),
        ("video..example", None),
        ("-a.example", None),
        ("a" * 64 + ".example", None),
        ("a." * 127 + "example", None),
        ("<script>.example", None),
        ("v%0d%0aSet-Cookie.example", None),
        ("vidéo.example", None),
        ("", None),
    ],
)
def test_the_name_is_taken_only_if_it_is_one(host: str, name: str | None) -> None:
    assert site(request(host)) == name


def test_the_answer_leads_to_the_address_where_it_arrived() -> None:
    text = answer(request("video.example"), "192.168.1.1", 8080).decode()
    assert text.startswith("HTTP/1.1 302 Found\r\n")
    assert (
        "\r\nLocation: http://192.168.1.1:8080/blocked?site=video.example\r\n" in text
    )
    assert "\r\nCache-Control: no-store\r\n" in text
    assert text.endswith("\r\n\r\n")


def test_an_ipv6_address_is_written_as_in_a_url() -> None:
    text = answer(request("video.example"), "fd00::1", 8080).decode()
    assert "Location: http://[fd00::1]:8080/blocked?site=video.example\r\n" in text


@pytest.mark.parametrize("host", ["", "<x>", "a\tb.example"])
def test_without_a_valid_name_none_is_given(host: str) -> None:
    text = answer(request(host), "192.168.1.1", 8080).decode()
    assert "Location: http://192.168.1.1:8080/blocked\r\n" in text
    assert text.count("\r\n") == 6


def test_a_request_cut_short_is_answered_with_what_came() -> None:
    # Cookies of the blocked site may be long; they are not read.
    data = request("video.example")[:-2] + b"Cookie: " + b"x" * 3000
    assert site(data) == "video.example"
    assert site(b"GET / HTTP/1.1\r\nHost: vid") is None


def test_a_host_in_the_body_is_none() -> None:
    assert site(b"POST / HTTP/1.1\r\n\r\nHost: video.example\r\n") is None


@pytest.mark.parametrize(
    "data, yes",
    [
        (b"GET / HTTP/1.1\r\n", True),
        (b"POST http://x.example/ HTTP/1.0\r\nHost", True),
        (b"GET /\r\n", False),
        (b"\x16\x03\x01\x02\x00\x01", False),
        (b"GET / HTTP/1.1", False),
        (b"", False),
        (b"SSH-2.0-x\r\n", False),
    ],
)
def test_only_http_is_answered(data: bytes, yes: bool) -> None:
    assert is_request(data) is yes
