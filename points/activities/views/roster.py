"""The organiser at the door: the roster, the code on the screen, confirming, the printed sheet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from djmoney.money import Money

from points import clock
from points.activities import services
from points.activities.forms_organise import TimesForm, WalkInForm
from points.activities.models import Activity, Registration, Shift, WaitlistEntry
from points.activities.services.attendance import Method
from points.activities.services.confirming import grade_of
from points.activities.services.registration import add_walk_in
from points.activities.views.answers import own_activity, own_shift, person, say_no, whole
from points.grids import policies
from points.qr import qr_svg
from points.records.models import ServiceRecord
from points.records.reckoning import service_act
from points.records.services import creditable_minutes
from points.refusals import Refusal
from points.schemes import rules as scheme_rules
from points.schemes.models import SchemeVersion
from points.schemes.services import version_in_force
from points.units import BEAN

State = Registration.State
SCREEN_SECONDS = 10


def chosen_shift(request: HttpRequest, activity: Activity) -> Shift | None:
    """The shift asked for, else the one of now, else the next, else the last."""
    shifts = list(activity.shifts.all())
    if asked := request.GET.get("shift"):
        return next((shift for shift in shifts if str(shift.pk) == asked), None) or not_found()
    now = clock.now()
    coming = [shift for shift in shifts if shift.ends_at + services.CLOSES_AFTER > now]
    return next(iter(coming or shifts[-1:]), None)


def not_found() -> Shift:
    raise Http404


@never_cache
@require_GET
@login_required
def roster(request: HttpRequest, code: str) -> HttpResponse:
    """Who has signed up for a shift and who is there: tick in, tick out, search, add somebody."""
    activity = own_activity(request, code)
    shift = chosen_shift(request, activity)
    context = {"tab": "activities", "activity": activity, "shift": shift, "shifts": activity.shifts.all()}
    if shift is not None:
        people = (
            Registration.objects.filter(shift=shift, state__in=Registration.HOLDS_A_SEAT)
            .select_related("volunteer", "position")
            .order_by("volunteer__name", "pk")
        )
        everybody = list(people)
        words = request.GET.get("q", "").strip()
        if words:
            people = people.filter(
                Q(volunteer__name__icontains=words)
                | Q(volunteer__username__icontains=words)
                | Q(volunteer__phone__icontains=words)
            )
        context |= {
            "people": list(people) if words else everybody,
            "q": words,
            "total": len(everybody),
            "came": sum(1 for each in everybody if each.checked_in_at),
            "inside": sum(1 for each in everybody if each.checked_in_at and not each.checked_out_at),
            "walk_in": WalkInForm(shift=shift),
            "waiting": WaitlistEntry.objects.filter(shift=shift, state__in=WaitlistEntry.OPEN)
            .select_related("volunteer", "position")
            .order_by("position", "pk"),
            "can_tick": clock.now() >= shift.starts_at - services.OPENS_BEFORE,
            "started": clock.now() >= shift.starts_at,
            "is_over": clock.now() >= shift.ends_at,
            "shared": services.shared_devices(shift),
            "code_is_on": clock.now() <= shift.ends_at + services.CLOSES_AFTER,
            "may_confirm": policies.can(request.user, policies.Action.CONFIRM, activity.grid),
        }
    return render(request, "organise/roster.html", context)


def back_to_roster(shift: Shift, registration: Registration | None = None) -> HttpResponse:
    mark = f"#p{registration.pk}" if registration else ""
    url = reverse("organise:roster", args=[shift.activity.code])
    return HttpResponseRedirect(f"{url}?shift={shift.pk}{mark}")


@require_POST
@login_required
def tick(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One press on the roster: in, out, both taken back, times put right, did not come."""
    shift = own_shift(own_activity(request, code), pk)
    registration = get_object_or_404(
        Registration.objects.select_related("volunteer"),
        pk=whole(request.POST.get("registration")),
        shift=shift,
    )
    by, what = person(request), request.POST.get("do")
    now = clock.now()
    # Whoever is ticked in after the end was there before it: the organiser puts the time right afterwards.
    late = min(now, shift.ends_at) if now > shift.ends_at else None
    try:
        if what == "in":
            came = shift.starts_at if late else None
            services.check_in(registration, by=by, method=Method.ROSTER, at=came)
        elif what == "out":
            services.check_out(registration, by=by, method=Method.ROSTER, at=late)
        elif what == "times":
            form = TimesForm(request.POST, prefix=f"t{registration.pk}")
            if form.is_valid():
                came_at, left_at = form.moments(shift)
                services.correct_times(registration, by=by, checked_in_at=came_at, checked_out_at=left_at)
            else:
                messages.error(request, _("Enter times like 09:00."))
        elif what == "undo":
            services.correct_times(registration, by=by, checked_in_at=None, checked_out_at=None)
        elif what in ("no_show", "excused"):
            services.mark_no_show(registration, by=by, excused=what == "excused")
        else:
            raise Http404
    except Refusal as refusal:
        messages.error(request, f"{registration.volunteer.display_name}: {refusal.as_text()}")
    return back_to_roster(shift, registration)


