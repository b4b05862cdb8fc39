"""Aid that costs no beans: bearer vouchers issued in a batch, handed over like any other, and counted.

Nothing says who got one. A desk looks a code up with `find_aid` when it belongs to no redemption.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from points import clock
from points.dates import date, moment
from points.grids import policies
from rewards import errors
from rewards.codes import random_voucher_code
from rewards.models import AidBatch, AidVoucher, Provider
from rewards.services.desk import demand_no_guessing, demand_staff, keep_refusal, normalise_code

if TYPE_CHECKING:
    from points.grids.models import ServicePoint
    from points.people.models import User

MOST = 200
"""So many vouchers fit on the sheets of one morning."""
LONGEST_DAYS = 92


@transaction.atomic
def issue(
    provider: Provider,
    *,
    point: ServicePoint,
    title: str,
    count: int,
    valid_until: dt.date,
    key: str,
    by: User,
) -> AidBatch:
    """Make bearer vouchers for `provider`, handed out at `point`. The same `key` again: the same batch.

    `by` manages rewards at the service point's unit and at the provider's. Refuses with not_allowed,
    aid_count, aid_dates, aid_unnamed, reward_closed, agreement_over, key_used_by_another.
    """
    for grid in (point.grid, provider.grid):
        if not policies.can(by, policies.Action.MANAGE_REWARDS, grid):
            raise errors.NotAllowed()
    if earlier := AidBatch.objects.filter(key=key).first():
        return _again(earlier, provider, by)
    name = " ".join(title.split())
    if not name:
        raise errors.AidUnnamed()
    if not 1 <= count <= MOST:
        raise errors.AidCount(most=MOST)
    if not clock.today() <= valid_until <= clock.today() + dt.timedelta(days=LONGEST_DAYS):
        raise errors.AidDates(days=LONGEST_DAYS)
    if not provider.is_active:
        raise errors.RewardClosed()
    if not provider.agrees(clock.today()):
        raise errors.AgreementOver(provider=provider.name)
    try:
        with transaction.atomic():
            batch = AidBatch.objects.create(
                key=key,
                provider=provider,
                point=point,
                title=name[:60],
                count=count,
                valid_until=valid_until,
                issued_by=by,
                issued_at=clock.now(),
            )
    except IntegrityError:
        return _again(AidBatch.objects.get(key=key), provider, by)
    AidVoucher.objects.bulk_create(
        AidVoucher(batch=batch, code=random_voucher_code()) for _unused in range(count)
    )
    return batch


def _again(earlier: AidBatch, provider: Provider, by: User) -> AidBatch:
    if (earlier.provider_id, earlier.issued_by_id) != (provider.pk, by.pk):
        raise errors.KeyUsedByAnother()
    return earlier


def sheet(batch: AidBatch, *, by: User) -> QuerySet[AidVoucher]:
    """The vouchers to print: for whoever issued them, on that day. Later nobody reads the codes.

    Refuses with aid_sheet_closed.
    """
    if by.pk != batch.issued_by_id or clock.now() - batch.issued_at > dt.timedelta(days=1):
        raise errors.AidSheetClosed()
    return batch.vouchers.order_by("pk")


@transaction.atomic
def void(batch: AidBatch, *, by: User) -> int:
    """Make what is still open of a batch void (a sheet was lost): how many. Refuses with not_allowed."""
    if not policies.can(by, policies.Action.MANAGE_REWARDS, batch.provider.grid):
        raise errors.NotAllowed()
    rows = batch.vouchers.filter(fulfilled_at__isnull=True, voided_at__isnull=True)
    return rows.update(voided_at=clock.now())


def find_voucher(code: str) -> AidVoucher | None:
    """The aid voucher that was typed or scanned, if it is one."""
    rows = AidVoucher.objects.select_related("batch__provider", "batch__point", "fulfilled_by")
    return rows.filter(code=normalise_code(code)).first()


def open_aid(provider: Provider, code: str, *, by: User) -> AidVoucher:
    """The aid voucher, if it can be handed over here and now.

    Refuses with not_your_desk, unknown_code, other_provider, already_fulfilled, aid_void, voucher_expired,
    too_many_tries; every refusal of the voucher leaves a row, as at the desk.
    """
    demand_staff(provider, by)
    try:
        return _open(provider, code, by)
    except errors.DeskRefusal as refusal:
        keep_refusal(provider, code, by, refusal)
        raise


def fulfil_aid(provider: Provider, *, code: str, by: User, nonce: str) -> AidVoucher:
    """Hand it over, once; the same `nonce` again returns the same voucher. Refuses as `open_aid` does."""
    demand_staff(provider, by)
    try:
        with transaction.atomic():
            return _fulfil(provider, code, by, nonce)
    except errors.DeskRefusal as refusal:
        keep_refusal(provider, code, by, refusal)
        raise


def _open(provider: Provider, code: str, by: User) -> AidVoucher:
    demand_no_guessing(by)
    found = find_voucher(code)
    if found is None:
        raise errors.UnknownCode()
    batch = found.batch
    if batch.provider_id != provider.pk:
        raise errors.OtherProvider(provider=batch.provider.name)
    if found.fulfilled_at is not None and found.fulfilled_by is not None:
        at, clerk = moment(found.fulfilled_at), found.fulfilled_by.display_name
        raise errors.AlreadyFulfilled(at=at, desk=batch.provider.name, by=clerk)
    if found.voided_at is not None:
        raise errors.AidVoid(at=moment(found.voided_at))
    if not found.is_open:
        raise errors.VoucherExpired(until=date(batch.valid_until))
    return found


def _fulfil(provider: Provider, code: str, by: User, nonce: str) -> AidVoucher:
    found = find_voucher(code)
    if found and nonce and found.fulfil_nonce == nonce and found.batch.provider_id == provider.pk:
        return found
    found = _open(provider, code, by)
    changed = AidVoucher.objects.filter(
        pk=found.pk, fulfilled_at__isnull=True, voided_at__isnull=True
    ).update(fulfilled_at=clock.now(), fulfilled_by=by, fulfil_nonce=nonce)
    if not changed:
        return _fulfil(provider, code, by, nonce)  # says what happened meanwhile
    found.refresh_from_db()
    return found


def aid_of_month(provider: Provider, start: dt.datetime, end: dt.datetime) -> int:
    """How many aid vouchers a provider handed over in the time: stands beside the beans of a statement."""
    return AidVoucher.objects.fulfilled_between(provider, start, end).count()
