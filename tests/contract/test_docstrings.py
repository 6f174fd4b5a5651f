"""Whatever is public says in one line what it does."""

import ast
from collections.abc import Iterator

from .tree import complaints, dotted, modules, parsed

Function = ast.FunctionDef | ast.AsyncFunctionDef
# Third person and preambles: the line says what to do, as a command.
NOT_IMPERATIVE = {"returns", "gets", "sets", "makes", "computes", "checks", "parses"}
NOT_IMPERATIVE |= {"this", "function", "method", "helper", "utility"}


def public(body: list[ast.stmt], inside: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Yield the public classes and functions of a module, methods included.

    Left out: what a decorator explains (overload, a property's setter).
    """
    for node in body:
        if not isinstance(node, ast.ClassDef | Function) or node.name.startswith("_"):
            continue
        marks = {dotted(mark).split(".")[-1] for mark in node.decorator_list}
        if marks & {"overload", "setter", "override"}:
            continue
        yield inside + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from public(node.body, f"{inside}{node.name}.")


def undocumented(tree: ast.Module) -> list[str]:
    """Return a line for each public thing whose docstring is missing or no command."""
    found = []
    for name, node in public(tree.body):
        assert isinstance(node, ast.ClassDef | Function)
        line = (ast.get_docstring(node) or "").partition("\n")[0].strip()
        if not line:
            found.append(f"{node.lineno}: {name} has no docstring")
        elif isinstance(node, Function) and line.split()[0].lower() in NOT_IMPERATIVE:
            found.append(f"{node.lineno}: {name}: {line}")
    return found


def test_public_names_are_documented() -> None:
    assert complaints(modules(), undocumented) == []


def test_modules_say_what_they_are_for() -> None:
    trees = {str(path): parsed(path) for path in modules()}
    bare = [p for p, t in trees.items() if t.body and not ast.get_docstring(t)]
    assert bare == []


def test_the_check_finds() -> None:
    source = '''
def bare(): ...
def wrong():
    """Returns nothing."""
class Plain:
    def inner(self): ...
def _private(): ...
'''
    found = [line.split()[1] for line in undocumented(ast.parse(source))]
    assert found == ["bare", "wrong:", "Plain", "Plain.inner"]
