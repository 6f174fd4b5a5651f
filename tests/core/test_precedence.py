from guardian.core.model import Reason, Verdict
from guardian.core.precedence import BY_ID, DEVICE_ROWS, ROWS, Scope, rank

# The order of the published table of rights; a change here is a change of promise.
ORDER = (
    "floor safety-list protection-off pause grant always-works bedtime offline "
    "homework budget parent-rule allow-list soft-floor category default"
)


def test_the_order_is_the_promised_one() -> None:
    assert [row.id for row in ROWS] == ORDER.split()
    assert [rank(name) for name in ORDER.split()] == list(range(1, len(ROWS) + 1))


def test_levels_never_fall() -> None:
    levels = [row.level for row in ROWS]
    assert levels == sorted(levels)
    assert set(levels) == set(range(1, 9))


def test_ids_are_unique_and_each_reason_has_one_row() -> None:
    assert len(BY_ID) == len(ROWS)
    reasons = [reason for row in ROWS for reason in row.reasons]
    assert len(reasons) == len(set(reasons))
    outside = {Reason.EXEMPT, Reason.NEW_DEVICE, Reason.CLOCK_UNKNOWN}
    assert set(Reason) - set(reasons) == outside


def test_device_rows_need_nothing_but_the_device() -> None:
    assert [row.id for row in DEVICE_ROWS] == [
        "protection-off",
        "pause",
        "grant",
        "bedtime",
        "offline",
        "homework",
        "budget",
        "default",
    ]
    assert all(row.scope is Scope.DEVICE and row.verdict for row in DEVICE_ROWS)
    # Whatever is not refused above is open: the last row applies to all.
    assert DEVICE_ROWS[-1].verdict is Verdict.ALLOW


def test_time_never_overrides_help_and_no_list_overrides_rights() -> None:
    assert rank("safety-list") < rank("protection-off") < rank("pause")
    assert rank("pause") < rank("grant") < rank("bedtime")
    assert rank("bedtime") < rank("parent-rule")
    assert rank("parent-rule") < rank("soft-floor") < rank("category")


def test_rows_say_something() -> None:
    assert all(row.says and row.reasons for row in ROWS)
