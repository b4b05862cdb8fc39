"""Member cards at the door: the organiser scans or types, one person after the other."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from points import clock, dates
from points.activities import services
from points.activities.models import Position, Registration, Shift
from points.activities.services.attendance import Method
from points.activities.views.answers import own_activity, own_shift, person, say_no, whole
from points.devices import camera_allowed
from points.people import cards as member_cards
from points.people.models import User
from points.refusals import Refusal

IN, OUT = "in", "out"


class CardForm(forms.Form):
    """What was scanned from a card, or a number somebody reads out."""

    given = forms.CharField(
        label=gettext_lazy("Member card, member number or phone number"),
        max_length=80,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )


@camera_allowed
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cards(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Check people in or out by their cards. Whoever is not signed up is offered a seat first."""
    activity = own_activity(request, code)
    shift = own_shift(activity, pk)
    step = request.POST.get("step") or request.GET.get("step") or usual_step(shift)
    if step not in (IN, OUT):
        raise Http404
    form = CardForm(request.POST or None)
    new: User | None = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["given"]
        try:
            with transaction.atomic():
                holder = holder_of(given)
                seat = seat_of(request, shift, holder)
                if seat is None:
                    new = holder
                else:
                    by, scanned = person(request), member_cards.is_card(given)
                    messages.success(request, check(seat, step, by=by, scanned=scanned))
                    return redirect(f"{reverse('organise:cards', args=[code, pk])}?step={step}&again=1")
        except Refusal as refusal:
            say_no(request, refusal)
            return redirect(f"{reverse('organise:cards', args=[code, pk])}?step={step}")
    people = Registration.objects.filter(shift=shift, state__in=Registration.HOLDS_A_SEAT)
    context: dict[str, Any] = {
        "tab": "activities",
        "activity": activity,
        "shift": shift,
        "step": step,
        "form": form if new else CardForm(),
        "new": new,
        "positions": shift.positions.all() if new else (),
        "again": request.GET.get("again") == "1",
        "can_tick": clock.now() >= shift.starts_at - services.OPENS_BEFORE,
        "opens_at": shift.starts_at - services.OPENS_BEFORE,
        "total": people.count(),
        "came": people.filter(checked_in_at__isnull=False).count(),
    }
    return render(request, "organise/cards.html", context)


def usual_step(shift: Shift) -> str:
    """Before the last quarter of the shift people come, then they leave; one press chooses the other."""
    late = shift.ends_at - dt.timedelta(minutes=shift.planned_minutes) / 4
    return OUT if clock.now() >= late else IN


def holder_of(given: str) -> User:
    """The person of a scanned card, or of a number or phone typed in."""
    if member_cards.is_card(given):
        return member_cards.person_of_card(given)
    return services.find_person(given)


def seat_of(request: HttpRequest, shift: Shift, holder: User) -> Registration | None:
    """The holder's seat; a new one where the organiser has chosen a position; else None."""
    seat = Registration.objects.filter(
        shift=shift, volunteer=holder, state__in=Registration.HOLDS_A_SEAT
    ).first()
    if seat is not None or "position" not in request.POST:
        return seat
    position = Position.objects.filter(shift=shift, pk=whole(request.POST.get("position"))).first()
    if position is None:
        raise Http404
    return services.sign_up(position, volunteer=holder, by=person(request), walk_in=True)


def check(seat: Registration, step: str, *, by: User, scanned: bool) -> str:
    """Do it, and say what now stands: the name, and the time of the first scan if it was not the first."""
    method = Method.CARD if scanned else Method.ROSTER
    if step == OUT:
        done = services.check_out(seat, by=by, method=method)
        words = _("%(name)s: checked out at %(time)s.")
        at = done.checked_out_at
    else:
        done = services.check_in(seat, by=by, method=method)
        words = _("%(name)s: checked in at %(time)s.")
        at = done.checked_in_at
    return words % {"name": done.volunteer.display_name, "time": dates.clocktime(at)}
