from datetime import datetime, timezone

import dns.message
import pytest

from guardian.core.model import Reason, Verdict
from guardian.core.naming import NameDecision
from guardian.front import refusals
from guardian.front.refusals import Refusals, sentence
from guardian.phrases import REASONS
from guardian.wire.dns.question import read_question
from guardian.wire.dns.template import Template

from .kit import addresses, question

AT_SEVEN = datetime(2026, 3, 29, 7, 0, tzinfo=timezone.utc)
PAGE = (b"\xc0\0\2\1", bytes.fromhex("0100") + bytes(13) + b"\1")


def refused(reason: Reason, until: datetime | None = None) -> NameDecision:
    return NameDecision(Verdict.REFUSE, reason, until=until)


def rendered(
    template: Template, rtype: str = "A", edns: int = 0
) -> dns.message.Message:
    packet = question("bad.test", rtype, edns=edns)
    _, _, _, _, end, size, bits = read_question(packet)
    octets = template.render(packet, end, size, bits, 1232)
    return dns.message.from_wire(octets)


@pytest.mark.parametrize(
    "reason, info",
    [
        (Reason.BEDTIME, 18),
        (Reason.PAUSED, 18),
        (Reason.BUDGET_USED, 18),
        (Reason.NEW_DEVICE, 18),
        (Reason.BLOCKED_SITE, 15),
        (Reason.NOT_ON_ALLOWLIST, 15),
        (Reason.BLOCKED_CATEGORY, 17),
        (Reason.SAFETY_LIST, 16),
        (Reason.CLOCK_UNKNOWN, 14),
    ],
)
def test_the_reason_travels_as_a_code_and_a_sentence(reason: Reason, info: int) -> None:
    message = rendered(Refusals().template(refused(reason), 1))
    (option,) = message.options
    assert (option.code, option.text) == (info, REASONS[reason])
    assert message.rcode() == 3 and not message.answer and not message.authority


def test_every_reason_has_a_refusal() -> None:
    made = Refusals()
    texts = {made.template(refused(reason), 1).opt for reason in Reason}
    assert len(texts) == len(set(REASONS.values()))


def test_the_end_is_told_in_the_homes_own_time() -> None:
    assert sentence(refused(Reason.BEDTIME, AT_SEVEN)) == "It is bedtime. Until 07:00."


def test_equal_refusals_are_one_template() -> None:
    made = Refusals()
    first = made.template(refused(Reason.BEDTIME), 1)
    assert made.template(refused(Reason.BEDTIME), 28) is first
    assert made.template(refused(Reason.BEDTIME, AT_SEVEN), 1) is not first


def test_without_edns_there_is_no_option() -> None:
    message = rendered(Refusals().template(refused(Reason.BEDTIME), 1), edns=-1)
    assert message.edns == -1 and message.rcode() == 3


@pytest.mark.parametrize(
    "rtype, given", [("A", ["192.0.2.1"]), ("AAAA", ["100::1"]), ("HTTPS", [])]
)
def test_a_sinkhole_gives_addresses_and_nothing_else(
    rtype: str, given: list[str]
) -> None:
    template = Refusals(PAGE).template(
        refused(Reason.BLOCKED_SITE), dns.rdatatype.from_text(rtype)
    )
    message = rendered(template, rtype)
    assert message.rcode() == 0
    assert addresses(message) == given
    assert message.options[0].code == 15


def test_many_ends_do_not_grow_without_bound() -> None:
    made = Refusals()
    for minute in range(5000):
        until = datetime.fromtimestamp(minute * 60, tz=timezone.utc)
        made.template(refused(Reason.BEDTIME, until), 1)
        made.template(refused(Reason.PAUSED, until), 1)
    assert len(made._made) <= 4096


@pytest.mark.parametrize(
    "template, info",
    [
        (refusals.UNREACHABLE, 22),
        (refusals.UNSENT, 23),
        (refusals.UNREADABLE, 24),
        (refusals.BUSY, 14),
        (refusals.CLOSED, 14),
    ],
)
def test_failures_say_whose_they_are(template: Template, info: int) -> None:
    message = rendered(template)
    assert message.rcode() == 2 and message.options[0].code == info
