"""A step for the tests of the runner: people by id become a list."""


def migrate(document: dict[str, object]) -> dict[str, object]:
    """Turn {"people": {"mia": {...}}} into {"people": [{"id": "mia", ...}]}."""
    people = document.get("people", {})
    if not isinstance(people, dict):
        raise ValueError("people: not an object")
    document["people"] = [{"id": key, **value} for key, value in people.items()]
    return document
