"""Aid that costs no beans: bearer vouchers, one paper one hand-over, and nothing about anybody is kept."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from points.ledger.models import Transaction
from rewards import errors
from rewards.models import AidBatch, AidVoucher, RefusedScan
from rewards.services import aid, close, fulfil_aid, issue, open_aid, void
from tests import factories
from tests.factories import local
from tests.rewards.conftest import held

pytestmark = pytest.mark.django_db


@pytest.fixture
def point(street):
    return factories.make_service_point(grid=street.town.community)


def make(street, point, **changes):
    values = {
        "title": "爱心午餐一份",
        "count": 3,
        "valid_until": dt.date(2026, 12, 20),
        "key": "form-1",
        "by": street.worker,
        **changes,
    }
    return issue(street.shop, point=point, **values)


def test_a_batch_is_made_once_and_costs_no_beans(street, point):
    batch = make(street, point)
    assert make(street, point) == batch
    codes = set(batch.vouchers.values_list("code", flat=True))
    assert len(codes) == 3
    assert all(len(code) == 12 for code in codes)
    assert not Transaction.objects.filter(kind="hold").exists()
    assert held() == 0


def test_nothing_about_anybody_is_kept():
    people = {"issued_by", "fulfilled_by"}  # the worker and the clerk
    for model in (AidBatch, AidVoucher):
        named = {field.name for field in model._meta.get_fields() if field.related_model is not None}
        assert named - people <= {"provider", "point", "batch", "vouchers"}
    texts = {field.name for field in AidVoucher._meta.fields if field.get_internal_type() == "CharField"}
    assert texts == {"code", "fulfil_nonce"}


def test_handed_over_once_and_told_at_the_second_try(street, point):
    voucher = make(street, point).vouchers.first()
    assert open_aid(street.shop, voucher.code, by=street.clerk) == voucher
    done = fulfil_aid(street.shop, code=voucher.code, by=street.clerk, nonce="n1")
    assert fulfil_aid(street.shop, code=voucher.code, by=street.clerk, nonce="n1") == done
    with pytest.raises(errors.AlreadyFulfilled) as caught:
        fulfil_aid(street.shop, code=voucher.code, by=street.clerk, nonce="n2")
    assert "店员小李" in caught.value.as_text()


def test_desk_refusals(street, point, clock_at):
    batch = make(street, point)
    first, second, third = batch.vouchers.order_by("pk")
    with pytest.raises(errors.UnknownCode):
        open_aid(street.shop, "0" * 12, by=street.clerk)
    with pytest.raises(errors.OtherProvider):
        open_aid(street.barber, first.code, by=street.barber_clerk)
    fulfil_aid(street.shop, code=first.code, by=street.clerk, nonce="n1")
    AidVoucher.objects.filter(pk=second.pk).update(voided_at=local("2026-11-21 10:00"))
    with pytest.raises(errors.AidVoid):
        fulfil_aid(street.shop, code=second.code, by=street.clerk, nonce="n2")
    clock_at("2026-12-20 23:59")
    assert open_aid(street.shop, third.code, by=street.clerk)
    clock_at("2026-12-21 00:00")
    with pytest.raises(errors.VoucherExpired):
        fulfil_aid(street.shop, code=third.code, by=street.clerk, nonce="n3")


def test_lost_sheet_is_made_void_without_what_was_handed_over(street, point):
    batch = make(street, point)
    voucher = batch.vouchers.first()
    fulfil_aid(street.shop, code=voucher.code, by=street.clerk, nonce="n1")
    with pytest.raises(errors.NotAllowed):
        void(batch, by=street.clerk)
    assert void(batch, by=street.worker) == 2
    assert void(batch, by=street.worker) == 0


def test_sheet_is_printed_on_the_day_by_whoever_issued_it(street, point, clock_at):
    batch = make(street, point)
    assert aid.sheet(batch, by=street.worker).count() == 3
    colleague = factories.make_user(role="community_worker", grid=street.town.community)
    with pytest.raises(errors.AidSheetClosed):
        aid.sheet(batch, by=colleague)
    clock_at("2026-11-21 10:01")
    with pytest.raises(errors.AidSheetClosed):
        aid.sheet(batch, by=street.worker)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"count": 0}, errors.AidCount),
        ({"count": 201}, errors.AidCount),
        ({"valid_until": dt.date(2026, 11, 19)}, errors.AidDates),
        ({"valid_until": dt.date(2027, 3, 1)}, errors.AidDates),
        ({"title": "  "}, errors.AidUnnamed),
    ],
)
def test_issue_is_refused(street, point, changes, refusal):
    with pytest.raises(refusal):
        make(street, point, **changes)
    assert not AidBatch.objects.exists()


def test_issue_is_for_who_manages_rewards_there(street, point):
    far = factories.make_service_point(grid=street.town.other_community)
    for person, place in [(street.clerk, point), (street.member, point), (street.worker, far)]:
        with pytest.raises(errors.NotAllowed):
            make(street, place, by=person)


def test_issue_for_a_provider_that_takes_no_part_is_refused(street, point):
    street.shop.agreement_until = dt.date(2026, 11, 19)
    street.shop.save()
    with pytest.raises(errors.AgreementOver):
        make(street, point)
    street.shop.agreement_until = None
    street.shop.save()
    close(street.shop, by=street.worker)
    street.shop.refresh_from_db()
    with pytest.raises(errors.RewardClosed):
        make(street, point)


def test_key_of_another_form_is_refused(street, point):
    make(street, point)
    with pytest.raises(errors.KeyUsedByAnother):
        issue(
            street.barber,
            point=point,
            title="理发",
            count=1,
            valid_until=dt.date(2026, 12, 1),
            key="form-1",
            by=street.worker,
        )


def test_count_of_a_month_for_the_statement(street, point, clock_at):
    first, second, _third = make(street, point).vouchers.order_by("pk")
    fulfil_aid(street.shop, code=first.code, by=street.clerk, nonce="n1")
    clock_at("2026-12-01 00:00")
    fulfil_aid(street.shop, code=second.code, by=street.clerk, nonce="n2")
    month = local("2026-11-01 00:00"), local("2026-12-01 00:00")
    assert aid.aid_of_month(street.shop, *month) == 1
    assert aid.aid_of_month(street.barber, *month) == 0


def test_who_does_not_work_there_and_who_guesses_is_refused(street, point):
    voucher = make(street, point).vouchers.first()
    for verb in (
        lambda: open_aid(street.shop, voucher.code, by=street.barber_clerk),
        lambda: fulfil_aid(street.shop, code=voucher.code, by=street.barber_clerk, nonce="n"),
    ):
        with pytest.raises(errors.NotYourDesk):
            verb()
    with pytest.raises(errors.OtherProvider):
        open_aid(street.barber, voucher.code, by=street.barber_clerk)
    kept = RefusedScan.objects.get()
    assert (kept.refusal, kept.by, kept.redemption) == ("other_provider", street.barber_clerk, None)


def test_at_the_desk_like_any_other_voucher(client, street, point):
    voucher = make(street, point).vouchers.first()
    client.force_login(street.clerk)
    page = client.get(reverse("desk:scan"), {"code": voucher.grouped_code}).content.decode()
    assert "爱心午餐一份" in page
    data = {"provider": street.shop.code, "code": voucher.code, "nonce": "a-nonce-of-sixteen-letters"}
    for _twice in range(2):
        answer = client.post(reverse("desk:aid"), data)
        assert answer.url == reverse("desk:aid_done", args=[voucher.pk])
    assert "爱心午餐一份" in client.get(answer.url).content.decode()
    refused = client.post(reverse("desk:aid"), data | {"nonce": "another-nonce-of-some-letters"})
    assert "店员小李" in refused.content.decode()
    again = client.get(reverse("desk:scan"), {"code": voucher.code}).content.decode()
    assert "店员小李" in again
    client.force_login(street.barber_clerk)
    assert client.get(answer.url).status_code == 404
    assert client.post(reverse("desk:aid"), data).status_code == 404
