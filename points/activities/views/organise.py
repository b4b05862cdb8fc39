"""The organiser's activities: the list, writing one, publishing, calling it off."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from points import clock
from points.activities import services
from points.activities.forms_organise import ActivityEditor, CancelForm
from points.activities.models import Activity, Registration
from points.activities.views.answers import own_activity, person, say_no
from points.grids import policies
from points.refusals import Refusal

PER_PAGE = 20
State = Registration.State
COMING, CONFIRM, DRAFTS, PAST = "coming", "confirm", "drafts", "past"


@require_GET
@login_required
def activity_list(request: HttpRequest) -> HttpResponse:
    """The activities of my part of the town, with how many have signed up and what waits for me."""
    user = person(request)
    if not policies.has_any(user, policies.Action.ORGANISE):
        raise Http404
    now = clock.now()
    ours = Activity.objects.filter(policies.scope(user, policies.Action.ORGANISE))
    unconfirmed = Q(pk__in=Registration.objects.unconfirmed().values("shift__activity"))
    views = {
        COMING: (ours.open(), "last_ends_at"),
        CONFIRM: (ours.filter(unconfirmed), "last_ends_at"),
        DRAFTS: (ours.filter(state=Activity.State.DRAFT), "-created_at"),
        PAST: (ours.filter(Q(last_ends_at__lte=now) | Q(state=Activity.State.CANCELLED)), "-last_ends_at"),
    }
    names = {
        COMING: pgettext("organiser's list", "Coming"),
        CONFIRM: pgettext("organiser's list", "To confirm"),
        DRAFTS: pgettext("organiser's list", "Drafts"),
        PAST: pgettext("organiser's list", "Over"),
    }
    chosen = request.GET.get("show", COMING)
    if chosen not in views:
        chosen = COMING
    found, order = views[chosen]
    if words := request.GET.get("q", "").strip():
        found = found.filter(title__icontains=words)
    rows = found.with_counts().select_related("grid").order_by(order, "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": "activities",
        "page": page,
        "show": chosen,
        "q": words,
        "chips": [(key, name, views[key][0].count()) for key, name in names.items()],
    }
    return render(request, "organise/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    if not policies.has_any(request.user, policies.Action.ORGANISE):
        raise Http404
    return write(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    return write(request, own_activity(request, code))


def write(request: HttpRequest, activity: Activity | None) -> HttpResponse:
    """The form of an activity with its shifts and positions; "publish" saves and opens it."""
    editor = ActivityEditor(request, activity)
    if request.method == "POST" and not editor.more and editor.is_valid():
        draft = editor.form.save(commit=False)
        if activity is None:
            draft.organiser = person(request)
        try:
            with transaction.atomic():
                editor.form.save_picture()
                services.save_activity(draft, by=person(request), shifts=editor.plans())
                if "publish" in request.POST:
                    services.publish(draft, by=person(request))
        except (Refusal, ValidationError) as refusal:
            editor.refuse(refusal)
            if activity is None:
                draft.pk = None
        else:
            if "publish" in request.POST:
                messages.success(request, _("Published. People can sign up now."))
                return redirect(draft)
            messages.success(request, _("Saved."))
            return redirect("organise:edit", draft.code)
    context = {"tab": "activities", "editor": editor, "form": editor.form, "activity": activity}
    return render(request, "organise/form.html", context, status=200)


@login_required
@require_http_methods(["POST"])
def publish(request: HttpRequest, code: str) -> HttpResponse:
    activity = own_activity(request, code)
    try:
        services.publish(activity, by=person(request))
    except Refusal as refusal:
        say_no(request, refusal)
        return redirect("organise:edit", code)
    messages.success(request, _("Published. People can sign up now."))
    return redirect(activity)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for the reason, then call the activity off."""
    activity = own_activity(request, code)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.cancel_activity(activity, by=person(request), reason=form.cleaned_data["reason"])
        messages.success(request, _("Cancelled. Everybody's seat has been called off."))
        return redirect(activity)
    people = Registration.objects.filter(
        shift__activity=activity, state=State.SIGNED_UP, checked_in_at__isnull=True
    ).count()
    context = {"tab": "activities", "activity": activity, "form": form, "people": people}
    return render(request, "organise/cancel.html", context)
