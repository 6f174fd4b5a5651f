from guardian import phrases
from guardian.core.errors import GuardianError, Problem, StoreError
from guardian.core.model import Reason


def test_every_reason_has_a_sentence_that_a_child_can_read() -> None:
    assert set(phrases.REASONS) == set(Reason)
    for said in phrases.REASONS.values():
        assert said.endswith(".")
        assert len(said.split()) <= 10
        assert not any(word.isupper() and len(word) > 1 for word in said.split())


def test_an_errors_sentence_carries_its_detail_and_every_place() -> None:
    problems = (
        Problem("people[0] (Mia)", "window-zero-length", "21:00"),
        Problem("devices[1]", "bad-mac"),
    )
    error = StoreError("household-invalid", "2 faults", problems)
    assert phrases.sentence(error).splitlines() == [
        f"{phrases.ERRORS['household-invalid']} (2 faults)",
        "  people[0] (Mia): window-zero-length: 21:00",
        "  devices[1]: bad-mac",
    ]


def test_a_sentence_without_detail_stands_alone() -> None:
    error = GuardianError("nothing-to-confirm")
    assert phrases.sentence(error) == phrases.ERRORS["nothing-to-confirm"]


def test_a_code_without_a_sentence_is_shown_itself() -> None:
    assert phrases.sentence(GuardianError("never-heard-of")) == "never-heard-of"


def test_sentences_are_whole() -> None:
    for code, said in phrases.ERRORS.items():
        assert said[0].isupper() or said.startswith(("nft", "guardian", "`")), code
        assert said.endswith((".", "`")), code
