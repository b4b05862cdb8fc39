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

from points import clock, dates
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
        "answers": services.answers_waiting(user).count(),
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
                refused = save(request, editor, draft)
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
            for later, why in refused:
                messages.warning(request, f"{dates.day(later.first_starts_at)}: {why.as_text()}")
            return redirect("organise:edit", draft.code)
    context = {
        "tab": "activities",
        "editor": editor,
        "form": editor.form,
        "activity": activity,
        "later": services.later_in_series(activity).count() if activity else 0,
    }
    return render(request, "organise/form.html", context, status=200)


def save(request: HttpRequest, editor: ActivityEditor, draft: Activity) -> list[tuple[Activity, Refusal]]:
    """Write it, with the later ones of its series when that was ticked; returns what those refused."""
    by = person(request)
    if draft.pk is None or "later" not in request.POST:
        services.save_activity(draft, by=by, shifts=editor.plans())
        editor.form.save_m2m()
        return []
    changed = {"cover" if name == "picture" else name for name in editor.form.changed_data}
    refused = services.save_this_and_later(
        draft,
        by=by,
        shifts=editor.plans(),
        needs=editor.form.cleaned_data["needs"] if "needs" in changed else None,
        changed=changed,
    )
    editor.form.save_m2m()
    return refused


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
        call_off = services.cancel_this_and_later if "later" in request.POST else services.cancel_activity
        call_off(activity, by=person(request), reason=form.cleaned_data["reason"])
        messages.success(request, _("Called off. Everybody with a seat has been told."))
        return redirect(activity)
    people = Registration.objects.filter(
        shift__activity=activity, state=State.SIGNED_UP, checked_in_at__isnull=True
    ).count()
    context = {
        "tab": "activities",
        "activity": activity,
        "form": form,
        "people": people,
        "later": services.later_in_series(activity).count(),
    }
    return render(request, "organise/cancel.html", context)
