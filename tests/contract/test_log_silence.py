"""Only the shell logs, lazily; only programs that talk to a terminal print.

Laziness is a rule about privacy as well: a formatted message would carry names into
handlers, whatever their level.
"""

import ast
from pathlib import Path

from .tree import complaints, dotted, imported, modules, parsed

SILENT = ("core", "compile", "wire", "store", "lists")
TERMINAL = {
    "guardian/cli.py",
    "guardian/daemon.py",
    "guardian/feedcli.py",
    "guardian/listcli.py",
    "guardian/probe.py",
}
LOGGERS = {"log", "logger", "logging"}
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def calls(tree: ast.Module) -> list[tuple[ast.Call, str]]:
    """Return every call with the dotted name of what is called."""
    return [
        (node, dotted(node.func))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]


def eager(tree: ast.Module) -> list[str]:
    """Return the logging calls that format their message, or use the root logger."""
    found = []
    for call, name in calls(tree):
        base, _, level = name.rpartition(".")
        if level not in LEVELS or base.lower().strip("_") not in LOGGERS:
            continue
        if base == "logging":
            found.append(f"{call.lineno}: the root logger")
        message = call.args[1 if level == "log" else 0]
        if not isinstance(message, ast.Constant):
            found.append(f"{call.lineno}: the message is made before it is wanted")
    return found


def test_pure_packages_do_not_log() -> None:
    logging = [
        f"{path}:{line}"
        for path in modules(*SILENT)
        for line, name in imported(parsed(path))
        if name.split(".")[0] in ("logging", "warnings")
    ]
    assert logging == []


def test_messages_are_lazy() -> None:
    assert complaints(modules(), eager) == []


# A library whose own words would name visitors.
SILENCED = [["'waitress'"]]


def own_names(path: Path) -> list[list[str]]:
    """Return how a module may name its logger; a program's __name__ is __main__."""
    return [["__name__"], [repr(".".join(path.with_suffix("").parts))]]


def test_loggers_are_named_after_their_module() -> None:
    odd = [
        f"{path}:{call.lineno}"
        for path in modules()
        for call, name in calls(parsed(path))
        if name.endswith("getLogger")
        and [ast.unparse(argument) for argument in call.args]
        not in own_names(path) + SILENCED
    ]
    assert odd == []


def test_only_programs_print() -> None:
    printing = [
        f"{path}:{call.lineno}"
        for path in modules()
        if str(path) not in TERMINAL
        for call, name in calls(parsed(path))
        if name in ("print", "sys.stdout.write")
    ]
    assert printing == []


def test_the_check_finds() -> None:
    source = """
log.info(f"{device}")
logger.warning("%s" % device)
_log.log(level, "a" + device)
logging.error("%s", device)
log.info("%s", device)
log.log(level, "x=%s", x)
"""
    assert [line.split(":")[0] for line in eager(ast.parse(source))] == list("2345")
