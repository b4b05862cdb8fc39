"""A mark "did not come": written down, told to the person, answered, decided by somebody else.

After so many unexcused marks within so many days (`SignupRules`, a community's own numbers) signing up
pauses for a while. An answer that waits for a decision does not count, an accepted one lifts the mark and
the pause with it. Beans are never taken away (journey J1).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from points import clock, dates
from points.activities import errors, notices
from points.activities.models import Absence, Activity, Registration, SignupRules
from points.activities.services.seats import lock_registration
from points.grids import policies
from points.grids.policies import Action
from points.people.models import User
from points.people.notices import notify

State = Registration.State


def write_down_absence(registration: Registration, *, by: User) -> Absence:
    """Remember who marked it and until when it can be answered, and tell the person.

    The registration already says NO_SHOW and is locked. Marked anew after having been taken back, the time
    to answer begins anew.
    """
    activity = registration.shift.activity
    now = clock.now()
    until = now + dt.timedelta(hours=SignupRules.at(activity.grid).answer_hours)
    absence, created = Absence.objects.get_or_create(
        registration=registration, defaults={"marked_by": by, "marked_at": now, "answer_until": until}
    )
    if not created:
        absence.marked_by, absence.marked_at, absence.answer_until = by, now, until
        absence.answer, absence.words, absence.answered_at = "", "", None
        absence.decision, absence.decided_by, absence.decided_at, absence.reason = "", None, None, ""
        absence.save()
    notify(
        [registration.volunteer],
        notices.NO_SHOW_MARKED,
        key=f"absence:{absence.pk}:{now:%Y%m%d%H%M%S}",
        url=reverse("activities:absence", args=[absence.pk]),
        activity=activity.title,
        starts_at=registration.shift.starts_at,
        answer_until_at=until,
    )
    return absence


def answer_absence(absence: Absence, *, by: User, answer: str, words: str = "") -> Absence:
    """The person's own words to a mark, once.

    Raises NotYourMark, MarkTakenBack, AlreadyAnswered, AnswerTooLate.
    """
    with transaction.atomic():
        registration = lock_registration(absence.registration_id)
        mine = Absence.objects.get(pk=absence.pk)
        if registration.volunteer_id != by.pk:
            raise errors.NotYourMark
        if registration.state != State.NO_SHOW:
            raise errors.MarkTakenBack
        if mine.answered_at is not None:
            raise errors.AlreadyAnswered
        if clock.now() >= mine.answer_until:
            raise errors.AnswerTooLate(phone=registration.shift.activity.organization.phone or "–")
        mine.answer, mine.words, mine.answered_at = Absence.Answer(answer), words.strip()[:300], clock.now()
        mine.save(update_fields=["answer", "words", "answered_at"])
        return mine


def decide_absence(absence: Absence, *, by: User, lift: bool, reason: str = "") -> Absence:
    """Somebody with the right to confirm there says whether the mark stays.

    Nobody decides about themselves, and whoever made the mark only if nobody else there could.
    "I was there" gives the seat back as it was, so that the organiser can enter the times; any other
    accepted answer excuses the person. Raises OwnAbsence, MarkerDecides, NotAnswered, AnswerDecided,
    MarkTakenBack, DecisionReasonMissing.
    """
    with transaction.atomic():
        registration = lock_registration(absence.registration_id)
        mine = Absence.objects.get(pk=absence.pk)
        activity = registration.shift.activity
        if registration.volunteer_id == by.pk:
            raise errors.OwnAbsence
        if mine.decision != Absence.Decision.WAITING:
            raise errors.AnswerDecided
        if mine.answered_at is None:
            raise errors.NotAnswered
        if registration.state != State.NO_SHOW:
            raise errors.MarkTakenBack
        if mine.marked_by_id == by.pk and others_could_decide(mine, activity):
            raise errors.MarkerDecides
        if not lift and not reason.strip():
            raise errors.DecisionReasonMissing
        if lift:
            registration.state = State.SIGNED_UP if mine.answer == Absence.Answer.CAME else State.EXCUSED
            registration.save(update_fields=["state"])
        mine.decision = Absence.Decision.LIFTED if lift else Absence.Decision.UPHELD
        mine.decided_by, mine.decided_at, mine.reason = by, clock.now(), reason.strip()[:200]
        mine.save(update_fields=["decision", "decided_by", "decided_at", "reason"])
        notify(
            [registration.volunteer],
            notices.MARK_LIFTED if lift else notices.MARK_UPHELD,
            key=f"absence:{mine.pk}:{clock.now():%Y%m%d%H%M%S}",
            url=reverse("activities:absence", args=[mine.pk]),
            activity=activity.title,
            starts_at=registration.shift.starts_at,
            reason=mine.reason,
        )
        return mine


def others_could_decide(absence: Absence, activity: Activity) -> bool:
    """Whether somebody else than the marker and the person may confirm there."""
    people = policies.holders(Action.CONFIRM, activity.grid)
    return people.exclude(pk__in=(absence.marked_by_id, absence.registration.volunteer_id)).exists()


def answers_waiting(user: User) -> QuerySet[Absence]:
    """Answers in the person's part of the town that nobody has decided, the oldest first."""
    return (
        Absence.objects.filter(
            policies.scope(user, Action.CONFIRM, lookup="registration__shift__activity__grid"),
            decision=Absence.Decision.WAITING,
            answered_at__isnull=False,
            registration__state=State.NO_SHOW,
        )
        .exclude(registration__volunteer=user)
        .select_related("registration__volunteer", "registration__shift__activity__grid", "marked_by")
        .order_by("answered_at", "pk")
    )


@dataclass(frozen=True)
class Pause:
    """Why and until when somebody cannot sign up."""

    until: dt.datetime
    marks: int
    days: int
    newest: Absence


def marks_that_count(volunteer: User, rules: SignupRules) -> QuerySet[Absence]:
    """Unexcused marks within the window, newest first, but for those whose answer waits for a decision."""
    since = clock.now() - dt.timedelta(days=rules.no_show_window_days)
    found = Absence.objects.filter(
        Q(answered_at__isnull=True) | Q(decision=Absence.Decision.UPHELD),
        registration__volunteer=volunteer,
        registration__state=State.NO_SHOW,
        registration__shift__starts_at__gte=since,
    )
    if rules.pk is not None:
        found = found.filter(registration__shift__activity__grid__path__startswith=rules.grid.path)
    return found.order_by("-marked_at", "-pk")


def pause_of(activity: Activity, volunteer: User) -> Pause | None:
    """The pause that keeps the person from this activity, if there is one."""
    rules = SignupRules.at(activity.grid)
    if not rules.no_show_limit:
        return None
    marks = list(marks_that_count(volunteer, rules))
    if len(marks) < rules.no_show_limit:
        return None
    until = marks[0].marked_at + dt.timedelta(days=rules.pause_days)
    if until <= clock.now():
        return None
    return Pause(until=until, marks=len(marks), days=rules.no_show_window_days, newest=marks[0])


def is_paused(activity: Activity, volunteer: User) -> bool:
    return pause_of(activity, volunteer) is not None


def refuse_while_paused(activity: Activity, volunteer: User) -> None:
    """Raise SignupPaused with the reason, the end and the way to object."""
    pause = pause_of(activity, volunteer)
    if pause is not None:
        phone = activity.contact_phone or activity.organization.phone or "–"
        raise errors.SignupPaused(
            marks=pause.marks, days=pause.days, until=dates.daytime(pause.until), phone=phone
        )
