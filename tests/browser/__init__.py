"""The pages in a real Chromium."""

import pytest

# Its findings would otherwise be an assertion without a word.
pytest.register_assert_rewrite("tests.browser.opened")
