"""Pages for everybody: which periods there are, what counts in them, and the form of the ratings."""

from __future__ import annotations

from itertools import groupby

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from points import dates
from points.assessment import reading
from points.assessment.forms import RatingForm
from points.assessment.models import AssessmentPeriod
from points.assessment.services import rating
from points.assessment.views.answers import public_period
from points.grids import policies
from points.grids.models import Organization
from points.people.models import User
from points.refusals import Refusal

PER_PAGE = 20
DEVICE = "rater"
DEVICE_DAYS = 200
State = AssessmentPeriod.State
ORDER = (State.OPEN, State.COUNTING, State.NOTICE, State.CLOSED)


@require_safe
def period_list(request: HttpRequest) -> HttpResponse:
    """Everything published; for leaders their own first, for the office what it looks after."""
    user = request.user if isinstance(request.user, User) else None
    rows = AssessmentPeriod.objects.public().select_related("grid")
    context = {
        "tab": "me",
        "mine": reading.led_periods(user) if user else [],
        "tasks": reading.tasks_of(user) if user else [],
        "trend": reading.trend(user) if user else [],
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "assessment/list.html", context)


@require_safe
def period(request: HttpRequest, code: str) -> HttpResponse:
    """What counts in a period, where it stands, and the ranking as far as it is shown."""
    found = public_period(request, code)
    user = request.user
    shown = found.state in reading.SHOWN
    middles = dict(reading.middles(found)) if shown else {}
    indicators = list(found.indicator_set.indicators.all())
    groups = [
        (rows[0].get_function_display(), [(one, middles.get(one)) for one in rows])
        for rows in (list(group) for _function, group in groupby(indicators, lambda one: one.function))
    ]
    context = {
        "tab": "me",
        "period": found,
        "steps": steps_of(found),
        "groups": groups,
        "shown": shown,
        "leaders": found.results.count() if shown else 0,
        "ranking": reading.ranking(found),
        "unit": Organization.objects.filter(grid=found.grid, kind=Organization.Kind.COMMITTEE).first(),
        "is_leader": reading.is_leader_in(found, user),
        "may_manage": policies.can(user, policies.Action.MANAGE_ASSESSMENT, found.grid),
        "may_review": policies.can(user, policies.Action.REVIEW_ASSESSMENT, found.grid),
        "may_judge": policies.can(user, policies.Action.DECIDE_APPEALS, found.grid),
    }
    return render(request, "assessment/period.html", context)


def steps_of(period: AssessmentPeriod) -> list[dict[str, str]]:
    """The four steps with what is over and what is on."""
    notes = {
        State.OPEN: f"{dates.day(period.from_on)} – {dates.day(period.to_on)}",
        State.COUNTING: _("The system counts; somebody else looks at claims."),
        State.NOTICE: (
            _("Until %(day)s") % {"day": dates.day(period.notice_ends_on)}
            if period.notice_ends_on
            else _("For %(days)s days; whoever misses something can appeal.") % {"days": period.notice_days}
        ),
        State.CLOSED: _("Scores stand in the books. They are no beans and cannot be spent."),
    }
    at = ORDER.index(State(period.state)) if period.state in ORDER else -1
    return [
        {
            "title": str(step.label),
            "note": str(notes[step]),
            "state": "done" if number < at or period.state == State.CLOSED else "now" if number == at else "",
        }
        for number, step in enumerate(ORDER)
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """The short form for residents. No sign-in; nothing about who answers is kept with the answer."""
    try:
        asked = rating.form_of(token)
    except Refusal:
        raise Http404 from None
    device = request.COOKIES.get(DEVICE, "")[:64] or rating.new_device()
    form = RatingForm(request.POST or None)
    context: dict[str, object] = {"tab": "home", "asked": asked, "form": form}
    status = "form"
    try:
        rating.demand_running(asked)
        if rating.has_answered(asked, device=device):
            status = "done"
        elif request.method == "POST" and form.is_valid():
            rating.answer(asked, stars=form.cleaned_data, device=device)
            status = "thanks"
    except Refusal as refusal:
        status, context["refusal"] = "closed", refusal.as_text()
    context["status"] = status
    response = render(request, "assessment/rate.html", context)
    response.set_cookie(
        DEVICE,
        device,
        max_age=DEVICE_DAYS * 86400,
        path=reverse("assessment:rate", args=["-"]).removesuffix("-/"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response
