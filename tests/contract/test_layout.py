"""The top of the tree holds what a newcomer expects there, and no more."""

from .tree import ROOT, files

TOP = {
    ".ci",
    ".gitignore",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "guardian",
    "packaging",
    "profiles",
    "pyproject.toml",
    "setup.cfg",
    "tests",
    "webui",
}
NEEDED = TOP - {"webui"}


def test_top_level_entries() -> None:
    top = {path.parts[0] for path in files()}
    assert sorted(top - TOP) == []
    assert sorted(NEEDED - top) == []


def test_data_folders_are_not_packages() -> None:
    # packaging/__init__.py would shadow the library "packaging" of pip and pytest.
    for folder in ("packaging", "profiles"):
        assert [str(p) for p in files() if p.match(f"{folder}/**/__init__.py")] == []
        assert not (ROOT / folder / "__init__.py").exists()


def test_names_have_no_spaces() -> None:
    # Shell scripts here pass file names as words.
    assert [str(path) for path in files() if " " in str(path)] == []


def test_text_of_the_top_level_is_there() -> None:
    for name in ("README.md", "SECURITY.md", "LICENSE"):
        assert len((ROOT / name).read_text()) > 500, name
