"""Teams on the phone: the list, a team's page, joining and leaving, and signing the team up together."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from points import clock
from points.activities import services
from points.activities.forms_teams import TeamSignupForm
from points.activities.models import Activity, Registration, Shift
from points.activities.views.answers import person, say_no, visible_activity, whole
from points.grids import teams
from points.grids.models import Team, TeamMember
from points.people.models import User
from points.records.models import ServiceRecord
from points.refusals import Refusal

PER_PAGE = 20
ENOUGH_TO_COUNT = 3
"""From so many members on, the team's total says nothing about any one of them."""
State = TeamMember.State


@require_GET
@login_required
def team_list(request: HttpRequest) -> HttpResponse:
    """Every team, mine first."""
    found = (
        Team.objects.select_related("grid", "guided_by")
        .annotate(
            people=Count("members", filter=Q(members__state=State.MEMBER)),
            is_mine=Count("members", filter=Q(members__state=State.MEMBER, members__user=person(request))),
        )
        .order_by("-is_mine", "grid__path", "name", "pk")
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "teams/list.html", {"tab": "me", "page": page})


def hours_of(team: Team) -> int:
    """The minutes of service of everybody who is in the team now."""
    members = team.members.filter(state=State.MEMBER).values("user")
    total = ServiceRecord.objects.valid().filter(volunteer__in=members).aggregate(sum=Sum("minutes"))["sum"]
    return total or 0


def coming_shifts(team: Team) -> list[Shift]:
    """Where members will be, with how many of them: no names."""
    members = team.members.filter(state=State.MEMBER).values("user")
    return list(
        Shift.objects.filter(ends_at__gt=clock.now(), activity__state=Activity.State.OPEN)
        .annotate(
            together=Count(
                "registrations",
                filter=Q(
                    registrations__volunteer__in=members,
                    registrations__state=Registration.State.SIGNED_UP,
                ),
            )
        )
        .filter(together__gt=0)
        .select_related("activity__grid")
        .order_by("starts_at", "pk")[:20]
    )


@require_GET
@login_required
def team(request: HttpRequest, code: str) -> HttpResponse:
    """A team's page: who guides it, what it does; for its people also names, requests and coming shifts."""
    ours = get_object_or_404(Team.objects.select_related("grid", "guided_by"), code=code)
    user = person(request)
    mine = teams.membership(ours, user)
    runs = teams.may_run(user, ours)
    inside = runs or (mine is not None and mine.state == State.MEMBER)
    members = list(
        ours.members.filter(state=State.MEMBER)
        .select_related("user")
        .order_by("-is_leader", "decided_at", "pk")
    )
    context: dict[str, Any] = {
        "tab": "me",
        "team": ours,
        "mine": mine,
        "runs": runs,
        "inside": inside,
        "leads": mine is not None and mine.is_leader,
        "members": members,
        "minutes": hours_of(ours) if inside or len(members) >= ENOUGH_TO_COUNT else None,
    }
    if inside:
        context["coming"] = coming_shifts(ours)
    if runs:
        context["asked"] = ours.members.filter(state=State.ASKED).select_related("user").order_by("pk")
    return render(request, "teams/team.html", context)


@require_POST
@login_required
def act(request: HttpRequest, code: str) -> HttpResponse:
    """My own membership: ask, leave, let the leader sign me up or not."""
    ours = get_object_or_404(Team, code=code)
    user, what = person(request), request.POST.get("do")
    mine = teams.membership(ours, user)
    try:
        if what == "join":
            teams.ask_to_join(ours, user=user)
            messages.success(request, _("Asked. A leader answers, and you are told."))
        elif mine is None:
            raise Http404
        elif what == "leave":
            teams.leave_team(mine, by=user)
            messages.success(request, _("You have left the team."))
        elif what in ("agree", "disagree"):
            teams.let_leader_sign_me_up(mine, by=user, agreed=what == "agree")
            messages.success(request, _("Saved."))
        else:
            raise Http404
    except Refusal as refusal:
        say_no(request, refusal)
    return redirect(ours)


@require_POST
@login_required
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """A leader answers a request, or makes one more leader."""
    member = get_object_or_404(
        TeamMember.objects.select_related("team__grid", "user"),
        pk=whole(request.POST.get("member")),
        team__code=code,
    )
    user, what = person(request), request.POST.get("do")
    if not teams.may_run(user, member.team) or what not in ("take_in", "refuse", "leader", "remove"):
        raise Http404
    try:
        if what == "leader":
            teams.make_leader(member, by=user)
        elif what == "remove":
            teams.leave_team(member, by=user)
        else:
            teams.answer_request(member, by=user, take_in=what == "take_in")
    except Refusal as refusal:
        say_no(request, refusal)
    else:
        messages.success(request, _("Saved."))
    return redirect(member.team)


def teams_led_by(user: User) -> list[Team]:
    led = TeamMember.objects.filter(user=user, state=State.MEMBER, is_leader=True)
    return list(Team.objects.filter(pk__in=led.values("team")).order_by("name", "pk"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_together(request: HttpRequest, code: str) -> HttpResponse:
    """A leader chooses a position and people of the team; the answer names everybody."""
    activity = visible_activity(request, code)
    led = teams_led_by(person(request))
    if not led:
        raise Http404
    asked = request.POST.get("team") or request.GET.get("team")
    ours = next((each for each in led if each.code == asked), led[0])
    form = TeamSignupForm(request.POST or None, activity=activity, team=ours, leader=person(request))
    result = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            result = services.sign_up_team(
                data["position"],
                team=ours,
                people=[each.user for each in data["members"]],
                by=person(request),
                all_or_none=data["all_or_none"],
            )
        except Refusal as refusal:
            form.add_error(None, refusal.messages)  # type: ignore[arg-type]
        else:
            say_what_was_done(request, result)
            if not result.refused:
                return redirect(activity)
    context = {
        "tab": "activities",
        "activity": activity,
        "team": ours,
        "led": led,
        "form": form,
        "result": result,
    }
    return render(request, "teams/sign_up.html", context)


def say_what_was_done(request: HttpRequest, result: services.TeamSignup) -> None:
    if result.done:
        text = ngettext("%(number)s person signed up.", "%(number)s people signed up.", len(result.done))
        messages.success(request, text % {"number": len(result.done)})
    elif result.refused:
        messages.warning(request, _("Nobody has been signed up."))
