"""Nobody came: marked, forgiven once, answered, decided; the beans on hold always equal what is open."""

from __future__ import annotations

import pytest

from points.ledger import services as ledger
from points.ledger.accounts import system_account
from points.ledger.balances import balance, member_balances
from points.ledger.models import AccountKind
from points.ledger.verify import verify
from points.people.models import Notice
from rewards import errors, tasks
from rewards.models import NoShow, Redemption, Reward
from rewards.services import (
    answer,
    cancel,
    decide,
    expire_due,
    forfeit_due,
    fulfil,
    mark_absent,
    move,
    redeem,
    withdraw,
)
from rewards.services.absence import to_decide
from tests import factories
from tests.factories import local
from tests.rewards.conftest import assert_holds_equal_open_redemptions, held

pytestmark = pytest.mark.django_db
Outcome, State = NoShow.Outcome, Redemption.State
AFTER = "2026-11-24 15:30"


def book(street, key="k1", slot=None):
    return redeem(street.haircut, member=street.member, by=street.member, key=key, slot=slot or street.slot)


def forfeited() -> int:
    return int(balance(system_account(AccountKind.FORFEIT)).amount)


def available(street) -> int:
    return int(member_balances(street.member).available.amount)


def told(street) -> list[str]:
    return list(Notice.objects.filter(user=street.member).order_by("pk").values_list("kind", flat=True))


def settled(street):
    """The auditor's checks hold."""
    assert_holds_equal_open_redemptions()
    assert verify().ok


@pytest.fixture
def strict(street):
    """No free re-booking: a missed appointment waits for its answer at once."""
    Reward.objects.filter(pk=street.haircut.pk).update(free_rebooks=0)
    street.haircut.refresh_from_db()
    return street


def missed(street, clock_at):
    voucher = book(street)
    clock_at(AFTER)
    return voucher, mark_absent(voucher, by=street.barber_clerk)


def test_first_missed_appointment_costs_nothing_and_another_time_is_chosen(street, clock_at):
    voucher, case = missed(street, clock_at)
    assert (case.outcome, case.answer_until) == (Outcome.REBOOK, None)
    assert told(street)[-1] == "appointment_missed_free"
    assert held() == 80
    later = factories.make_slot(street.haircut, starts_at=local("2026-11-28 10:00"))
    moved = move(voucher, later, by=street.member)
    later.refresh_from_db()
    street.slot.refresh_from_db()
    assert (moved.slot, moved.moves, later.taken, street.slot.taken) == (later, 0, 1, 1)
    assert moved.expires_at == local("2026-11-29 10:30")
    clock_at("2026-11-28 10:05")
    fulfil(street.barber, code=voucher.code, by=street.barber_clerk, nonce="n1")
    settled(street)


def test_second_missed_appointment_is_forfeited_without_an_answer(street, clock_at):
    voucher, _case = missed(street, clock_at)
    later = factories.make_slot(street.haircut, starts_at=local("2026-11-28 10:00"))
    move(voucher, later, by=street.member)
    clock_at("2026-11-28 10:30")
    case = mark_absent(voucher, by=street.barber_clerk)
    assert (case.outcome, case.answer_until) == (Outcome.WAITING, local("2026-12-01 23:59:59"))
    clock_at("2026-12-01 23:59:59")
    assert (expire_due(), forfeit_due()) == (0, 0)  # it waits; its beans do not go back meanwhile
    clock_at("2026-12-02 00:00")
    assert (expire_due(), tasks.forfeit_due(), forfeit_due()) == (0, 1, 0)
    voucher.refresh_from_db()
    assert (voucher.state, voucher.forfeited, forfeited(), available(street)) == (State.NO_SHOW, 80, 80, 20)
    assert voucher.end_transaction.kind == "forfeit"
    assert told(street)[-1] == "absence_forfeited"
    settled(street)


def test_forgiven_but_no_other_time_chosen_ends_as_any_unused_voucher(street, clock_at):
    voucher, _case = missed(street, clock_at)
    clock_at("2026-12-25 00:00")
    assert expire_due() == 1
    voucher.refresh_from_db()
    assert (voucher.state, available(street), forfeited()) == (State.EXPIRED, 100, 0)
    settled(street)


def test_forgiven_is_no_way_to_cancel(street, clock_at):
    voucher, _case = missed(street, clock_at)
    with pytest.raises(errors.CancelTooLate):
        cancel(voucher, by=street.member)


def test_answer_stops_the_clock_and_a_decision_brings_everything_back(strict, clock_at):
    street = strict
    voucher, case = missed(street, clock_at)
    assert told(street)[-1] == "appointment_missed_answer"
    answer(case, by=street.member, text="  在医院\n陪护 ")
    clock_at("2027-01-10 09:00")
    assert (forfeit_due(), expire_due()) == (0, 0)
    assert [each.answer for each in to_decide()] == ["在医院 陪护"]
    decided = decide(case, by=street.worker, is_excused=True)
    voucher.refresh_from_db()
    assert (decided.outcome, voucher.state, available(street)) == (Outcome.EXCUSED, State.EXCUSED, 100)
    street.slot.refresh_from_db()
    assert street.slot.taken == 1  # the past time is not free again
    assert told(street)[-1] == "absence_excused"
    with pytest.raises(errors.DecidedAlready):
        decide(case, by=street.worker, is_excused=False)
    settled(street)


