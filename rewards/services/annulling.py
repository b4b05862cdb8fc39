"""A hand-over taken back: by the same clerk within minutes, later by whoever supervises, never once settled.

The hand-over's row stays (an annulled scan must not look as if it had never been, pretix#5303). The books
get the exact mirror: owed to the provider → on hold, on the days it was held. The voucher is open again, and
if its last moment has passed meanwhile, it ends by its own rule in the next run.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from points import clock
from points.grids import policies
from points.ledger import services as ledger
from rewards import errors, notices
from rewards.models import HandOver, Provider, ProviderStaff, Redemption
from rewards.models_desk import AnnulReason
from rewards.services.ending import tell_member
from rewards.services.settlement import is_settled

if TYPE_CHECKING:
    from points.people.models import User


def supervises(provider: Provider, by: User) -> bool:
    """Whether `by` may annul whatever was handed over there: the desk's supervisor, or the community."""
    staff = ProviderStaff.objects.current().filter(provider=provider, user=by, is_supervisor=True)
    return staff.exists() or policies.can(by, policies.Action.MANAGE_REWARDS, provider.grid)


def own_minutes_left(done: HandOver, by: User) -> int:
    """For how many minutes more the clerk may take back their own hand-over; 0 when not theirs or over."""
    provider = done.redemption.reward.provider
    if done.by_id != by.pk or not Provider.objects.staffed_by(by).filter(pk=provider.pk).exists():
        return 0
    left = done.at + dt.timedelta(minutes=provider.annul_minutes) - clock.now()
    return max(0, -(-int(left.total_seconds()) // 60))


def demand_right(done: HandOver, by: User) -> None:
    """Refuses with not_allowed, annul_too_late (the own minutes are over), already_settled."""
    provider = done.redemption.reward.provider
    if not own_minutes_left(done, by) and not supervises(provider, by):
        if done.by_id != by.pk:
            raise errors.NotAllowed()
        raise errors.AnnulTooLate(minutes=provider.annul_minutes)
    if is_settled(provider, timezone.localdate(done.at)):
        raise errors.AlreadySettled()


@transaction.atomic
def annul(done: HandOver, *, by: User, reason: str) -> HandOver:
    """Take a hand-over back: beans owed to the provider are on hold, the voucher is open. Twice is once.

    Refuses with unknown_reason, not_allowed, annul_too_late, already_settled, and with the ledger's
    kind_halted.
    """
    if reason not in AnnulReason.values:
        raise errors.UnknownReason()
    provider_id = done.redemption.reward.provider_id
    Provider.objects.select_for_update(of=("self",), no_key=True).get(pk=provider_id)  # as `settle` does
    current = HandOver.objects.select_related("redemption__reward__provider__grid", "redemption__member").get(
        pk=done.pk
    )
    if current.annulled_at is not None:
        return current
    demand_right(current, by)
    voucher = current.redemption
    back = ledger.reverse(current.transaction, key=f"annul:{current.pk}", by=by, reason=reason)
    current.annulled_at, current.annulled_by = clock.now(), by
    current.annul_reason, current.annul_transaction = reason, back
    current.save(update_fields=["annulled_at", "annulled_by", "annul_reason", "annul_transaction"])
    Redemption.objects.filter(pk=voucher.pk).update(
        state=Redemption.State.ISSUED, ended_at=None, fulfilled_by=None, fulfil_nonce="", end_transaction=None
    )
    tell_member(voucher, notices.ANNULLED, provider=voucher.reward.provider.name)
    return current
