"""The files of this project, as the contract tests see them.

Files are those git knows or would take; without a repository (a release archive), all
but what the build leaves behind. Paths are relative to ROOT and sorted. Nothing here
imports or runs what it finds.
"""

import ast
import functools
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "guardian"
LEFT_BEHIND = {"build", "dist", "__pycache__"}


@functools.cache
def files() -> tuple[Path, ...]:
    """Return every regular file of the project that exists."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        # A checkout made by a person is tested by root: git then asks for trust.
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", str(ROOT)]
            + ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True,
            capture_output=True,
            text=True,
        )
        found = {Path(name) for name in listed.stdout.split("\0") if name}
    else:
        found = {
            path.relative_to(ROOT)
            for path in ROOT.rglob("*")
            if not any(
                part in LEFT_BEHIND or part.endswith(".egg-info") or part[0] == "."
                for part in path.relative_to(ROOT).parts
                if part not in {".ci", ".gitignore"}
            )
        }
    return tuple(sorted(path for path in found if (ROOT / path).is_file()))


def text(path: Path) -> str | None:
    """Return the text of a file of the project, None if it is not UTF-8."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def first_line(path: Path) -> str:
    """Return the first line of a file, "" if it is not text."""
    return (text(path) or "").partition("\n")[0]


def python_files(*folders: str) -> tuple[Path, ...]:
    """Return the Python sources, scripts without a suffix too, below `folders`."""
    return tuple(
        path
        for path in files()
        if path.parts[0] in folders
        and (
            path.suffix == ".py"
            or not path.suffix
            and first_line(path).startswith("#!")
            and "python" in first_line(path)
        )
    )


@functools.cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a Python source of the project."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def modules(*packages: str) -> tuple[Path, ...]:
    """Return the sources of both programs, or only of guardian/<package> for some."""
    if packages:
        return tuple(p for p in python_files("guardian") if p.parts[1] in packages)
    return (*python_files("guardian"), *python_files("webui"))


def complaints(
    paths: Iterable[Path], check: Callable[[ast.Module], Iterable[str]]
) -> list[str]:
    """Return what `check` finds in each source, as "path:finding".

    A finding begins with its line number.
    """
    return [f"{path}:{found}" for path in paths for found in check(parsed(path))]


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of every absolute import, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for a chain of names, "" for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""
