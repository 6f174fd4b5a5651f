"""What stands on a device's own page, as values."""

from guardian.childview import visitor_view
from tests.build import TV, device, home, mac


def test_a_visitor_is_called_by_the_person_else_by_the_device() -> None:
    made = home()
    assert visitor_view(made, mac(1), made.device("tablet"))["name"] == "Mia"
    assert visitor_view(made, mac(4), TV)["name"] == "Tv"
    assert visitor_view(made, None, None)["name"] is None


def test_a_device_of_nobody_is_not_exempt() -> None:
    loose = device("pad", 7)
    assert visitor_view(home(), mac(7), loose)["exempt"] is False
