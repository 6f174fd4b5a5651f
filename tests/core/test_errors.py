import pytest

from guardian.core.errors import (
    ControlError,
    EnforcementError,
    GuardianError,
    PlatformError,
    Problem,
    StoreError,
)


def test_a_problem_names_its_place() -> None:
    found = Problem("people[0] (Mia) / windows[2]", "window-zero-length", "21:00")
    assert str(found) == "people[0] (Mia) / windows[2]: window-zero-length: 21:00"
    assert str(Problem("household", "not-json")) == "household: not-json"


@pytest.mark.parametrize(
    "kind", [EnforcementError, StoreError, ControlError, PlatformError]
)
def test_each_kind_is_one_base_with_a_code(kind: type[GuardianError]) -> None:
    problem = Problem("people[0]", "bad-id")
    error = kind("household-invalid", "two faults", (problem,))
    assert isinstance(error, GuardianError)
    assert (error.code, error.detail) == ("household-invalid", "two faults")
    assert error.problems == (problem,)
    assert str(error) == "household-invalid: two faults"


def test_an_error_without_detail_is_its_code() -> None:
    error = GuardianError("nothing-to-confirm")
    assert str(error) == "nothing-to-confirm"
    assert (error.detail, error.problems) == ("", ())
