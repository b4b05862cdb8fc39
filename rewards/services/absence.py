"""A member did not come: marked by the desk, answered by the member, decided by somebody else.

The first missed appointments of a voucher (`Reward.free_rebooks`) cost nothing: another time is chosen. The
next one waits for an answer. Without one, the beans are forfeited when its day has passed; with one, they
stay on hold until a community worker who does not work at that desk has decided.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from points import clock
from points.dates import moment
from points.grids import policies
from points.refusals import Refusal
from rewards import errors, notices
from rewards.models import NoShow, Provider, Redemption
from rewards.services.ending import (
    ABSENT,
    EXCUSED,
    fresh,
    lock_reward_of,
    may_act_for,
    return_all,
    take_out,
    tell_member,
)

if TYPE_CHECKING:
    from points.people.models import User

logger = logging.getLogger(__name__)
State = Redemption.State
Outcome = NoShow.Outcome
ANSWER_LENGTH = 200


@transaction.atomic
def mark_absent(redemption: Redemption, *, by: User) -> NoShow:
    """The desk says that the member did not come. The beans stay on hold.

    Refuses with not_allowed, no_appointment, not_open, not_over, marked_already.
    """
    if not may_act_for(redemption.reward.provider, by):
        raise errors.NotAllowed()
    lock_reward_of(redemption)
    current = fresh(redemption)
    slot, reward = current.slot, current.reward
    if slot is None:
        raise errors.NoAppointment()
    if not current.is_issued or current.is_expired:
        raise errors.NotOpen(state=current.get_state_display())
    if clock.now() < slot.ends_at:
        raise errors.NotOver(until=moment(slot.ends_at))
    earlier = current.no_shows.exclude(outcome=Outcome.WITHDRAWN)
    if earlier.filter(slot=slot).exists():
        raise errors.MarkedAlready()
    is_free = earlier.count() < reward.free_rebooks
    until = _end_of_day(reward.voucher_days if is_free else reward.answer_days)
    try:
        with transaction.atomic():
            case = NoShow.objects.create(
                redemption=current,
                slot=slot,
                outcome=Outcome.REBOOK if is_free else Outcome.WAITING,
                marked_by=by,
                marked_at=clock.now(),
                answer_until=None if is_free else until,
            )
    except IntegrityError as error:
        raise errors.MarkedAlready() from error
    if is_free:
        Redemption.objects.filter(pk=current.pk, state=State.ISSUED).update(expires_at=until)
    kind = notices.MISSED_FREE if is_free else notices.MISSED_ANSWER
    tell_member(current, kind, until_at=until)
    return case


@transaction.atomic
def withdraw(case: NoShow, *, by: User) -> NoShow:
    """The desk was mistaken. Refuses with not_allowed, decided_already."""
    current = _locked(case)
    redemption = current.redemption
    if not may_act_for(redemption.reward.provider, by):
        raise errors.NotAllowed()
    if current.decided_at is not None or not redemption.is_issued:
        raise errors.DecidedAlready(outcome=current.get_outcome_display())
    _close(current, Outcome.WITHDRAWN, by)
    until = clock.now() + dt.timedelta(days=1)  # as long as after any appointment
    Redemption.objects.filter(pk=redemption.pk, state=State.ISSUED).update(
        expires_at=max(until, current.slot.ends_at + dt.timedelta(days=1))
    )
    tell_member(redemption, notices.MISSED_WITHDRAWN)
    return current


@transaction.atomic
def answer(case: NoShow, *, by: User, text: str) -> NoShow:
    """The member's own words, once. Refuses with not_yours, answer_missing, answer_too_late."""
    current = _locked(case)
    if by.pk != current.redemption.member_id:
        raise errors.NotYours()
    words = " ".join(text.split())[:ANSWER_LENGTH]
    if not words:
        raise errors.AnswerMissing()
    if not current.can_be_answered:
        raise errors.AnswerTooLate()
    current.answer, current.answered_at = words, clock.now()
    current.save(update_fields=["answer", "answered_at"])
    return current


@transaction.atomic
def decide(case: NoShow, *, by: User, is_excused: bool) -> NoShow:
    """Excuse the member (everything comes back) or not (everything is forfeited).

    `by` manages rewards there and does not work at that desk. Refuses with not_allowed, own_provider,
    decided_already.
    """
    current = _locked(case)
    redemption = current.redemption
    provider = redemption.reward.provider
    if not policies.can(by, policies.Action.MANAGE_REWARDS, provider.grid):
        raise errors.NotAllowed()
    if Provider.objects.staffed_by(by).filter(pk=provider.pk).exists():
        raise errors.OwnProvider()
    if current.outcome != Outcome.WAITING:
        raise errors.DecidedAlready(outcome=current.get_outcome_display())
    return _end(current, by=by, is_excused=is_excused)


def forfeit_due(now: dt.datetime | None = None) -> int:
    """Forfeit the beans of missed appointments that nobody answered in time. Returns how many."""
    at = now or clock.now()
    done = 0
    for case in unanswered(at):
        try:
            done += _forfeit(case, at)
        except Refusal as refusal:
            logger.error("missed appointment %s could not be ended: %s", case.pk, refusal.code)
    return done


def unanswered(at: dt.datetime) -> QuerySet[NoShow]:
    """Cases past their day without an answer."""
    return _waiting().filter(answered_at__isnull=True, answer_until__lt=at).order_by("pk")


def to_decide() -> QuerySet[NoShow]:
    """Answered cases that wait for a decision, the oldest first."""
    rows = _waiting().filter(answered_at__isnull=False)
    return rows.select_related("redemption__reward__provider", "slot").order_by("answered_at", "pk")


def _waiting() -> QuerySet[NoShow]:
    """Open cases; one whose voucher was handed over after all is none."""
    return NoShow.objects.filter(outcome=Outcome.WAITING, redemption__state=State.ISSUED)


@transaction.atomic
def _forfeit(case: NoShow, at: dt.datetime) -> int:
    current = _locked(case)
    if not unanswered(at).filter(pk=current.pk).exists():
        return 0
    _end(current, by=None, is_excused=False)
    return 1


def _end(case: NoShow, *, by: User | None, is_excused: bool) -> NoShow:
    redemption = case.redemption
    if not take_out(redemption, State.EXCUSED if is_excused else State.NO_SHOW):
        raise errors.NotOpen(state=fresh(redemption).get_state_display())
    beans = int(redemption.price.amount)
    _close(case, Outcome.EXCUSED if is_excused else Outcome.FORFEITED, by)
    lost, reason = (0, EXCUSED) if is_excused else (beans, ABSENT)
    return_all(redemption, by=by, reason=reason, forfeited=lost)
    tell_member(redemption, notices.EXCUSED if is_excused else notices.FORFEITED, beans=beans)
    return case


def _close(case: NoShow, outcome: str, by: User | None) -> None:
    case.outcome, case.decided_by, case.decided_at = outcome, by, clock.now()
    case.save(update_fields=["outcome", "decided_by", "decided_at"])


def _locked(case: NoShow) -> NoShow:
    """The case as it is now, under the lock of its reward."""
    lock_reward_of(case.redemption)
    rows = NoShow.objects.select_related("redemption__reward__provider", "redemption__member", "slot")
    found = rows.get(pk=case.pk)
    found.redemption = fresh(found.redemption_id)
    return found


def _end_of_day(days: int) -> dt.datetime:
    last = clock.today() + dt.timedelta(days=days)
    return timezone.make_aware(dt.datetime.combine(last, dt.time(23, 59, 59)))
