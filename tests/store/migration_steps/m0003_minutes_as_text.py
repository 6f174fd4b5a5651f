"""A step for the tests of the runner: a minute count becomes a clock text."""


def migrate(document: dict[str, object]) -> dict[str, object]:
    """Turn {"bedtime": 1260} into {"bedtime": "21:00"}."""
    minutes = document.pop("bedtime", None)
    if isinstance(minutes, int):
        document["bedtime"] = f"{minutes // 60:02}:{minutes % 60:02}"
    return document
