"""A record with all its versions, for its volunteer; objecting to one, for everybody who sees it (F-V6)."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from points.people.models import User
from points.records import objections, services
from points.records.corrections import versions_of
from points.records.forms import ObjectionForm
from points.records.models import Objection, ServiceRecord
from points.records.words import explain, is_in_notice
from points.refusals import Refusal

PER_PAGE = 20
LARGEST_ID = 2**63 - 1


@login_required
@require_safe
def record(request: HttpRequest, number: str) -> HttpResponse:
    """My record: what it says, why, what it said before, and what was objected to."""
    versions = versions_of(number, of=cast(User, request.user))
    if not versions:
        raise Http404
    newest = versions[0]
    about = Objection.objects.filter(record__number=number).order_by("-raised_at", "-pk")
    context = {
        "tab": "me",
        "record": newest,
        "explanation": explain(newest),
        "earlier": versions[1:],
        "objections": list(about),
        "may_object": newest.state != ServiceRecord.State.HELD and not any(one.is_open for one in about),
        "in_notice": is_in_notice(newest),
        "me": request.user,
    }
    return render(request, "records/record.html", context)


@login_required
def object_to(request: HttpRequest, number: str) -> HttpResponse:
    """Say that a record is wrong: everybody within the public notice, its volunteer also afterwards."""
    by = cast(User, request.user)
    record = _questionable(number, by)
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            objections.object_to(record, claim=data["claim"], text=data["text"], by=by)
        except Refusal as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Thank you. Somebody who did not confirm this record looks at it."))
            return redirect("records:objections")
    context = {
        "tab": "me",
        "form": form,
        "record": record,
        "mine": record.volunteer_id == by.pk,
        "in_notice": is_in_notice(record),
        "back": services.page_of(record) if record.volunteer_id == by.pk else "",
    }
    return render(request, "records/object.html", context)


def _questionable(number: str, by: User) -> ServiceRecord:
    """The newest version, if this person may know of it here: in notice, or their own."""
    seen = ServiceRecord.objects.valid().filter(number=number).with_consent_to_name()
    record: ServiceRecord = get_object_or_404(seen.select_related("volunteer", "recording_unit"))
    if record.volunteer_id != by.pk and not ServiceRecord.objects.in_notice().filter(pk=record.pk).exists():
        raise Http404
    return record


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What I objected to, what others said about my records, and the answers."""
    user = cast(User, request.user)
    rows = Objection.objects.filter(Q(raised_by=user) | Q(record__volunteer=user))
    rows = rows.select_related("record__volunteer", "result").order_by("-raised_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "records/objections.html", {"tab": "me", "page": page, "me": user})


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take my objection back. Somebody else's does not exist here."""
    if pk > LARGEST_ID:
        raise Http404
    objection = get_object_or_404(Objection, pk=pk, raised_by=request.user)
    try:
        objections.withdraw(objection, by=cast(User, request.user))
    except Refusal as refusal:
        messages.error(request, refusal.as_text())
    else:
        messages.success(request, _("Your objection has been taken back."))
    return redirect("records:objections")
