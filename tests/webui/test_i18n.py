"""Languages: which one a visitor gets, and whole sentences in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from flask import Flask, g

from webui import i18n


@pytest.fixture
def xx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue of a language that is not shipped."""
    made = Catalog(locale="fr")
    made.add("Pause", "Pauser")
    made.add(("%(num)s day", "%(num)s days"), ("%(num)s jour", "%(num)s jours"))
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "guardian.mo").open("wb") as out:
        write_mo(out, made)
    monkeypatch.setattr(i18n, "LOCALES", tmp_path)
    i18n.catalogue.cache_clear()
    i18n.languages.cache_clear()


@pytest.fixture(autouse=True)
def fresh() -> object:
    yield None
    i18n.catalogue.cache_clear()
    i18n.languages.cache_clear()


@pytest.mark.usefixtures("xx")
def test_sentences() -> None:
    assert i18n.languages() == ("en", "fr")
    assert i18n.gettext("Pause") == "Pause"
    with Flask(__name__).test_request_context():
        g.language = "fr"
        assert i18n.gettext("Pause") == "Pauser"
        assert i18n.gettext("No %(what)s.", what="one") == "No one."
        said = [i18n.ngettext("%(num)s day", "%(num)s days", n) for n in (1, 2)]
        assert said == ["1 jour", "2 jours"]
        assert i18n.direction() == "ltr"
        g.language = "ar"
        assert i18n.direction() == "rtl"


@pytest.mark.usefixtures("xx")
@pytest.mark.parametrize(
    ("home", "browser", "chosen"),
    [
        ("fr", "en", "fr"),
        ("", "fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("", "nl, fr;q=0.5", "fr"),
        ("nl", "nl", "en"),
        ("", "", "en"),
        ("../../etc", ";;;,,,", "en"),
    ],
)
def test_choice(home: str, browser: str, chosen: str) -> None:
    assert i18n.choose(home, browser) == chosen


def test_marking_changes_nothing() -> None:
    assert i18n.mark("as it is") == "as it is"


def test_a_language_is_called_by_its_own_name() -> None:
    assert i18n.endonym("de") == "Deutsch" and i18n.endonym("tlh") == "tlh"
