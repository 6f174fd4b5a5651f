import dns.message
import dns.rdatatype
import pytest

from guardian.core.catalogue import Engine
from guardian.front import safemode
from guardian.front.answers import Answer, read_answer
from guardian.wire.dns.question import read_question, split_key
from guardian.wire.dns.template import Template

from .kit import SAFE, addresses, question, reply

BARE = Engine(
    id="x", title="X", names=("x.test",), addresses=("192.0.2.5", "2001:db8::5")
)


def message(template: Template, rtype: str = "A") -> dns.message.Message:
    packet = question("www.seek.test", rtype)
    _, _, _, _, end, size, bits = read_question(packet)
    return dns.message.from_wire(template.render(packet, end, size, bits, 512))


def resolved(*records: str, rtype: str = "A", rcode: int = 0) -> Answer:
    octets = reply(question("safe.seek.test", rtype), *records, rcode=rcode)
    return read_answer(octets, plain=False, ttl_max=300, now=0.0)


def test_the_question_for_a_target() -> None:
    key = safemode.target_key(SAFE, 1, 28)
    assert key is not None
    assert split_key(key) == (b"\4safe\4seek\4test\0", 28, 1, 0x100)
    assert key == read_question(question("safe.seek.test", "AAAA"))[0]
    assert safemode.target_key(SAFE, 2, 28) is None


@pytest.mark.parametrize(
    "answer, qtype, stands",
    [
        (None, 1, False),
        (resolved(rcode=3), 1, False),
        (resolved(), 1, False),
        (resolved(), 28, True),
        (resolved("safe.seek.test. 60 IN A 192.0.2.8"), 1, True),
    ],
)
def test_which_target_stands(answer: Answer | None, qtype: int, stands: bool) -> None:
    assert safemode.stands(answer, qtype) is stands


def test_a_target_is_given_with_its_addresses() -> None:
    answer = resolved(
        "safe.seek.test. 60 IN CNAME vip.seek.test.", "vip.seek.test. 60 IN A 192.0.2.8"
    )
    given = message(safemode.by_target(SAFE, 1, 1, answer))
    assert given.answer[0].rdtype == dns.rdatatype.CNAME
    assert given.answer[0][0].target.to_text() == "safe.seek.test."
    assert addresses(given) == ["192.0.2.8"]


def test_stand_ins() -> None:
    with_target = safemode.by_addresses(SAFE, 1)
    assert with_target is not None and addresses(message(with_target)) == ["192.0.2.77"]
    bare = safemode.by_addresses(BARE, 28)
    assert bare is not None
    given = message(bare, "AAAA")
    assert addresses(given) == ["2001:db8::5"] and len(given.answer) == 1


def test_without_addresses_there_is_none() -> None:
    assert (
        safemode.by_addresses(Engine(id="y", title="Y", names=("y.test",)), 1) is None
    )
