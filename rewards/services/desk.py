"""The desk: a code is typed or scanned, looked at, and handed over once.

Looking (`find_voucher`) and handing over (`fulfil`) refuse alike, and every refusal leaves a row for the
auditor, although the transaction that refused is rolled back. Two desks, one voucher: the hand-over is one
conditional update, so the second desk is told when and where it happened.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from django.db import transaction

from points import clock
from points.dates import moment
from rewards import errors
from rewards.models import HandOver, Provider, Redemption, RefusedScan
from rewards.services.holding import pay_provider

if TYPE_CHECKING:
    from points.people.models import User

CODE_LENGTH = 12
TRIES = 30
TRY_MINUTES = 10
GUESSES = ("unknown_code", "other_provider")
"""Refusals that a person who guesses codes collects. A busy desk with real vouchers collects none."""

_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def normalise_code(typed: str) -> str:
    """What was meant: `7k4m-q2wd 9xpa`, a misread O for 0, or the whole address behind the QR code."""
    text = typed.strip()
    if "://" in text:
        text = parse_qs(urlsplit(text).query).get("code", [""])[0]
    return re.sub(r"[\s\-‐–—_.]", "", text).upper().translate(_MISREAD)


def find_voucher(provider: Provider, code: str, by: User) -> Redemption:
    """The voucher, if it can be handed over here and now.

    Refuses with not_your_desk, unknown_code, other_provider, already_fulfilled, voucher_cancelled,
    voucher_expired, too_many_tries.
    """
    demand_staff(provider, by)
    try:
        return _open_voucher(provider, code, by)
    except errors.DeskRefusal as refusal:
        keep_refusal(provider, code, by, refusal)
        raise


def fulfil(provider: Provider, *, code: str, by: User, nonce: str) -> Redemption:
    """Confirm the hand-over: the beans held are now owed to the provider.

    The same `nonce` again returns the same voucher, so a confirmation can be sent until it is answered.
    Refuses with hand_over_annulled when that very confirmation was taken back, otherwise as
    `find_voucher` does, and with the ledger's kind_halted.
    """
    demand_staff(provider, by)
    try:
        with transaction.atomic():
            return _fulfil(provider, code=code, by=by, nonce=nonce)
    except errors.DeskRefusal as refusal:
        keep_refusal(provider, code, by, refusal)
        raise


def _fulfil(provider: Provider, *, code: str, by: User, nonce: str) -> Redemption:
    earlier = _of_this_confirmation(provider, code, nonce)
    if earlier is not None:
        return earlier
    _demand_not_annulled(provider, code, nonce)
    redemption = _open_voucher(provider, code, by)
    changed = Redemption.objects.filter(pk=redemption.pk, state=Redemption.State.ISSUED).update(
        state=Redemption.State.FULFILLED, ended_at=clock.now(), fulfilled_by=by, fulfil_nonce=nonce
    )
    if not changed:  # another desk, a cancellation or an expiry was quicker; perhaps this very request
        return _of_this_confirmation(provider, code, nonce) or _open_voucher(provider, code, by)
    annulled = HandOver.objects.filter(redemption=redemption).count()
    end = pay_provider(redemption, by=by, annulled=annulled)
    Redemption.objects.filter(pk=redemption.pk).update(end_transaction=end)
    redemption.refresh_from_db(
        fields=["state", "ended_at", "fulfilled_by", "fulfil_nonce", "end_transaction"]
    )
    assert redemption.ended_at is not None
    HandOver.objects.create(
        redemption=redemption, by=by, at=redemption.ended_at, nonce=nonce, transaction=end
    )
    return redemption


def demand_staff(provider: Provider, by: User) -> None:
    """Refuses with not_your_desk unless `by` works there today."""
    if not Provider.objects.staffed_by(by).filter(pk=provider.pk).exists():
        raise errors.NotYourDesk()


def _vouchers(code: str) -> Redemption | None:
    rows = Redemption.objects.select_related(
        "member", "slot", "fulfilled_by", "reward__provider", "reward__cover"
    )
    return rows.filter(code=normalise_code(code)).first()


def _of_this_confirmation(provider: Provider, code: str, nonce: str) -> Redemption | None:
    found = _vouchers(code)
    if found is None or not nonce or found.reward.provider_id != provider.pk:
        return None
    return found if found.state == Redemption.State.FULFILLED and found.fulfil_nonce == nonce else None


def _demand_not_annulled(provider: Provider, code: str, nonce: str) -> None:
    """A confirmation that arrives again after it was annulled must not hand over a second time."""
    rows = HandOver.objects.filter(
        redemption__code=normalise_code(code),
        redemption__reward__provider=provider,
        annulled_at__isnull=False,
    )
    found = rows.filter(nonce=nonce).first() if nonce else None
    if found is not None and found.annulled_at is not None:
        raise errors.HandOverAnnulled(at=moment(found.annulled_at))


def _open_voucher(provider: Provider, code: str, by: User) -> Redemption:
    demand_no_guessing(by)
    found = _vouchers(code)
    if found is None:
        raise errors.UnknownCode()
    if found.reward.provider_id != provider.pk:
        raise errors.OtherProvider(provider=found.reward.provider.name)
    state = found.state
    if state == Redemption.State.FULFILLED and found.fulfilled_by and found.ended_at:
        desk, clerk = found.reward.provider.name, found.fulfilled_by.display_name
        raise errors.AlreadyFulfilled(at=moment(found.ended_at), desk=desk, by=clerk)
    if state in (Redemption.State.CANCELLED, Redemption.State.PROVIDER_CANCELLED) and found.ended_at:
        raise errors.VoucherCancelled(at=moment(found.ended_at))
    if state == Redemption.State.EXPIRED or found.is_expired:
        raise errors.VoucherExpired(until=moment(found.expires_at))
    return found


def demand_no_guessing(by: User) -> None:
    """Counted from the refused scans themselves, so that it holds across processes."""
    since = clock.now() - dt.timedelta(minutes=TRY_MINUTES)
    if RefusedScan.objects.filter(by=by, at__gt=since, refusal__in=GUESSES).count() >= TRIES:
        raise errors.TooManyTries(minutes=TRY_MINUTES)


def keep_refusal(provider: Provider, code: str, by: User, refusal: errors.DeskRefusal) -> None:
    """A row for the auditor, written after the transaction that refused has been rolled back."""
    typed = normalise_code(code)[:40]
    RefusedScan.objects.create(
        provider=provider,
        by=by,
        redemption=Redemption.objects.filter(code=typed).first(),
        typed=typed,
        refusal=refusal.refusal_code,
        at=clock.now(),
    )
