"""`/api/v1`: the same answers as the pages', for programs with an app password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from guardian.core.errors import ControlError
from webui import pages
from webui.access import PARENT, PUBLIC, role
from webui.daemon import ABSENT
from webui.views import api as view
from webui.words import errors

area = Blueprint("api", __name__, url_prefix=view.BASE)


@area.get("/openapi.json")
@role(PUBLIC, cache=True)
def document() -> Response:
    """Show what there is to ask."""
    return jsonify(view.document())


def problem(status: int, code: str, says: str) -> Response:
    """Return an error as every operation has it."""
    response = jsonify({"code": code, "says": says})
    response.status_code = status
    return response


def _given(operation: view.Operation) -> dict[str, Any]:
    """Return what a program sent, by the table's schema. Raises ValueError."""
    if operation.method == "GET":
        found: dict[str, Any] = dict(request.args)
        for key, schema in operation.takes["properties"].items():
            text = found.get(key, "")
            if schema["type"] == "integer" and text.isdecimal() and len(text) < 10:
                found[key] = int(text)
    else:
        try:
            found = request.get_json() if request.get_data() else {}
        except BadRequest:
            raise ValueError("body: no JSON") from None
    objection = view.wrong(found, operation.takes)
    if objection:
        raise ValueError(objection)
    return found


def _run(operation: view.Operation, path: dict[str, Any]) -> Response:
    try:
        given = _given(operation)
    except ValueError as error:
        return problem(400, "bad-request", str(error))
    names = dict(operation.names)
    args = {names.get(key, key): value for key, value in given.items()} | path
    ask: Callable[..., Any] = pages.change
    if operation.method == "GET":
        # Not from memory: a program cannot see that an answer is old.
        ask = pages.daemon().call
    try:
        answer = ask(operation.verb, **args)
    except ControlError as error:
        status = view.status_of(error.code, ABSENT)
        return problem(status, error.code, errors.sentence(error))
    return jsonify(answer)


def _view(operation: view.Operation) -> Callable[..., Response]:
    def run(**path: Any) -> Response:
        return _run(operation, path)

    run.__doc__ = operation.says
    return role(PARENT, scope=operation.scope)(run)


for _operation in view.OPERATIONS:
    _rule = _operation.path.replace("{revision}", "<int:revision>")
    area.add_url_rule(
        _rule.replace("{", "<").replace("}", ">"),
        endpoint=_operation.id,
        view_func=_view(_operation),
        methods=[_operation.method],
    )
