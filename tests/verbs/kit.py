"""What the tests of verbs share: devices' addresses, documents, refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardian.core.errors import GuardianError
from guardian.core.model import Household
from guardian.phrases import ERRORS
from guardian.store.document import render
from tests.build import mac
from tests.steering import Desk

MIA, TOM, PARENT, THING = (mac(n) for n in (1, 2, 3, 4))


def refused(desk: Desk, verb: str, **args: Any) -> str:
    """Return the code of a refusal; it has a sentence, and nothing was stored by it."""
    revision, household = desk.service.revision, desk.service.household
    with pytest.raises(GuardianError) as error:
        desk.ask(verb, **args)
    assert (desk.service.revision, desk.service.household) == (revision, household)
    assert error.value.code in ERRORS
    return error.value.code


def document(household: Household, **changes: Any) -> str:
    """Return a household's document as text, some of its fields replaced."""
    return json.dumps({**render(household), **changes})
