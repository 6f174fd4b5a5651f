"""The whole front against a flood of damaged questions and a mad resolver."""

from __future__ import annotations

import pytest

from tests.front.test_front import storm

SHARDS = 4
# A tenth of it in every run of the tests; the whole of it in the slow suite.
PACKETS_A_SHARD = 25_000


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_hundred_thousand_damaged_packets(shard: int) -> None:
    storm(PACKETS_A_SHARD + shard)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_million_damaged_packets(shard: int) -> None:
    storm(10 * PACKETS_A_SHARD + shard)
