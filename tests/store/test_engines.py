"""Safe modes: every name of every engine, its target, and what is refused instead."""

import json
from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import StoreError
from guardian.store.data import profiles_dir
from guardian.store.engines import FILE, load_engines

from .support import pairs
from .test_document import places, replaced

DOC = json.loads((profiles_dir() / FILE).read_text("utf-8"))
ENGINES, YOUTUBE = load_engines()
BY_ID = {engine.id: engine for engine in ENGINES}


def refused(folder: Path, doc: Any) -> StoreError:
    (folder / FILE).write_text(json.dumps(doc))
    with pytest.raises(StoreError) as found:
        load_engines(folder)
    assert found.value.code == "profiles-invalid"
    return found.value


def test_engines_are_sorted_whatever_the_file_says(tmp_path: Path) -> None:
    turned = {**DOC, "engines": DOC["engines"][::-1]}
    (tmp_path / FILE).write_text(json.dumps(turned))
    assert load_engines(tmp_path) == (ENGINES, YOUTUBE)
    assert list(BY_ID) == sorted(BY_ID)


def test_google_is_known_in_every_country() -> None:
    google = BY_ID["google"]
    assert len(google.names) == 195
    assert all(name.startswith("www.google.") for name in google.names)
    assert {"www.google.com", "www.google.co.uk", "www.google.com.vn"} <= set(
        google.names
    )
    assert google.targets == ("forcesafesearch.google.com",)
    assert google.addresses == ("216.239.38.120", "2001:4860:4802:32::78")


def test_yandex_is_known_with_and_without_www() -> None:
    names = BY_ID["yandex"].names
    assert len(names) == 52
    assert {"ya.ru", "www.ya.ru", "yandex.com.tr", "www.yandex.de"} <= set(names)


def test_targets_keep_the_order_in_which_they_are_tried() -> None:
    assert BY_ID["brave"].targets == (
        "forcesafe.search.brave.com",
        "safesearch.brave.com",
        "safe.search.brave.com",
    )
    assert BY_ID["brave"].addresses == ()


def test_a_target_is_no_name_that_is_answered_by_another() -> None:
    answered = {name for engine in ENGINES for name in engine.names}
    targets = {name for engine in ENGINES for name in engine.targets}
    targets |= {name for _, engine in YOUTUBE for name in engine.targets}
    assert answered & targets == set()


def test_no_name_is_answered_and_refused() -> None:
    refuses = [name for engine in ENGINES for name in engine.refused]
    assert len(refuses) == len(set(refuses))
    served = {n for e in ENGINES for n in (*e.names, *e.targets)}
    below = [n for n in served for r in refuses if n == r or n.endswith(f".{r}")]
    assert below == []
    assert {"lite.qwant.com", "kagi.com", "search.yahoo.com"} <= set(refuses)


def test_youtube_has_two_modes_with_the_same_names() -> None:
    modes = dict(YOUTUBE)
    assert list(modes) == ["moderate", "strict"]
    assert modes["strict"].targets == ("restrict.youtube.com",)
    assert modes["moderate"].targets == ("restrictmoderate.youtube.com",)
    assert modes["strict"].names == modes["moderate"].names
    assert set(modes["strict"].names) == {
        "www.youtube.com",
        "m.youtube.com",
        "youtubei.googleapis.com",
        "youtube.googleapis.com",
        "www.youtube-nocookie.com",
    }


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("engines", 0, "targets"), [], "missing"),
        (("engines", 0, "addresses"), ["1.2.3"], "bad-address"),
        (("engines", 0, "addresses"), [16909060], "bad-address"),
        (("engines", 0, "suffixes"), ["c", "-"], "bad-hostname"),
        (("engines", 0, "suffixes"), ["de", "de"], "duplicate-name"),
        (("engines", 0, "stems"), ["a b"], "bad-hostname"),
        (("engines", 0, "stems"), [""], "bad-hostname"),
        (("engines", 1, "names"), ["www.google.de"], "duplicate-name"),
        (("engines", 1, "id"), "google", "duplicate-id"),
        (("engines", 9, "refused"), [], "missing"),
        (("youtube", "names"), [], "missing"),
        (("youtube", "names"), ["www.bing.com"], "duplicate-name"),
        (("youtube", "modes", "strict", "targets"), [], "missing"),
        (("youtube", "modes"), {}, "missing"),
    ],
)
def test_bad_engines(
    tmp_path: Path, path: tuple[Any, ...], value: Any, code: str
) -> None:
    error = refused(tmp_path, replaced(DOC, path, value))
    assert code in [c for _, c in pairs(error.problems)]


def test_garbage_in_any_place_is_refused_not_raised(tmp_path: Path) -> None:
    small = {
        **DOC,
        "engines": [{**DOC["engines"][0], "suffixes": ["de"]}, DOC["engines"][-1]],
    }
    for path in places(small):
        refused(tmp_path, replaced(small, path, {"a": [1]}))
