"""Closing an account, as far as this room knows it: the request, the closed door, the erased person (J6).

What the person holds elsewhere (vouchers, seats, beans) is ended by the rooms above between `shut_the_door`
and `erase`; `cms.closing` calls them in order. The row of the person stays as a number, because records and
books stand on it.
"""

from __future__ import annotations

import datetime as dt

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.utils import timezone

from points import clock
from points.people import guardians, retention
from points.people.account_notices import CLOSING_ASKED, CLOSING_WITHDRAWN
from points.people.errors import ClosingUnderWay, NotYours
from points.people.models import ClosingRequest, Consent, GuardianConsent, User, VolunteerProfile
from points.people.notices import notify

State = ClosingRequest.State
PAGE = "/me/closing/"


def request_of(user: User) -> ClosingRequest | None:
    """The request that is open, if any."""
    return user.closing_requests.filter(state__in=(State.ASKED, State.CLOSING)).first()


@transaction.atomic
def ask(user: User, *, beans: str, place: str, by: User) -> ClosingRequest:
    """Ask for one's own account to be closed after the cooling-off. A second time finds the first request.

    `place`: the code of the community to which beans are given; kept, because the home is erased.

    Refuses with not_yours, closing_under_way.
    """
    if by.pk != user.pk:
        raise NotYours()
    open_request = request_of(user)
    if open_request is not None:
        if open_request.state == State.CLOSING:
            raise ClosingUnderWay()
        return open_request
    due_at = clock.now() + dt.timedelta(days=retention.days_of(retention.COOLING_OFF.code))
    try:
        with transaction.atomic():
            request = ClosingRequest.objects.create(
                user=user,
                beans=ClosingRequest.Beans(beans),
                place=place,
                asked_at=clock.now(),
                due_at=due_at,
            )
    except IntegrityError:  # the second tap of the same finger
        found = request_of(user)
        if found is None:
            raise
        return found
    notify([user], CLOSING_ASKED, key=f"closing:{request.pk}", url=PAGE, due_on=timezone.localdate(due_at))
    return request


@transaction.atomic
def change_mind(user: User, *, by: User) -> ClosingRequest | None:
    """Withdraw the request in time; None when there is none (or it has been withdrawn).

    Refuses with not_yours, closing_under_way.
    """
    if by.pk != user.pk:
        raise NotYours()
    request = (
        user.closing_requests.select_for_update(of=("self",), no_key=True)
        .filter(state__in=(State.ASKED, State.CLOSING))
        .first()
    )
    if request is None:
        return None
    if request.state == State.CLOSING:
        raise ClosingUnderWay()
    request.state, request.ended_at = State.WITHDRAWN, clock.now()
    request.save(update_fields=["state", "ended_at"])
    notify([user], CLOSING_WITHDRAWN, key=f"closing-withdrawn:{request.pk}", url=PAGE)
    return request


def due() -> list[int]:
    """The requests whose cooling-off is over, and those that were begun and not finished."""
    rows = ClosingRequest.objects.filter(state__in=(State.ASKED, State.CLOSING), due_at__lte=clock.now())
    return list(rows.order_by("due_at", "pk").values_list("pk", flat=True))


@transaction.atomic
def shut_the_door(pk: int) -> ClosingRequest | None:
    """From now on nobody signs in as this person and nothing can be withdrawn. None when it was withdrawn."""
    request = (
        ClosingRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user")
        .filter(pk=pk, state__in=(State.ASKED, State.CLOSING), due_at__lte=clock.now())
        .first()
    )
    if request is None or request.state == State.CLOSING:
        return request
    request.state = State.CLOSING
    request.save(update_fields=["state"])
    user = request.user
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])
    end_sessions(user)
    return request


def end_sessions(user: User) -> int:
    """Sign the person out everywhere."""
    mine = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    return Session.objects.filter(pk__in=mine).delete()[0]


@transaction.atomic
def erase(request: ClosingRequest) -> ClosingRequest:
    """Erase the person: what is left is a number. Twice is once.

    Consents stay as dates (they prove that recording was lawful), without anybody's name.
    """
    locked = ClosingRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=request.pk)
    if locked.state != State.CLOSING:
        return locked
    user, now = User.objects.select_for_update(of=("self",), no_key=True).get(pk=locked.user_id), clock.now()
    for consent in GuardianConsent.objects.filter(guardian=user, revoked_at__isnull=True):
        guardians.revoke(consent, by=user)
    own = GuardianConsent.objects.filter(minor=user)
    own.filter(revoked_at__isnull=True).update(revoked_at=now)
    for rows in (own, GuardianConsent.objects.filter(guardian=user)):
        rows.update(guardian_name="", guardian_phone="")
    Consent.objects.filter(user=user, withdrawn_at__isnull=True).update(withdrawn_at=now)
    VolunteerProfile.objects.filter(user=user).delete()
    for related in (user.notices, user.notice_choices, user.digests, user.data_copies):
        related.all().delete()
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
    blank = User(pk=user.pk, number=user.number, username=f"closed-{user.number}", is_active=False)
    blank.set_unusable_password()
    blank.date_joined = user.date_joined
    blank.save()
    blank.groups.clear()
    blank.user_permissions.clear()
    locked.state, locked.ended_at = State.DONE, now
    locked.save(update_fields=["state", "ended_at"])
    return locked
