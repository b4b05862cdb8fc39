"""Month statements equal the ledger; a month is settled once, by somebody else, when it is over."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from openpyxl import load_workbook

from points.grids.models import Role
from points.ledger.accounts import provider_account
from points.ledger.balances import balance
from points.ledger.models import AccountKind, Transaction
from rewards import errors
from rewards.services import add_slots, fulfil, redeem, settle, statement
from tests import factories
from tests.factories import local
from tests.rewards.conftest import assert_holds_equal_open_redemptions, make_member, payable

pytestmark = pytest.mark.django_db
NOVEMBER = dt.date(2026, 11, 1)


def hand_over(street, key, *, member=None):
    member = member or street.member
    voucher = redeem(street.goods, member=member, by=member, key=key)
    return fulfil(street.shop, code=voucher.code, by=street.clerk, nonce=key)


def test_statement_equals_what_the_ledger_owes(street):
    for number in range(3):
        hand_over(street, f"k{number}")
    redeem(street.goods, member=street.member, by=street.member, key="open")
    found = statement(street.shop, NOVEMBER)
    assert (found.count, int(found.total.amount), int(found.owed.amount)) == (3, 60, payable(street.shop))
    assert [(part.title, part.count, int(part.beans.amount)) for part in found.parts] == [
        (street.goods.title, 3, 60)
    ]
    assert not found.is_over
    assert statement(street.barber, NOVEMBER).count == 0


def test_statement_takes_the_local_month(street, clock_at):
    clock_at("2026-11-30 23:59")
    hand_over(street, "november")
    clock_at("2026-12-01 00:00")  # still November in UTC
    hand_over(street, "december")
    assert statement(street.shop, NOVEMBER).count == 1
    assert statement(street.shop, dt.date(2026, 12, 31)).count == 1


def test_settle_moves_what_is_owed_once(street, clock_at):
    hand_over(street, "k1")
    clock_at("2026-12-01 09:00")
    hand_over(street, "k2")
    done = settle(street.shop, NOVEMBER, by=street.worker)
    assert settle(street.shop, NOVEMBER, by=street.worker) == done
    assert done.key == f"settle:{street.shop.code}:2026-11"
    assert done.reference == f"statement:{street.shop.code}:2026-11"
    assert payable(street.shop) == 20
    found = statement(street.shop, NOVEMBER)
    assert (int(found.settled.amount), int(found.owed.amount), found.can_be_settled) == (20, 0, False)
    assert int(balance(provider_account(street.shop.code, AccountKind.SETTLED)).amount) == 20
    assert Transaction.objects.filter(kind="settle").count() == 1
    assert_holds_equal_open_redemptions()


def test_settle_before_the_month_is_over_is_refused(street):
    hand_over(street, "k1")
    with pytest.raises(errors.MonthNotOver) as caught:
        settle(street.shop, NOVEMBER, by=street.worker)
    assert caught.value.context["day"] == "12月1日"


def test_settle_by_own_staff_is_refused(street, clock_at):
    hand_over(street, "k1")
    clock_at("2026-12-01 09:00")
    factories.make_staff(street.shop, user=street.worker)
    with pytest.raises(errors.OwnProvider):
        settle(street.shop, NOVEMBER, by=street.worker)


def test_settle_without_the_right_is_refused(street, clock_at):
    hand_over(street, "k1")
    clock_at("2026-12-01 09:00")
    foreign = factories.make_user(role=Role.COMMUNITY_WORKER, grid=street.town.other_community)
    auditor = factories.make_user(role=Role.AUDITOR, grid=street.town.root)
    for person in (foreign, auditor, street.clerk, street.member):
        with pytest.raises(errors.NotAllowed):
            settle(street.shop, NOVEMBER, by=person)
    assert payable(street.shop) == 20


def test_settle_an_empty_month_is_refused(street, clock_at):
    clock_at("2026-12-01 09:00")
    with pytest.raises(errors.NothingToSettle):
        settle(street.shop, NOVEMBER, by=street.worker)


def test_late_hand_over_is_settled_by_a_second_transaction(street, clock_at):
    first = hand_over(street, "k1")
    late = hand_over(street, "k2", member=make_member(street.town))
    type(late).objects.filter(pk=late.pk).update(ended_at=local("2026-12-01 08:00"))
    clock_at("2026-12-01 09:00")
    settle(street.shop, NOVEMBER, by=street.worker)
    type(late).objects.filter(pk=late.pk).update(ended_at=first.ended_at)
    again = settle(street.shop, NOVEMBER, by=street.worker)
    assert again.key.endswith(":2026-11:20")
    assert payable(street.shop) == 0


# --- Times ----------------------------------------------------------------------------------------------
def test_times_are_added_once(street):
    starts = [local("2026-11-25 09:00"), local("2026-11-25 09:30"), street.slot.starts_at]
    assert len(add_slots(street.haircut, starts=starts, by=street.barber_clerk)) == 2
    assert add_slots(street.haircut, starts=starts, by=street.worker) == []
    assert street.haircut.slots.count() == 3


def test_times_are_refused(street):
    starts = [local("2026-11-25 09:00")]
    with pytest.raises(errors.NotAllowed):
        add_slots(street.haircut, starts=starts, by=street.clerk)
    with pytest.raises(errors.NoAppointments):
        add_slots(street.goods, starts=starts, by=street.clerk)
    for bad in ({"starts": []}, {"starts": [local("2026-11-19 09:00")]}, {"starts": starts, "minutes": 0}):
        with pytest.raises(errors.BadSlots):
            add_slots(street.haircut, by=street.barber_clerk, **bad)


def test_files_hold_what_the_books_say_and_no_formula(street, clock_at, client):
    street.goods.title = "=1+1"
    street.goods.save()
    voucher = redeem(street.goods, member=street.member, by=street.member, key="f1")
    fulfil(street.shop, code=voucher.code, by=street.clerk, nonce="f1")
    client.force_login(street.clerk)
    base = f"/desk/statement/{street.shop.code}/2026-11/export."
    book = load_workbook(io.BytesIO(client.get(f"{base}xlsx").content))
    table = list(book.active.values)
    assert table[1][1] == "'=1+1"
    assert table[-1][3] == sum(row[3] for row in table[1:-1]) == payable(street.shop) == 20
    assert "'=1+1" in client.get(f"{base}csv").content.decode("utf-8-sig")
    paper = client.get(f"{base}pdf")
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    assert street.member.name.encode() not in paper.content
