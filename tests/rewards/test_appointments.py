"""Times to choose: a lead, a weekly plan that is looked at first, opening hours, moving once."""

from __future__ import annotations

import datetime as dt

import pytest

from rewards import errors, showing
from rewards.models import Reward
from rewards.services import WeeklyPlan, carry_out, close_days, fulfil, move, preview, redeem
from rewards.services.moving import may_move
from rewards.services.slots import Skipped
from tests import factories
from tests.factories import local
from tests.rewards.conftest import assert_holds_equal_open_redemptions, make_member

pytestmark = pytest.mark.django_db
TIME = dt.time


def plan(**changes) -> WeeklyPlan:
    values = {
        "weekdays": frozenset({1, 3}),
        "first": TIME(9),
        "until": TIME(10, 30),
        "minutes": 30,
        "capacity": 2,
        "from_on": dt.date(2026, 11, 23),
        "to_on": dt.date(2026, 11, 29),
    }
    return WeeklyPlan(**{**values, **changes})


def book(street, slot=None, key="k1", member=None):
    member = member or street.member
    return redeem(street.haircut, member=member, by=member, key=key, slot=slot or street.slot)


def later(street, when="2026-11-27 10:00", **fields):
    return factories.make_slot(street.haircut, starts_at=local(when), **fields)


# --- The plan ----------------------------------------------------------------------------------------------
def test_plan_is_looked_at_and_then_carried_out_once(street):
    seen = preview(street.haircut, plan())
    expected = [local(f"2026-11-{day} {time}") for day in (24, 26) for time in ("09:00", "09:30", "10:00")]
    assert list(seen.starts) == expected
    assert seen.skipped == ()
    assert street.haircut.slots.count() == 1  # nothing is written by looking
    made = carry_out(street.haircut, plan(), by=street.barber_clerk)
    assert [(slot.starts_at, slot.minutes, slot.capacity) for slot in made] == [
        (at, 30, 2) for at in expected
    ]
    assert carry_out(street.haircut, plan(), by=street.barber_clerk) == []
    assert {why for _at, why in preview(street.haircut, plan()).skipped} == {Skipped.THERE}


def test_plan_leaves_out_what_is_past_closed_or_outside_the_hours(street, clock_at):
    clock_at("2026-11-24 09:10")
    close_days(street.barber, dt.date(2026, 11, 26), dt.date(2026, 11, 26), by=street.barber_clerk)
    street.barber.spans.create(weekday=1, opens=TIME(9), closes=TIME(10))
    seen = preview(street.haircut, plan())
    assert list(seen.starts) == [local("2026-11-24 09:30")]
    assert dict(seen.skipped) == {
        local("2026-11-24 09:00"): Skipped.PAST,
        local("2026-11-24 10:00"): Skipped.OUTSIDE,
        **{local(f"2026-11-26 {time}"): Skipped.CLOSED for time in ("09:00", "09:30", "10:00")},
    }


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"weekdays": frozenset()}, errors.BadSlots),
        ({"minutes": 0}, errors.BadSlots),
        ({"capacity": 0}, errors.BadSlots),
        ({"to_on": dt.date(2026, 11, 22)}, errors.DaysBackwards),
        ({"from_on": dt.date(2026, 11, 1), "to_on": dt.date(2026, 11, 2)}, errors.DaysBackwards),
        ({"to_on": dt.date(2027, 3, 1)}, errors.PlanTooLong),
        ({"minutes": 1, "until": TIME(23), "to_on": dt.date(2026, 12, 31)}, errors.PlanTooLong),
    ],
)
def test_plan_is_refused(street, changes, refusal):
    with pytest.raises(refusal):
        preview(street.haircut, plan(**changes))


def test_plan_for_goods_or_by_a_stranger_is_refused(street):
    with pytest.raises(errors.NoAppointments):
        preview(street.goods, plan())
    with pytest.raises(errors.NotAllowed):
        carry_out(street.haircut, plan(), by=street.clerk)


# --- The lead ----------------------------------------------------------------------------------------------
def test_no_booking_later_than_the_lead(street, clock_at):
    Reward.objects.filter(pk=street.haircut.pk).update(lead_hours=24)
    street.haircut.refresh_from_db()
    clock_at("2026-11-23 15:01")
    assert showing.free_slots(street.haircut) == []
    with pytest.raises(errors.SlotTooSoon):
        book(street)
    clock_at("2026-11-23 15:00")
    assert book(street)


# --- Moving ------------------------------------------------------------------------------------------------
def test_moved_once_with_the_old_place_free_again(street):
    voucher, other = book(street), later(street)
    assert may_move(voucher)
    moved = move(voucher, other, by=street.member)
    street.slot.refresh_from_db()
    other.refresh_from_db()
    assert (moved.slot, moved.moves, street.slot.taken, other.taken) == (other, 1, 0, 1)
    assert (moved.expires_at, moved.cancel_until) == (local("2026-11-28 10:30"), local("2026-11-26 18:00"))
    assert_holds_equal_open_redemptions()
    assert not may_move(moved)
    with pytest.raises(errors.MovedEnough):
        move(moved, street.slot, by=street.member)
    assert book(street, key="k2", member=make_member(street.town))  # the freed place


def test_move_is_refused(street, clock_at):
    voucher, other = book(street), later(street)
    with pytest.raises(errors.NotYours):
        move(voucher, other, by=street.barber_clerk)
    with pytest.raises(errors.SameSlot):
        move(voucher, street.slot, by=street.member)
    foreign = factories.make_slot(factories.make_reward(provider=street.barber, kind="appointment"))
    with pytest.raises(errors.SlotNeeded):
        move(voucher, foreign, by=street.member)
    full = later(street, "2026-11-27 11:00", taken=1)
    with pytest.raises(errors.SlotFull):
        move(voucher, full, by=street.member)
    goods = redeem(street.goods, member=street.member, by=street.member, key="g")
    with pytest.raises(errors.NoAppointment):
        move(goods, other, by=street.member)
    clock_at("2026-11-23 18:01")
    with pytest.raises(errors.MoveTooLate):
        move(voucher, other, by=street.member)
    fulfil(street.barber, code=voucher.code, by=street.barber_clerk, nonce="n")
    with pytest.raises(errors.NotOpen):
        move(voucher, other, by=street.member)
    street.slot.refresh_from_db()
    assert street.slot.taken == 1
