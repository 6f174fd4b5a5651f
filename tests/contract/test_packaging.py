"""setup.cfg says what is on disk: packages, scripts, dependencies, data."""

import ast
import configparser
import importlib
import re
import sys

import pytest

from .tree import ROOT, files, imported, modules, parsed

CONFIG = configparser.ConfigParser()
CONFIG.read(ROOT / "setup.cfg")

# Distribution: the module it installs, where the names differ.
MODULES = {"netifaces-plus": "netifaces"}
# Data that the standard library reads: no import shows its use.
DATA_ONLY = {"tzdata"}


def words(section: str, option: str) -> list[str]:
    """Return the lines of a list option."""
    return CONFIG.get(section, option).split("\n")[1:]


def distribution(requirement: str) -> str:
    """Return the name in `name>=1.2`."""
    return re.split(r"[<>=!~;\[ ]", requirement, maxsplit=1)[0]


def test_packages_are_those_on_disk() -> None:
    disk = {
        ".".join(path.parent.parts)
        for path in files()
        if path.parts[0] in ("guardian", "webui") and path.name == "__init__.py"
    }
    assert sorted(words("options", "packages")) == sorted(disk | {"profiles"})


def test_every_source_is_in_a_package() -> None:
    packages = set(words("options", "packages"))
    assert [p for p in modules() if ".".join(p.parent.parts) not in packages] == []


def test_package_data_matches_files() -> None:
    unshipped = []
    for path in files():
        if path.parts[0] in ("guardian", "webui", "profiles") and path.suffix != ".py":
            home = next(
                p
                for p in path.parents
                if (ROOT / p / "__init__.py").exists() or len(p.parts) == 1
            )
            package = ".".join(home.parts)
            patterns = (
                words("options.package_data", package)
                if CONFIG.has_option("options.package_data", package)
                else []
            )
            if not any(path.match(pattern) for pattern in patterns):
                unshipped.append(str(path))
    assert unshipped == []


def scripts() -> dict[str, str]:
    """Return name and target of the console scripts."""
    lines = words("options.entry_points", "console_scripts")
    pairs = (line.split(" = ") for line in lines)
    return {name: target for name, target in pairs}


@pytest.mark.parametrize("name", sorted(scripts()))
def test_console_script_can_be_called(name: str) -> None:
    module, _, function = scripts()[name].partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_imports_are_declared_dependencies() -> None:
    declared = {
        MODULES.get(name, name)
        for name in map(distribution, words("options", "install_requires"))
    }
    own = {"guardian", "webui", "profiles"}
    foreign = {
        (str(path), name.split(".")[0])
        for path in modules()
        for _, name in imported(parsed(path))
        if name.split(".")[0] not in sys.stdlib_module_names | own
    }
    assert sorted(pair for pair in foreign if pair[1] not in declared) == []


def test_every_dependency_has_a_floor() -> None:
    required = words("options", "install_requires")
    assert [r for r in required if not re.fullmatch(r"[a-z0-9-]+>=[0-9.]+", r)] == []
    tools = words("options.extras_require", "test")
    assert len(tools) == len({distribution(tool) for tool in tools})


def test_no_module_works_on_import() -> None:
    # A call at module level runs before main() can report what went wrong with it.
    working = [
        f"{path}:{node.lineno}"
        for path in modules()
        for node in parsed(path).body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ]
    assert working == []
