"""Another time for an appointment: moved while it can still be cancelled, or chosen after it was missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from points import clock
from points.dates import moment
from points.people.notices import notify
from rewards import errors, notices
from rewards.models import NoShow, Redemption, Slot
from rewards.services.ending import fresh
from rewards.services.queue import tell
from rewards.services.redeeming import expiry_of, last_cancellation, lock_reward, take_place

if TYPE_CHECKING:
    from points.people.models import User


@transaction.atomic
def move(redemption: Redemption, slot: Slot, *, by: User) -> Redemption:
    """Take another free time; the old place is free again if it lies ahead. The beans stay on hold.

    Moving counts (`Reward.moves`); choosing again after a missed appointment that is forgiven does not.
    Refuses with not_yours, not_open, no_appointment, same_slot, moved_enough, move_too_late, slot_needed,
    slot_full, slot_passed, slot_too_soon.
    """
    if by.pk != redemption.member_id:
        raise errors.NotYours()
    reward = lock_reward(redemption.reward_id)
    current = fresh(redemption)
    old = current.slot
    if not current.is_issued or current.is_expired:
        raise errors.NotOpen(state=current.get_state_display())
    if old is None:
        raise errors.NoAppointment()
    if old.pk == slot.pk:
        raise errors.SameSlot()
    again = open_rebook(current)
    moves = current.moves
    if again is None:
        if current.cancel_until is None or clock.now() > current.cancel_until:
            raise errors.MoveTooLate(until=moment(current.cancel_until or old.starts_at))
        if moves >= reward.moves:
            raise errors.MovedEnough(times=reward.moves)
        moves += 1
    chosen = take_place(reward, slot)
    if old.starts_at > clock.now():
        Slot.objects.filter(pk=old.pk, taken__gt=0).update(taken=F("taken") - 1)
    changed = Redemption.objects.filter(pk=current.pk, state=Redemption.State.ISSUED, slot=old).update(
        slot=chosen,
        moves=moves,
        expires_at=expiry_of(reward, chosen),
        cancel_until=last_cancellation(chosen),
    )
    if not changed:  # the desk handed it over while we chose
        raise errors.NotOpen(state=fresh(current).get_state_display())
    if again is not None:
        NoShow.objects.filter(pk=again.pk).update(decided_at=clock.now())
    tell(reward)
    notify(
        [by],
        notices.MOVED,
        key=f"redemption:{current.pk}:{chosen.pk}:{clock.now():%Y-%m-%dT%H:%M}",
        url=current.get_absolute_url(),
        reward=reward.title,
        starts_at=chosen.starts_at,
    )
    return fresh(current)


def open_rebook(redemption: Redemption) -> NoShow | None:
    """The missed appointment after which another time may be chosen now, if there is one."""
    mine = redemption.no_shows.filter(slot=redemption.slot)
    return mine.filter(outcome=NoShow.Outcome.REBOOK, decided_at__isnull=True).first()


def may_move(redemption: Redemption) -> bool:
    """Whether the member may choose another time now (free times left aside)."""
    if redemption.slot is None or not redemption.is_issued or redemption.is_expired:
        return False
    if redemption.cancel_until is not None and clock.now() <= redemption.cancel_until:
        return redemption.moves < redemption.reward.moves
    return open_rebook(redemption) is not None