def test_answer_that_is_not_accepted(strict, clock_at):
    street = strict
    voucher, case = missed(street, clock_at)
    answer(case, by=street.member, text="睡过头了")
    decide(case, by=street.worker, is_excused=False)
    voucher.refresh_from_db()
    assert (voucher.state, forfeited(), available(street)) == (State.NO_SHOW, 80, 20)
    settled(street)


def test_answer_is_refused_to_others_empty_late_and_twice(strict, clock_at):
    street = strict
    _voucher, case = missed(street, clock_at)
    with pytest.raises(errors.NotYours):
        answer(case, by=street.clerk, text="x")
    with pytest.raises(errors.AnswerMissing):
        answer(case, by=street.member, text="  ")
    answer(case, by=street.member, text="有事")
    with pytest.raises(errors.AnswerTooLate):
        answer(case, by=street.member, text="再说一句")


def test_answer_after_the_day_is_too_late(strict, clock_at):
    street = strict
    _voucher, case = missed(street, clock_at)
    clock_at("2026-11-28 00:00")
    with pytest.raises(errors.AnswerTooLate):
        answer(case, by=street.member, text="有事")


def test_who_works_at_the_desk_does_not_decide(strict, clock_at):
    street = strict
    _voucher, case = missed(street, clock_at)
    with pytest.raises(errors.NotAllowed):
        decide(case, by=street.barber_clerk, is_excused=False)
    factories.make_staff(street.barber, user=street.worker)
    with pytest.raises(errors.OwnProvider):
        decide(case, by=street.worker, is_excused=True)


def test_desk_takes_its_mark_back(strict, clock_at):
    street = strict
    voucher, case = missed(street, clock_at)
    withdraw(case, by=street.barber_clerk)
    assert told(street)[-1] == "appointment_missed_withdrawn"
    with pytest.raises(errors.DecidedAlready):
        withdraw(case, by=street.barber_clerk)
    assert fulfil(street.barber, code=voucher.code, by=street.barber_clerk, nonce="n").state == "fulfilled"
    settled(street)


def test_mark_is_refused(street, clock_at):
    voucher = book(street)
    clock_at("2026-11-24 15:29")
    with pytest.raises(errors.NotOver):
        mark_absent(voucher, by=street.barber_clerk)
    clock_at(AFTER)
    with pytest.raises(errors.NotAllowed):
        mark_absent(voucher, by=street.clerk)
    mark_absent(voucher, by=street.barber_clerk)
    with pytest.raises(errors.MarkedAlready):
        mark_absent(voucher, by=street.barber_clerk)
    goods = redeem(street.goods, member=street.member, by=street.member, key="g")
    with pytest.raises(errors.NoAppointment):
        mark_absent(goods, by=street.clerk)


def test_mark_after_the_hand_over_or_the_day_is_refused(street, clock_at):
    voucher = book(street)
    clock_at("2026-11-25 15:31")
    with pytest.raises(errors.NotOpen):
        mark_absent(voucher, by=street.barber_clerk)
    clock_at(AFTER)
    fulfil(street.barber, code=voucher.code, by=street.barber_clerk, nonce="n")
    with pytest.raises(errors.NotOpen):
        mark_absent(voucher, by=street.barber_clerk)


def test_handed_over_late_ends_the_case(strict, clock_at):
    street = strict
    voucher, case = missed(street, clock_at)
    fulfil(street.barber, code=voucher.code, by=street.barber_clerk, nonce="n")
    clock_at("2026-12-02 00:00")
    assert forfeit_due() == 0
    with pytest.raises(errors.NotOpen):
        decide(case, by=street.worker, is_excused=True)
    assert forfeited() == 0
    settled(street)


def test_forfeiting_waits_while_returns_are_halted(strict, clock_at):
    street = strict
    missed(street, clock_at)
    clock_at("2026-12-02 00:00")
    halt = ledger.halt("forfeit", by=None, reason="mismatch")
    assert forfeit_due() == 0
    assert_holds_equal_open_redemptions()
    ledger.lift(halt, by=street.worker)
    assert forfeit_due() == 1


def test_missed_appointments_count_for_limits(strict, clock_at):
    street = strict
    Reward.objects.filter(pk=street.haircut.pk).update(person_limit=1)
    missed(street, clock_at)
    factories.give_beans(street.member, 100)
    later = factories.make_slot(street.haircut, starts_at=local("2026-11-28 10:00"))
    with pytest.raises(errors.LimitReached):
        book(street, key="k2", slot=later)
