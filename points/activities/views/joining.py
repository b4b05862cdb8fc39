"""Taking a seat, standing in the queue for one, answering an offer.

Two answers are questions rather than refusals: a small overlap asks for a second press, an activity for a
certain age asks for the year of birth. Both come as a page of their own that goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from points.activities import errors, services
from points.activities.forms import BirthYearForm
from points.activities.models import Activity, Position, WaitlistEntry
from points.activities.views.answers import person, say_no, visible_activity, whole
from points.people.models import User
from points.refusals import Refusal

State = WaitlistEntry.State


class Queues:
    """The waiting lists of one activity as one person sees them. Two queries."""

    def __init__(self, activity: Activity, user: Any) -> None:
        waiting = WaitlistEntry.objects.filter(shift__activity=activity, state=State.WAITING)
        self.lengths = dict(
            waiting.order_by()
            .values_list("position")
            .annotate(number=Count("pk"))
            .values_list("position", "number")
        )
        self.mine: dict[int, WaitlistEntry] = {}
        self.numbers: dict[int, int] = {}
        if user.is_authenticated:
            entries = WaitlistEntry.objects.filter(
                shift__activity=activity, volunteer=user, state__in=WaitlistEntry.OPEN
            ).select_related("position")
            self.mine = {entry.shift_id: entry for entry in entries if not entry.is_lapsed}
            self.numbers = {entry.pk: services.number_of(entry) for entry in self.mine.values()}

    def rows(self, positions: Sequence[Position]) -> list[dict[str, Any]]:
        """Each position with the length of its queue and my place in it."""
        rows = []
        for position in positions:
            entry = self.mine.get(position.shift_id)
            mine = entry if entry is not None and entry.position_id == position.pk else None
            number = self.numbers.get(mine.pk, 0) if mine is not None else 0
            waiting = self.lengths.get(position.pk, 0)
            rows.append({"position": position, "entry": mine, "number": number, "waiting": waiting})
        return rows


def own_entries(volunteer: User) -> list[dict[str, Any]]:
    """My open places in queues, offers first, with my number."""
    entries = WaitlistEntry.objects.filter(volunteer=volunteer, state__in=WaitlistEntry.OPEN).select_related(
        "position", "shift__activity__grid"
    )
    rows = [
        {"entry": entry, "number": services.number_of(entry)}
        for entry in entries.order_by("shift__starts_at", "pk")[:20]
        if not entry.is_lapsed
    ]
    return sorted(rows, key=lambda row: bool(row["number"]))


def wanted_position(request: HttpRequest, activity: Activity) -> Position:
    return get_object_or_404(
        Position.objects.select_related("shift"),
        pk=whole(request.POST.get("position")),
        shift__activity=activity,
    )


def is_second_press(request: HttpRequest) -> bool:
    return request.POST.get("again") == "yes"


def take_birth_year(request: HttpRequest) -> BirthYearForm | None:
    """Save the year if one was sent; the form comes back when it cannot be a year of birth."""
    if "birth_year" not in request.POST:
        return None
    form = BirthYearForm(request.POST, user=person(request))
    if form.is_valid():
        form.save()
        return None
    return form


def ask(request: HttpRequest, activity: Activity, refusal: Refusal, form: Any = None) -> HttpResponse:
    """The page that asks and goes on with the same request, or the refusal on the activity's page."""
    is_age = isinstance(refusal, errors.BirthYearMissing)
    if not is_age and not isinstance(refusal, errors.Overlap):
        say_no(request, refusal)
        return redirect(activity)
    kept = [(name, request.POST.get(name, "")) for name in ("position", "entry", "do", "next")]
    context = {
        "tab": "activities",
        "activity": activity,
        "sentence": refusal.as_text(),
        "action": request.path,
        "kept": [(name, value) for name, value in kept if value],
        "again": not is_age or is_second_press(request),
        "form": (form or BirthYearForm(user=person(request))) if is_age else None,
    }
    return render(request, "activities/ask.html", context)


@require_POST
def sign_up(request: HttpRequest, code: str) -> HttpResponse:
    """Take a seat. A second press gives the same answer."""
    activity = visible_activity(request, code)
    if not request.user.is_authenticated:
        return redirect_to_login(activity.get_absolute_url())
    position = wanted_position(request, activity)
    if (form := take_birth_year(request)) is not None:
        return ask(request, activity, errors.BirthYearMissing(), form)
    try:
        registration = services.sign_up(
            position,
            volunteer=person(request),
            by=person(request),
            despite_overlap=is_second_press(request),
        )
    except Refusal as refusal:
        return ask(request, activity, refusal)
    messages.success(
        request,
        _("You are signed up as “%(position)s”. Thank you!") % {"position": registration.position.name},
    )
    return redirect(activity)


@require_POST
def wait(request: HttpRequest, code: str) -> HttpResponse:
    """Stand in the queue of a full position."""
    activity = visible_activity(request, code)
    if not request.user.is_authenticated:
        return redirect_to_login(activity.get_absolute_url())
    position = wanted_position(request, activity)
    if (form := take_birth_year(request)) is not None:
        return ask(request, activity, errors.BirthYearMissing(), form)
    try:
        entry = services.join_waitlist(position, volunteer=person(request), by=person(request))
    except Refusal as refusal:
        return ask(request, activity, refusal)
    messages.success(
        request,
        _("You are number %(number)s on the waiting list. We tell you as soon as a place is free.")
        % {"number": services.number_of(entry)},
    )
    return redirect(activity)


@require_POST
def answer_offer(request: HttpRequest, code: str) -> HttpResponse:
    """Take the offered place, decline it, or leave the queue."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("activities:detail", args=[code]))
    entry = get_object_or_404(
        WaitlistEntry.objects.select_related("shift__activity", "position"),
        pk=whole(request.POST.get("entry")),
        volunteer=person(request),
        shift__activity__code=code,
    )
    activity = entry.shift.activity
    if request.POST.get("do") == "take":
        try:
            services.accept_offer(entry, by=person(request), despite_overlap=is_second_press(request))
        except Refusal as refusal:
            return ask(request, activity, refusal)
        messages.success(
            request,
            _("You are signed up as “%(position)s”. Thank you!") % {"position": entry.position.name},
        )
    else:
        was_offered = entry.state == State.OFFERED
        services.leave_waitlist(entry, by=person(request))
        messages.success(
            request,
            _("Declined. The place goes to the next person.")
            if was_offered
            else _("You have left the waiting list."),
        )
    if request.POST.get("next") == "mine":
        return redirect("activities:mine")
    return redirect(activity)
