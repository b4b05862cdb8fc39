"""Finding what an address names, for those who may see it; anything else is not found."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from points.assessment.models import AssessmentPeriod
from points.assessment.reading import is_leader_in
from points.grids import policies
from points.people.models import User
from points.refusals import Refusal

PERIODS = AssessmentPeriod.objects.select_related("grid", "indicator_set")
LARGEST_ID = 2**63 - 1


def person(request: HttpRequest) -> User:
    """The signed-in person (after `login_required`)."""
    assert isinstance(request.user, User)
    return request.user


def say_no(request: HttpRequest, refusal: Refusal) -> None:
    """Show a refusal's sentence on the next page."""
    messages.error(request, refusal.as_text())


def public_period(request: HttpRequest, code: str) -> AssessmentPeriod:
    """A published period; a draft only for those who manage it."""
    period = get_object_or_404(PERIODS, code=code)
    if period.state == AssessmentPeriod.State.DRAFT and not policies.can(
        request.user, policies.Action.MANAGE_ASSESSMENT, period.grid
    ):
        raise Http404
    return period


def led_period(request: HttpRequest, code: str) -> AssessmentPeriod:
    """A period in which the person is assessed."""
    period = get_object_or_404(PERIODS, code=code)
    if not is_leader_in(period, request.user):
        raise Http404
    return period


def office_period(request: HttpRequest, code: str, action: str) -> AssessmentPeriod:
    """A period for whose unit the person may do `action`."""
    period = get_object_or_404(PERIODS, code=code)
    if not policies.can(request.user, action, period.grid):
        raise Http404
    return period


def checked_id(number: int) -> int:
    """A row id that fits the database; 404 for anything larger."""
    if number > LARGEST_ID:
        raise Http404
    return number
