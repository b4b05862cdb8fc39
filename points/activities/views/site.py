"""What everybody sees: the list, one activity, my own sign-ups."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from points import clock
from points.activities import finding, offers, services
from points.activities.forms import EVERYWHERE, NEAR, FilterForm
from points.activities.models import Activity, Registration
from points.activities.services.seats import cancel_deadline
from points.activities.views import absences, joining, teams
from points.activities.views.answers import person, say_no, visible_activity, whole
from points.grids import policies
from points.grids.models import GridUnit
from points.grids.services import home_of
from points.refusals import Refusal

PER_PAGE = 12
State = Registration.State


@require_GET
def activity_list(request: HttpRequest) -> HttpResponse:
    """Open activities, near the member's home unless they ask for another place."""
    home = home_of(person(request)) if request.user.is_authenticated else None
    near = finding.nearby(home) if home else None
    places = finding.places_with_activities(also=[near] if near else [])
    data = request.GET.copy()
    if data.get("grid", "") not in {EVERYWHERE, *(place.code for place in places)}:
        data["grid"] = NEAR if near else EVERYWHERE
    form = FilterForm(data, places=places, near=near)
    form.is_valid()
    chosen = form.cleaned_data
    grid: GridUnit | None = near
    if chosen.get("grid") != NEAR:
        grid = next((place for place in places if place.code == chosen.get("grid")), None)
    start, end = finding.span_of(chosen.get("when") or "", chosen.get("from_day"))
    found = finding.find(
        start=start,
        end=end,
        grid=grid,
        category=chosen.get("category") or "",
        words=chosen.get("q") or "",
        free_only=bool(chosen.get("free")),
    )
    page = Paginator(offers.with_pictures(found), PER_PAGE).get_page(request.GET.get("page"))
    narrowed = any(chosen.get(name) for name in ("q", "when", "from_day", "category", "free"))
    context = {
        "tab": "activities",
        "form": form,
        "page": page,
        "cards": offers.cards(list(page.object_list), start=start, end=end),
        "near": near if chosen.get("grid") == NEAR else None,
        "place": grid,
        "narrowed": narrowed,
        "everywhere": f"{reverse('activities:list')}?grid={EVERYWHERE}",
        "times": [
            {"value": value, "label": label, "on": (chosen.get("when") or "") == value}
            for value, label in form.fields["when"].choices  # type: ignore[attr-defined]
        ],
    }
    return render(request, "activities/list.html", context)


@require_GET
def activity_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One activity: the facts, what it brings, the shifts with their positions, and my own seat in each."""
    activity = visible_activity(request, code)
    card = offers.cards([activity])[0]
    mine: dict[int, Registration] = {}
    if request.user.is_authenticated:
        seats = Registration.objects.filter(
            shift__activity=activity, volunteer=person(request), state__in=Registration.HOLDS_A_SEAT
        ).select_related("position")
        mine = {registration.shift_id: registration for registration in seats}
    queues = joining.Queues(activity, request.user)
    now = clock.now()
    shifts: list[dict[str, Any]] = [
        {
            "offer": offer,
            "mine": mine.get(offer.shift.pk),
            "entry": queues.mine.get(offer.shift.pk),
            "positions": queues.rows(offer.positions),
            "late": now >= cancel_deadline(offer.shift),
            "deadline": cancel_deadline(offer.shift),
            "is_now": offer.shift.starts_at - services.OPENS_BEFORE <= now <= offer.shift.ends_at,
        }
        for offer in card.offers
    ]
    is_open = activity.state == Activity.State.OPEN
    free = [
        position
        for shift in shifts
        if is_open and shift["offer"].is_open and not shift["mine"] and not shift["entry"]
        for position in shift["offer"].positions
        if position.seats_left > 0
    ]
    context = {
        "tab": "activities",
        "activity": activity,
        "card": card,
        "shifts": shifts,
        "has_seat": bool(mine),
        "free": free,
        "only": free[0] if len(free) == 1 and not mine else None,
        "needs": list(activity.needs.all()),
        "leads_a_team": request.user.is_authenticated and bool(teams.teams_led_by(person(request))),
        "may_organise": policies.can(request.user, policies.Action.ORGANISE, activity.grid),
        "place_phone": activity.contact_phone or activity.organization.phone,
    }
    return render(request, "activities/detail.html", context)


@require_POST
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """Give my own seat back."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("activities:detail", args=[code]))
    registration = get_object_or_404(
        Registration.objects.select_related("shift__activity"),
        pk=whole(request.POST.get("registration")),
        volunteer=person(request),
        shift__activity__code=code,
    )
    try:
        registration = services.cancel_registration(registration, by=person(request))
    except Refusal as refusal:
        say_no(request, refusal)
    else:
        if registration.state == State.LATE_CANCELLED:
            messages.info(request, _("Cancelled, after the deadline. Please call the organiser as well."))
        else:
            messages.success(request, _("Cancelled. Your seat is free for somebody else."))
    if request.POST.get("next") == "mine":
        return redirect("activities:mine")
    return HttpResponseRedirect(reverse("activities:detail", args=[code]))


@require_GET
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """My sign-ups: what is coming, then what was."""
    all_mine = Registration.objects.filter(volunteer=person(request)).select_related(
        "position", "shift__activity__grid"
    )
    now = clock.now()
    coming = all_mine.filter(state=State.SIGNED_UP, shift__ends_at__gt=now).order_by("shift__starts_at", "pk")
    past = all_mine.exclude(pk__in=coming.values("pk")).order_by("-shift__starts_at", "-pk")
    page = Paginator(past, 20).get_page(request.GET.get("page"))
    rows = [
        {
            "registration": registration,
            "is_now": registration.shift.starts_at - services.OPENS_BEFORE <= now,
            "late": now >= cancel_deadline(registration.shift),
            "deadline": cancel_deadline(registration.shift),
        }
        for registration in coming[:50]
    ]
    context = {
        "tab": "me",
        "coming": rows,
        "page": page,
        "queue": joining.own_entries(person(request)),
        "marks": absences.own_marks(person(request)),
    }
    return render(request, "activities/mine.html", context)
