"""Makers from the system's OUI data, in each of its forms."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardian.shell import oui

# The form of ieee-data and hwdata, with its carriage returns.
IEEE = (
    "OUI/MA-L      Organization\r\ncompany_id    Organization\r\n\r\n"
    "00-22-72   (hex)\t\tAmerican Micro-Fuel\r\n"
    "002272     (base 16)\t\tAmerican Micro-Fuel\r\n\t\t\t\tFerndale\r\n\r\n"
    "70-B3-D5   (hex)\t\tIEEE Registration Authority\r\n"
    "70B3D5     (base 16)\t\tIEEE Registration Authority\r\n\r\n"
    "A4-CF-12   (hex)\t\tPrivate\r\nA4CF12     (base 16)\t\tPrivate\r\n"
    "B8-27-EB   (hex)\t\tRaspberry Pi\r\nB827EB     (base 16)\t\tRaspberry Pi"
)
NMAP = "# Prefixes\n002272 American Micro-Fuel\nB827EB Raspberry Pi\n"
FINE = (
    "Registry,Assignment,Organization Name,Organization Address\r\n"
    'MA-S,70B3D5F2F,"Teleplatforms, Ltd",Moscow\r\n'
    "MA-S,70B3D5F30,Other Maker,Elsewhere\r\n"
)
MEDIUM = "Registry,Assignment,Organization Name,Address\r\nMA-M,70B3D5A,Middle,X\r\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "oui.txt").write_text(IEEE, newline="")
    (tmp_path / "nmap").write_text(NMAP)
    (tmp_path / "oui36.csv").write_text(FINE, newline="")
    (tmp_path / "mam.csv").write_text(MEDIUM, newline="")
    return tmp_path


def vendor(mac: str, folder: Path, *names: str) -> str | None:
    csv = (folder / "mam.csv", folder / "oui36.csv")
    return oui.vendor(mac, [folder / name for name in names], csv)


@pytest.mark.parametrize("name", ["oui.txt", "nmap"])
@pytest.mark.parametrize(
    "mac, maker",
    [
        ("00:22:72:00:00:01", "American Micro-Fuel"),
        ("b8:27:eb:12:34:56", "Raspberry Pi"),
        ("00:11:22:00:00:01", None),
    ],
)
def test_the_maker_is_found(data: Path, name: str, mac: str, maker: str | None) -> None:
    assert vendor(mac, data, name) == maker


@pytest.mark.parametrize(
    "mac, maker",
    [
        ("70:b3:d5:f2:f1:11", "Teleplatforms, Ltd"),
        ("70:b3:d5:f3:01:11", "Other Maker"),
        ("70:b3:d5:a1:11:11", "Middle"),
        ("70:b3:d5:00:00:01", None),
    ],
)
def test_a_shared_block_is_looked_up_finer(
    data: Path, mac: str, maker: str | None
) -> None:
    assert vendor(mac, data, "oui.txt") == maker


def test_a_private_block_has_no_maker(data: Path) -> None:
    assert vendor("a4:cf:12:00:00:01", data, "oui.txt") is None


def test_a_made_up_address_has_no_maker(data: Path) -> None:
    (data / "oui.txt").write_text("\n022272     (base 16)\t\tNobody\n")
    assert vendor("02:22:72:00:00:01", data, "oui.txt") is None


def test_without_data_there_is_no_answer(tmp_path: Path) -> None:
    assert vendor("00:22:72:00:00:01", tmp_path, "none") is None
    (tmp_path / "folder").mkdir()
    assert vendor("00:22:72:00:00:01", tmp_path, "folder") is None


def test_the_next_file_is_asked_if_the_first_lacks_the_maker(data: Path) -> None:
    (data / "empty").write_text("")
    mac = "00:22:72:00:00:01"
    assert vendor(mac, data, "none", "empty", "nmap") == "American Micro-Fuel"


def test_a_line_across_two_pieces_is_found(tmp_path: Path) -> None:
    entry = "002272     (base 16)\t\tMaker\n"
    for before in range(oui._CHUNK - len(entry) - 1, oui._CHUNK + 2):
        file = tmp_path / "big"
        file.write_text("x" * (before - 1) + "\n" + entry + "y\n" * 100)
        assert vendor("00:22:72:00:00:01", tmp_path, "big") == "Maker"


def test_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "odd").write_bytes(b"\xff\xfe\n002272 Ma\xffker\n002272")
    assert vendor("00:22:72:00:00:01", tmp_path, "odd") == "Ma\ufffdker"


def test_a_maker_with_a_long_name_is_cut(tmp_path: Path) -> None:
    (tmp_path / "long").write_text("002272 " + "x" * 5000 + "\n")
    assert vendor("00:22:72:00:00:01", tmp_path, "long") == "x" * 64


def test_the_systems_own_data() -> None:
    installed = [path for path in oui.TEXT_FILES if path.exists()]
    if not installed:
        pytest.skip("no OUI data installed (ieee-data, hwdata or nmap)")
    assert "Raspberry" in (oui.vendor("b8:27:eb:00:00:01") or "")
