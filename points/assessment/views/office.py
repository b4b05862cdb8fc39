"""Pages of the office: taking a period from step to step, reviewing claims and facts, deciding appeals."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from points import clock
from points.assessment import services
from points.assessment.forms import JudgeForm, ReviewForm
from points.assessment.models import Appeal, AssessmentPeriod, Claim, Fact
from points.assessment.services.appealing import is_involved
from points.assessment.services.standing import spans_of
from points.assessment.views.answers import checked_id, office_period, person, say_no
from points.assessment.views.site import steps_of
from points.grids import policies
from points.grids.policies import Action
from points.people.models import User
from points.refusals import Refusal

PER_PAGE = 30
State = AssessmentPeriod.State


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest, code: str) -> HttpResponse:
    """Where a period stands, what hinders the next step, and the button that takes it."""
    period = office_period(request, code, Action.MANAGE_ASSESSMENT)
    if request.method == "POST":
        return _take_step(request, period)
    waiting = services.waiting(period)
    results = Paginator(period.results.select_related("leader").order_by("units"), PER_PAGE)
    spans = spans_of(period) if period.state == State.DRAFT else []
    next_day = period.to_on if period.state == State.OPEN else period.notice_ends_on
    context = {
        "tab": "me",
        "period": period,
        "steps": steps_of(period),
        "waiting": waiting,
        "page": results.get_page(request.GET.get("page")),
        "appeals": Appeal.objects.filter(result__period=period, state=Appeal.State.OPEN).count(),
        "leaders": len({span.who for span in spans}),
        "next_day": next_day,
        "too_early": next_day is not None and clock.today() <= next_day,
        "may_review": policies.can(request.user, Action.REVIEW_ASSESSMENT, period.grid),
        "may_judge": policies.can(request.user, Action.DECIDE_APPEALS, period.grid),
    }
    return render(request, "assessment/manage.html", context)


def _take_step(request: HttpRequest, period: AssessmentPeriod) -> HttpResponse:
    by = person(request)
    steps = {
        "open": (services.open_period, _("Opened. The indicators are published and stay as they are.")),
        "count": (services.begin_counting, _("Counted. Now somebody else looks at what waits.")),
        "again": (services.count_again, _("Counted once more.")),
        "notice": (services.begin_notice, _("The results are in public notice, and every leader was told.")),
        "close": (services.close_period, _("Closed. The scores stand in the books.")),
    }
    step = steps.get(request.POST.get("do", ""))
    if step is None:
        raise Http404
    try:
        step[0](period, by=by)
    except Refusal as refusal:
        say_no(request, refusal)
    else:
        messages.success(request, step[1])
    return redirect("assessment:manage", period.code)


@require_GET
@login_required
def review(request: HttpRequest, code: str) -> HttpResponse:
    """Claims that wait, and facts that rest on a leader's own word; below them what was decided."""
    period = office_period(request, code, Action.REVIEW_ASSESSMENT)
    claims = Claim.objects.filter(period=period).select_related("indicator", "leader")
    waiting = claims.filter(state=Claim.State.SUBMITTED).exclude(leader=person(request)).order_by("pk")
    done = claims.exclude(state=Claim.State.SUBMITTED).order_by("-reviewed_at", "-pk")
    facts = Fact.objects.filter(period=period).select_related("indicator", "leader")
    context = {
        "tab": "me",
        "period": period,
        "claims": list(waiting[:PER_PAGE]),
        "number": waiting.count(),
        "facts": list(facts.filter(state=Fact.State.WAITING).exclude(leader=person(request))[:PER_PAGE]),
        "counted": Paginator(facts.exclude(state=Fact.State.WAITING), PER_PAGE).get_page(
            request.GET.get("page")
        ),
        "done": list(done[:PER_PAGE]),
        "can_reverse": period.state in (State.COUNTING, State.NOTICE, State.CLOSED),
    }
    return render(request, "assessment/review.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """One claim with its evidence: does it count?"""
    found = get_object_or_404(
        Claim.objects.select_related("period__grid", "indicator", "leader"), pk=checked_id(pk)
    )
    if not policies.can(request.user, Action.REVIEW_ASSESSMENT, found.period.grid):
        raise Http404
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.decide_claim(
                found,
                accept=request.POST.get("do") == "accept",
                by=person(request),
                reason=form.cleaned_data["reason"],
            )
        except Refusal as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Decided. The leader was told."))
            return redirect("assessment:review", found.period.code)
    context = {
        "tab": "me",
        "claim": found,
        "period": found.period,
        "form": form,
        "papers": list(found.evidence.order_by("pk")),
        "is_waiting": found.state == Claim.State.SUBMITTED,
    }
    return render(request, "assessment/review_claim.html", context)


@login_required
@require_POST
def review_fact(request: HttpRequest, pk: int) -> HttpResponse:
    """A fact counts, does not count, or turned out not to hold."""
    fact = get_object_or_404(Fact.objects.select_related("period__grid"), pk=checked_id(pk))
    if not policies.can(request.user, Action.REVIEW_ASSESSMENT, fact.period.grid):
        raise Http404
    by, reason = person(request), request.POST.get("reason", "")
    try:
        match request.POST.get("do"):
            case "accept":
                services.decide_fact(fact, counts=True, by=by)
            case "strike":
                services.decide_fact(fact, counts=False, by=by, reason=reason)
            case "reverse":
                services.reverse_fact(fact, by=by, reason=reason)
            case _:
                raise Http404
    except Refusal as refusal:
        say_no(request, refusal)
    else:
        messages.success(request, _("Decided."))
    return redirect("assessment:review", fact.period.code)


@require_GET
@login_required
def appeals(request: HttpRequest, code: str) -> HttpResponse:
    """The appeals of a period, open ones first."""
    period = office_period(request, code, Action.DECIDE_APPEALS)
    rows = (
        Appeal.objects.filter(result__period=period)
        .exclude(leader=person(request))
        .select_related("leader", "indicator", "result")
    )
    context = {
        "tab": "me",
        "period": period,
        "open": list(rows.filter(state=Appeal.State.OPEN)),
        "page": Paginator(rows.exclude(state=Appeal.State.OPEN), PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "assessment/appeals.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """One appeal beside the line it is about, what counted in it, and what was not accepted."""
    found = get_object_or_404(
        Appeal.objects.select_related("result__period__grid", "indicator", "leader"), pk=checked_id(pk)
    )
    period, by = found.result.period, person(request)
    if not policies.can(by, Action.DECIDE_APPEALS, period.grid):
        raise Http404
    form = JudgeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.decide_appeal(
                found, added=form.cleaned_data["added"], answer=form.cleaned_data["answer"], by=by
            )
        except Refusal as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Decided. The leader was told."))
            return redirect("assessment:appeals", period.code)
    about = {"period": period, "leader": found.leader, "indicator": found.indicator}
    context = {
        "tab": "me",
        "appeal": found,
        "period": period,
        "form": form,
        "line": found.result.lines.filter(indicator=found.indicator).first(),
        "claims": list(Claim.objects.filter(**about).prefetch_related("evidence")),
        "facts": list(Fact.objects.filter(**about)),
        "is_open": found.state == Appeal.State.OPEN,
        "is_third": _is_third(period, found, by),
    }
    return render(request, "assessment/judge.html", context)


def _is_third(period: AssessmentPeriod, appeal: Appeal, by: User) -> bool:
    gains = any(span.who == by.pk for span in spans_of(period))
    return appeal.leader_id != by.pk and not gains and not is_involved(period, appeal.leader_id, by)
