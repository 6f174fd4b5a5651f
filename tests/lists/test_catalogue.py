import gzip
import tarfile
from pathlib import Path

import pytest

from guardian.core.errors import GuardianError
from guardian.lists.catalogue import feeds_of
from guardian.lists.index import Index
from guardian.lists.lines import ListError
from guardian.lists.names import to_wire
from guardian.lists.source import Kind, Polarity

from .build import compiled

TABLE = "source\tcategory\tfile\tlicence\tship\tlines\tdomains\tformat\tnote\n"


def labels(folder: Path, specs: list[str], name: str) -> tuple[str, ...]:
    index = Index(compiled(folder / "out", *feeds_of(specs)).path)
    return index.labels_of(index.mask(to_wire(name.encode())))


def test_a_file_is_its_own_label(tmp_path: Path) -> None:
    for name in ("adult.txt", "adult.gz", "adult"):
        path = tmp_path / name
        text = b"bad.com\n"
        path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
        assert labels(tmp_path / name[-3:], [str(path)], "x.bad.com") == ("adult",)


def test_a_label_with_options(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("bad.com\n")
    spec = f"tiktok,service,exact,allow,suffix-ok,id:tt,min:3,max:9={path}"
    (feed,) = feeds_of([spec])
    found = feed.source
    assert (found.id, found.label, found.kind) == ("tt", "tiktok", Kind.SERVICE)
    assert (found.polarity, found.suffix, found.suffix_ok) == (
        Polarity.ALLOW,
        False,
        True,
    )
    assert (found.names_min, found.names_max) == (3, 9)


@pytest.mark.parametrize("label", ["a,nonsense", "A B", "a,min:x", "a,id:", ""])
def test_a_bad_label(tmp_path: Path, label: str) -> None:
    path = tmp_path / "bad name!"
    path.write_text("bad.com\n")
    with pytest.raises(GuardianError) as error:
        feeds_of([f"{label}={path}" if label else str(path)])
    assert error.value.code == "list-source-invalid"


def test_a_table(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("bad.com\n")
    (tmp_path / "two").write_text("worse.com\n")
    (tmp_path / "v2").write_text("include:one\nown.com\n")
    (tmp_path / "INDEX.tsv").write_text(
        TABLE
        + "S\tadult\tone\tMIT\tship\t1\t1\tdomains\t\n"
        + "S\tgames\ttwo\tCC\turl-only\t1\t1\thosts\t\n"
        + "S\tsocial\tv2\tMIT\tship\t1\t1\tv2fly\t\n"
        + "S\tnone\ttwo\tMIT\tship\t1\t1\tdomains\t\n"
        + "S\tadult\ttwo/urls\tMIT\tship\t1\t1\turls\t\n"
    )
    shipped = feeds_of([str(tmp_path)])
    assert [feed.source.label for feed in shipped] == ["adult", "social"]
    assert shipped[0].source.licence == "MIT"
    everything = feeds_of([f"{tmp_path}:url-only"])
    assert [feed.source.id for feed in everything] == ["one", "two", "v2"]
    assert labels(tmp_path, [str(tmp_path)], "bad.com") == ("adult", "social")


def test_squidguard_folders(tmp_path: Path) -> None:
    for name in ("gambling", "dating"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "domains").write_text(f"{name}.com\n1.2.3.4\n")
        (tmp_path / name / "urls").write_text(f"{name}.com/page\n")
    (tmp_path / "alias").symlink_to("gambling")
    feeds = feeds_of([str(tmp_path)])
    assert [feed.source.label for feed in feeds] == ["dating", "gambling"]
    path = tmp_path / "gambling/domains"
    assert feeds_of([str(path)])[0].source.label == "gambling"


def test_a_member_of_an_archive(tmp_path: Path) -> None:
    (tmp_path / "domains").write_text("bad.com\n")
    archive = tmp_path / "all.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "domains", "blacklists/adult/domains")
        link = tarfile.TarInfo("blacklists/porn")
        link.type, link.linkname = tarfile.SYMTYPE, "adult"
        tar.addfile(link)
    spec = f"{archive}#blacklists/adult/domains"
    assert labels(tmp_path, [spec], "bad.com") == ("adult",)
    with pytest.raises(ListError) as error:
        feeds_of([f"{archive}#blacklists/porn/domains"])
    assert error.value.code == "list-member-missing"
    archive.write_bytes(archive.read_bytes()[:60])
    with pytest.raises(ListError) as error:
        feeds_of([spec])
    assert error.value.code == "list-gzip-damaged"


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(GuardianError) as error:
        feeds_of([str(tmp_path / "none")])
    assert error.value.code == "file-unreadable"
    with pytest.raises(GuardianError) as error:
        feeds_of([str(tmp_path)])
    assert error.value.code == "list-source-invalid"
    (tmp_path / "INDEX.tsv").write_bytes(b"\xff\xff\n")
    with pytest.raises(GuardianError) as error:
        feeds_of([str(tmp_path)])
    assert error.value.code == "file-unreadable"


def test_the_same_list_twice(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("bad.com\n")
    with pytest.raises(ListError) as error:
        feeds_of([str(path), str(path)])
    assert error.value.code == "duplicate-list"
