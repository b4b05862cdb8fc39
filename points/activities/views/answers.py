"""How views answer: refusals become sentences, foreign objects are not found."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from points.activities import offers
from points.activities.models import Activity, Shift
from points.grids import policies
from points.people.models import User
from points.refusals import Refusal


def person(request: HttpRequest) -> User:
    """The signed-in person (after `login_required`)."""
    assert isinstance(request.user, User)
    return request.user


def say_no(request: HttpRequest, refusal: Refusal) -> None:
    """Show a refusal's sentence on the next page."""
    messages.error(request, refusal.as_text())


def whole(value: str | None) -> int:
    """A row number from a form; anything else is not found."""
    if value is None or not value.isascii() or not value.isdigit() or len(value) > 18:
        raise Http404
    return int(value)


def own_activity(request: HttpRequest, code: str, action: str = policies.Action.ORGANISE) -> Activity:
    """The activity, if the person may do `action` in its unit; a foreign one is not found."""
    activity = get_object_or_404(
        Activity.objects.select_related("grid", "organization", "organiser"), code=code
    )
    if not policies.can(request.user, action, activity.grid):
        raise Http404
    return activity


def own_shift(activity: Activity, pk: int) -> Shift:
    """A shift of this activity; one of another activity is not found."""
    shift = get_object_or_404(Shift, pk=pk, activity=activity)
    shift.activity = activity
    return shift


def visible_activity(request: HttpRequest, code: str) -> Activity:
    """A published activity; a draft only for those who organise there."""
    activity = get_object_or_404(offers.with_pictures(Activity.objects.all()), code=code)
    if activity.state == Activity.State.DRAFT and not policies.can(
        request.user, policies.Action.ORGANISE, activity.grid
    ):
        raise Http404
    return activity
