"""Every source module has its test module in the same place below tests/."""

import ast
from pathlib import Path

from .tree import files, modules, parsed

# Module without a test module of its own: the reason. Only ever shorter.
EXCEPTIONS: dict[str, str] = {}


def has_code(path: Path) -> bool:
    """Say whether a module does more than import, export and hold a docstring."""
    return any(
        not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Assign) and _exports(node))
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in parsed(path).body
    )


def _exports(node: ast.Assign) -> bool:
    return [ast.unparse(target) for target in node.targets] == ["__all__"]


def mirror(path: Path) -> Path:
    """Return where the tests of `path` belong.

    guardian/x/y.py: tests/x/test_y.py; webui/x/y.py: tests/webui/x/test_y.py.
    """
    inner = path.relative_to("guardian") if path.parts[0] == "guardian" else path
    return Path("tests", inner.parent, f"test_{inner.name}")


def test_every_module_has_its_test_module() -> None:
    alone = {
        str(path)
        for path in modules()
        if path.name != "__init__.py" and mirror(path) not in files()
    }
    assert sorted(alone - set(EXCEPTIONS)) == []
    assert sorted(set(EXCEPTIONS) - alone) == [], "has its test module: take it out"


def test_packages_hold_no_code_in_init() -> None:
    # Code there would be imported by every user of the package, and has no mirror.
    full = [str(p) for p in modules() if p.name == "__init__.py" and has_code(p)]
    assert full == []


def test_every_exception_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in EXCEPTIONS.values())


def test_every_test_folder_is_a_package() -> None:
    # Equal base names in two folders clash otherwise (pytest's import mode "prepend").
    folders = {path.parent for path in files() if path.match("tests/**/test_*.py")}
    folders |= {path.parent for path in files() if path.match("tests/test_*.py")}
    bare = [str(f) for f in sorted(folders) if f / "__init__.py" not in files()]
    assert bare == []


def module_of(path: Path) -> Path | None:
    """Return the module that a test module tests: test_y.py, or test_y_SUBJECT.py."""
    words = path.stem.removeprefix("test_").split("_")
    for count in range(len(words), 0, -1):
        name = "_".join(words[:count]) + ".py"
        home = () if path.parts[1] == "webui" else ("guardian",)
        module = Path(*home, *path.parts[1:-1], name)
        if module in modules():
            return module
    return None


def test_every_mirrored_test_has_its_module() -> None:
    # A test module left behind by a rename would test nothing that its name says.
    packages = {p.parts[p.parts[0] == "guardian"] for p in modules() if p.parts[1:-1]}
    orphans = [
        str(path)
        for path in files()
        if path.name.startswith("test_")
        and path.parts[0] == "tests"
        and len(path.parts) > 2
        and path.parts[1] in packages
        and module_of(path) is None
    ]
    assert orphans == []
