"""The checks that need no database, at their very edges, and the digest of a request to the last byte."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace
from typing import Any

import pytest
from djmoney.money import Money

from points.ledger.models import Account
from points.ledger.moves import LARGEST, Entry, Move, check, check_entries, digest, whole
from tests.ledger.conftest import beans
from tests.ledger.test_posting import refused

DAY, OTHER = dt.date(2026, 6, 1), dt.date(2026, 7, 1)
POOL = Account(pk=1, code="pool:p:2026", unit_id="BEAN", tracks_days=False)
MINE = Account(pk=2, code="member:m:available", unit_id="BEAN", tracks_days=True)
HELD = Account(pk=3, code="member:m:hold", unit_id="BEAN", tracks_days=True)
HOURS = Account(pk=4, code="member:m:hours", unit_id="MINUTE", tracks_days=False)
CLOSED = Account(pk=5, code="pool:old:2020", unit_id="BEAN", tracks_days=False, closed_on=DAY)
GIVE = Move(POOL, MINE, beans(5), None, DAY)


def test_the_largest_amount_is_the_last_of_63_bits() -> None:
    assert LARGEST == 9_223_372_036_854_775_807
    assert whole(beans(LARGEST)) == LARGEST
    assert whole(beans(1)) == 1


@pytest.mark.parametrize(
    ("amount", "code", "shown"),
    [
        (LARGEST + 1, "too_large", LARGEST + 1),
        (0, "not_positive", 0),
        (-3, "not_positive", -3),
        ("1.5", "not_positive", Money("1.5", "BEAN").amount),
    ],
)
def test_an_amount_out_of_bounds_is_named(amount: Any, code: str, shown: Any) -> None:
    with refused(code) as caught:
        whole(Money(amount, "BEAN"))
    assert caught.value.context == {"amount": shown}


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_what_is_not_a_number_is_not_positive(amount: str) -> None:
    with refused("not_positive"):
        whole(Money(amount, "BEAN"))


@pytest.mark.parametrize(
    ("move", "code", "context"),
    [
        (Move(POOL, POOL, beans(1)), "same_account", {"account": "pool:p:2026"}),
        (
            Move(POOL, HOURS, beans(1)),
            "wrong_unit",
            {"account": "member:m:hours", "held": "MINUTE", "moved": "BEAN"},
        ),
        (
            Move(POOL, MINE, Money(1, "MINUTE")),
            "wrong_unit",
            {"account": "pool:p:2026", "held": "BEAN", "moved": "MINUTE"},
        ),
        (Move(POOL, CLOSED, beans(1)), "account_closed", {"account": "pool:old:2020"}),
        (Move(CLOSED, POOL, beans(1)), "account_closed", {"account": "pool:old:2020"}),
        (Move(POOL, MINE, beans(1), DAY, DAY), "day_not_kept", {"account": "pool:p:2026"}),
        (Move(MINE, POOL, beans(1), DAY, DAY), "day_not_kept", {"account": "pool:p:2026"}),
    ],
)
def test_a_wrong_move_is_named(move: Move, code: str, context: dict[str, Any]) -> None:
    with refused(code) as caught:
        check([GIVE, move])
    assert caught.value.context == context


def test_right_moves_give_their_amounts_in_order() -> None:
    assert check([GIVE, replace(GIVE, amount=beans(7)), Move(MINE, HELD, beans(2), DAY, DAY)]) == [5, 7, 2]


def test_a_batch_names_what_is_wrong() -> None:
    with refused("duplicate_key") as caught:
        check_entries([Entry("a", GIVE), Entry("b", GIVE), Entry("a", GIVE)])
    assert caught.value.context == {"key": "a"}
    with refused("day_needed") as caught:
        check_entries([Entry("a", GIVE), Entry("b", Move(MINE, HELD, beans(1)))])
    assert caught.value.context == {"account": "member:m:available"}
    assert check_entries([Entry("a", GIVE), Entry("b", Move(MINE, HELD, beans(1), DAY))]) == [5, 1]
    with refused("no_moves"):
        check_entries([])


def test_the_digest_is_this_and_stays_this() -> None:
    """Stored digests are compared with new ones years later: its form must never change."""
    text = (
        '["gift","record:\\u738b","thanks","v:1",[7,null],'
        '[["pool:p:2026","member:m:available","BEAN",5,null,"2026-06-01"],'
        '["member:m:available","member:m:hold","BEAN",2,"2026-06-01",null]]]'
    )
    moves = [GIVE, Move(MINE, HELD, beans(2), DAY)]
    assert (
        digest("gift", "record:王", "thanks", "v:1", moves, [7, None])
        == hashlib.sha256(text.encode()).hexdigest()
    )


@pytest.mark.parametrize(
    "other",
    [
        replace(GIVE, amount=beans(6)),
        replace(GIVE, amount=Money(5, "MINUTE")),
        replace(GIVE, source=HOURS),
        replace(GIVE, destination=HELD),
        replace(GIVE, destination_day=OTHER),
        replace(GIVE, destination_day=None),
        replace(GIVE, source_day=DAY),
    ],
)
def test_another_move_has_another_digest(other: Move) -> None:
    assert digest("gift", "", "", "", [GIVE], None) != digest("gift", "", "", "", [other], None)


@pytest.mark.parametrize("place", range(5))
def test_another_request_has_another_digest(place: int) -> None:
    words: list[Any] = ["gift", "r", "reason", "rule", [GIVE], [None, None]]
    other = [*words]
    other[place] = [GIVE, GIVE] if place == 4 else "other"
    assert digest(*words) != digest(*other)
    assert digest(*words) != digest(*words[:5], [None, 1])