@require_POST
@login_required
def walk_in(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Add somebody who came without signing up, and tick them in if the shift is on."""
    shift = own_shift(own_activity(request, code), pk)
    form = WalkInForm(request.POST, shift=shift)
    if not form.is_valid():
        messages.error(request, _("Enter a phone number or user name and choose a position."))
        return back_to_roster(shift)
    try:
        registration = add_walk_in(
            form.cleaned_data["position"], given=form.cleaned_data["given"], by=person(request)
        )
        messages.success(
            request, _("%(name)s is on the list.") % {"name": registration.volunteer.display_name}
        )
    except Refusal as refusal:
        say_no(request, refusal)
        return back_to_roster(shift)
    return back_to_roster(shift, registration)


@never_cache
@require_GET
@login_required
def code_screen(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The code for everybody to see; the page renews itself, with or without JavaScript."""
    activity = own_activity(request, code)
    shift = own_shift(activity, pk)
    now = clock.now()
    people = Registration.objects.filter(shift=shift, state__in=Registration.HOLDS_A_SEAT)
    came = people.filter(checked_in_at__isnull=False)
    is_on = shift.starts_at - services.OPENS_BEFORE <= now <= shift.ends_at + services.CLOSES_AFTER
    left = services.seconds_left(now)
    address = request.build_absolute_uri(reverse("activities:scan", args=[services.check_token(shift, now)]))
    context = {
        "tab": "activities",
        "activity": activity,
        "shift": shift,
        "code": services.check_code(shift, now),
        "qr": qr_svg(address, label=_("QR code for checking in and out")),
        "left": left,
        "window": services.WINDOW_SECONDS,
        "renew": min(left + 1, SCREEN_SECONDS),
        "is_on": is_on,
        "is_before": now < shift.starts_at,
        "opens_at": shift.starts_at - services.OPENS_BEFORE,
        "total": people.count(),
        "came": came.count(),
        "inside": came.filter(checked_out_at__isnull=True).count(),
        "check_address": request.build_absolute_uri(reverse("activities:check")),
    }
    return render(request, "organise/code.html", context)


@dataclass
class Line:
    """One person on the page of confirmation."""

    registration: Registration
    minutes: int | None
    beans: Money | None
    grade: str
    left_at: dt.datetime | None
    is_own: bool
    still_inside: bool


def line_of(registration: Registration, shift: Shift, version: SchemeVersion | None, user_pk: int) -> Line:
    """What confirming would record for one person who came."""
    came, left = registration.checked_in_at, registration.checked_out_at
    over = clock.now() >= shift.ends_at
    assumed = left or (max(shift.ends_at, came) if over and came else None)
    minutes, beans = None, None
    grade = grade_of(registration)
    if came and assumed:
        minutes = creditable_minutes(shift.starts_at, shift.ends_at, came, assumed)
        if version is not None and shift.activity.is_service:
            act = service_act(
                volunteer=registration.volunteer,
                served_on=timezone.localdate(shift.starts_at),
                minutes=minutes,
                planned_minutes=shift.planned_minutes,
                category=shift.activity.category,
                grade=grade,
                claimed_on=clock.today(),
            )
            beans = Money(scheme_rules.award(version.as_rules(), act).beans, BEAN)
    return Line(
        registration=registration,
        minutes=minutes,
        beans=beans,
        grade=str(ServiceRecord.Grade(grade).label),
        left_at=assumed,
        is_own=registration.volunteer_id == user_pk,
        still_inside=assumed is None,
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The whole list at once: who came gets hours and beans, who did not is written down as absent."""
    activity = own_activity(request, code, policies.Action.CONFIRM)
    shift = own_shift(activity, pk)
    open_states = (State.SIGNED_UP, State.NO_SHOW, State.EXCUSED)
    people = list(
        Registration.objects.filter(shift=shift, state__in=open_states)
        .select_related("volunteer", "position")
        .order_by("volunteer__name", "pk")
    )
    present = [each for each in people if each.checked_in_at]
    absent = [each for each in people if not each.checked_in_at]
    if request.method == "POST":
        ticked = {text for text in request.POST.getlist("present") if text.isdigit()}
        choice = {each.pk: request.POST.get(f"absent{each.pk}", "") for each in absent}
        try:
            done = services.confirm_shift(
                shift,
                by=person(request),
                registrations=[each for each in present if str(each.pk) in ticked],
                no_shows=[each for each in absent if choice[each.pk] == State.NO_SHOW],
                excused=[each for each in absent if choice[each.pk] == State.EXCUSED],
            )
        except Refusal as refusal:
            say_no(request, refusal)
            return redirect("organise:confirm", code, pk)
        say_what_was_done(request, done)
        return back_to_roster(shift) if not done.refused else redirect("organise:confirm", code, pk)
    version = version_in_force(activity.grid, timezone.localdate(shift.starts_at))
    lines = [line_of(each, shift, version, person(request).pk) for each in present]
    ready = [line for line in lines if not line.is_own and not line.still_inside]
    context = {
        "tab": "activities",
        "activity": activity,
        "shift": shift,
        "lines": lines,
        "absent": absent,
        "shared": services.shared_devices(shift),
        "started": clock.now() >= shift.starts_at,
        "minutes": sum(line.minutes or 0 for line in ready),
        "beans": Money(sum(int(line.beans.amount) for line in ready if line.beans), BEAN),
        "recorded": Registration.objects.filter(shift=shift, state=State.RECORDED).count(),
    }
    return render(request, "organise/confirm.html", context)


def say_what_was_done(request: HttpRequest, done: services.Confirmation) -> None:
    """The summary of one press as sentences."""
    if done.records:
        text = ngettext(
            "%(people)s person confirmed: %(beans)s beans are now in public notice.",
            "%(people)s people confirmed: %(beans)s beans are now in public notice.",
            len(done.records),
        )
        messages.success(request, text % {"people": len(done.records), "beans": done.beans})
    if done.present_only:
        text = ngettext(
            "%(people)s person written down as present.",
            "%(people)s people written down as present.",
            len(done.present_only),
        )
        messages.success(request, text % {"people": len(done.present_only)})
    if absent := len(done.no_shows) + len(done.excused):
        text = ngettext(
            "%(people)s person written down as absent.", "%(people)s people written down as absent.", absent
        )
        messages.info(request, text % {"people": absent})
    for registration, refusal in done.refused:
        messages.warning(request, f"{registration.volunteer.display_name}: {refusal.as_text()}")
    if not (done.records or done.present_only or done.refused or done.no_shows or done.excused):
        messages.info(request, _("Nothing was ticked, so nothing has changed."))


@require_GET
@login_required
def sheet(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A sign-in sheet for paper, with some empty lines; it can be keyed in or imported later."""
    activity = own_activity(request, code)
    shift = own_shift(activity, pk)
    people = shift.registrations.on_paper()
    context = {
        "tab": "activities",
        "activity": activity,
        "shift": shift,
        "people": people,
        "blank": range(8),
    }
    return render(request, "organise/sheet.html", context)
