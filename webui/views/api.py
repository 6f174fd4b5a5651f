"""The interface for programs, as a table: path, scope, verb, what goes in and out.

Routes and the OpenAPI document are both made from it, so that neither can promise what
the other does not have. Pure. OpenAPI 3.1, JSON Schema 2020-12 (the words used here).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
VERSION = "1"
BASE = "/api/v1"
READ, CHANGE = "read", "change"
# A verb's refusal by its code; any other is a conflict with the present state.
NOT_FOUND = frozenset({"no-such-person", "no-such-device", "no-such-request"})
BAD_INPUT = frozenset(
    {"bad-argument", "bad-duration", "bad-time", "bad-hostname", "needs-arguments"}
)

_TEXT: Json = {"type": "string", "maxLength": 80}
_ID: Json = {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,47}$"}
_INSTANT: Json = {"type": "string", "maxLength": 40}
_LIST: Json = {"type": "array", "items": {"type": "object"}}
_DONE: Json = {
    "type": "object",
    "required": ["revision", "enforced"],
    "properties": {
        "revision": {"type": "integer"},
        "enforced": {"type": "boolean"},
    },
}


def _object(*required: str, **properties: Json) -> Json:
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a program can ask.

    path: below `BASE`, with the path's arguments in braces. takes: schema of the body
    (POST) or of the query (GET). gives: schema of the answer.
    names: body or query word -> the verb's argument, where they differ.
    """

    method: str
    path: str
    verb: str
    says: str
    gives: Json
    takes: Json = field(default_factory=_object)
    scope: str = READ
    names: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """Return the operation's id: "post-people-person-pause"."""
        words = self.path.replace("{", "").replace("}", "").strip("/").split("/")
        return "-".join([self.method.lower(), *words])

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the arguments in the path."""
        return tuple(
            word[1:-1] for word in self.path.split("/") if word.startswith("{")
        )


OPERATIONS = (
    Operation(
        "GET",
        "/overview",
        "overview",
        "The household now: people, what holds for each, devices, what is wrong.",
        {"type": "object", "required": ["revision", "enforced", "people", "health"]},
    ),
    Operation(
        "GET",
        "/people/{person}",
        "person",
        "One person: windows, exceptions, the coming day, the week.",
        {"type": "object", "required": ["id", "name", "role", "decision"]},
    ),
    Operation(
        "GET",
        "/people/{person}/sites",
        "sites",
        "What holds for a child's apps and sites, each setting with its layer.",
        {"type": "object", "required": ["person", "access"]},
    ),
    Operation("GET", "/devices", "devices", "Every device seen or assigned.", _LIST),
    Operation("GET", "/requests", "requests", "Requests, open ones first.", _LIST),
    Operation(
        "GET",
        "/log",
        "log",
        "Who changed what, newest last.",
        _LIST,
        _object(limit={"type": "integer", "minimum": 1, "maximum": 500}),
    ),
    Operation(
        "GET",
        "/explain",
        "explain",
        "Why a device stands as it does, and a name on it, at a time.",
        {"type": "object", "required": ["at", "decision", "rows"]},
        _object("device", device=_TEXT, name=_TEXT, at=_INSTANT),
    ),
    Operation(
        "POST",
        "/people/{person}/pause",
        "pause",
        'Pause a child, or "all"; without an end until morning.',
        _DONE,
        _object(**{"for": {"type": "string", "pattern": "^[0-9]{1,3}[mh]$"}}),
        CHANGE,
        (("for", "span"),),
    ),
    Operation(
        "POST",
        "/people/{person}/resume",
        "resume",
        'End the pause of a child, or of "all".',
        _DONE,
        scope=CHANGE,
    ),
    Operation(
        "POST",
        "/people/{person}/grant",
        "grant",
        "Give a child more time now; it ends by itself.",
        _DONE,
        _object("for", **{"for": {"type": "string", "pattern": "^[0-9]{1,3}[mh]$"}}),
        CHANGE,
        (("for", "span"),),
    ),
    Operation(
        "POST",
        "/requests/{id}/answer",
        "answer",
        "Answer a request: minutes or a length, or no with words.",
        _DONE,
        _object(
            give={
                "anyOf": [
                    {"type": "integer", "minimum": 1, "maximum": 1440},
                    {"type": "string", "enum": ["bedtime", "1h", "tonight", "always"]},
                ]
            },
            words=_TEXT,
        ),
        CHANGE,
    ),
    Operation(
        "POST",
        "/undo/{revision}",
        "undo",
        "Take back exactly what one revision changed.",
        _DONE,
        scope=CHANGE,
    ),
)
ERROR: Json = _object("code", "says", code={"type": "string"}, says={"type": "string"})


def status_of(code: str, absent: frozenset[str]) -> int:
    """Return the HTTP status of a refusal (RFC 9110 15.5, 15.6).

    absent: codes that mean that nobody answers.
    """
    if code in absent:
        return 503
    if code in NOT_FOUND:
        return 404
    return 422 if code in BAD_INPUT else 409


def wrong(value: object, schema: Json, place: str = "") -> str | None:
    """Return what a schema objects to in a value, by the field's name; None if nothing.

    The words of JSON Schema that `OPERATIONS` uses; a library for the whole of it costs
    a router 6 MB.
    """
    if "anyOf" in schema:
        found = [wrong(value, one, place) for one in schema["anyOf"]]
        return None if None in found else found[0]
    kind = schema["type"]
    if not _is(value, kind):
        return f"{place or 'body'}: {kind}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{place}: one of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, dict):
        for key in value:
            if key not in schema["properties"]:
                return f"{str(key)[:40]}: unknown"
        for key in schema["required"]:
            if key not in value:
                return f"{key}: missing"
        inner = (wrong(v, schema["properties"][k], k) for k, v in value.items())
        return next((one for one in inner if one), None)
    if isinstance(value, str):
        if len(value) > schema.get("maxLength", 80):
            return f"{place}: too long"
        if "pattern" in schema and not _matches(schema["pattern"], value):
            return f"{place}: {schema['pattern']}"
        return None if value.isprintable() else f"{place}: not printable"
    if isinstance(value, int):
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        return None if low <= value <= high else f"{place}: {low} to {high}"
    return None


def document() -> Json:
    """Return the OpenAPI document."""
    paths: Json = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = _described(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Guardian",
            "version": VERSION,
            "description": "What the pages can do, for programs of the household.",
        },
        "servers": [{"url": BASE}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Error": ERROR},
        },
    }


def _described(one: Operation) -> Json:
    problem = {
        "description": "What happened, in a code and in words.",
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Error"}}
        },
    }
    answers: Json = {
        "200": {
            "description": "Done." if one.method == "POST" else "As it is now.",
            "content": {"application/json": {"schema": one.gives}},
        }
    }
    answers["default"] = problem
    parameters = [
        {"name": part, "in": "path", "required": True, "schema": _part(part)}
        for part in one.parts
    ]
    found: Json = {
        "operationId": one.id,
        "summary": one.says,
        "parameters": parameters,
        "responses": answers,
    }
    if one.method == "GET":
        parameters += [
            {
                "name": key,
                "in": "query",
                "required": key in one.takes["required"],
                "schema": schema,
            }
            for key, schema in one.takes["properties"].items()
        ]
    else:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": one.takes}},
        }
    return found


def _part(name: str) -> Json:
    return {"type": "integer", "minimum": 0} if name == "revision" else _ID


def _is(value: object, kind: str) -> bool:
    types: dict[str, type] = {"object": dict, "string": str, "integer": int}
    return isinstance(value, types[kind]) and not isinstance(value, bool)


def _matches(pattern: str, value: str) -> bool:
    return re.search(pattern, value) is not None and "\n" not in value
