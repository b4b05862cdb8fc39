"""The back office pages of an import: choose a sheet, see what is in it, import it, find it again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from wagtail.admin import messages

from points.activities import services
from points.activities.models import Activity, ImportRun
from points.activities.services.import_report import ERROR, OK, WARNING, RowReport
from points.activities.services.import_runs import STOPPED
from points.activities.services.sheet_reading import MAX_BYTES
from points.activities.views.answers import own_activity, person
from points.grids import policies
from points.refusals import Refusal

IMPORT = policies.Action.IMPORT_RECORDS
RUNS_SHOWN = 20
ROWS_SHOWN = 100
RENEW = 3
"""Seconds until the bar is looked at again."""


class ImportForm(forms.Form):
    """The sheet. Its content decides what it is, not its name."""

    file = forms.FileField(
        label=_("Sign-in sheet"),
        help_text=_("XLSX, or CSV in UTF-8 or GB18030; up to 5 MB and 5,000 rows."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )
    create_people = forms.BooleanField(
        label=_("Make accounts for people who are not registered yet"),
        required=False,
        help_text=_("Only rows with a phone number. The signature on the sheet is taken as their consent."),
    )

    def __init__(self, *args: object, may_create: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not may_create:
            del self.fields["create_people"]


def my_runs(request: HttpRequest) -> QuerySet[ImportRun]:
    """What this person uploaded, as far as they still may import there; names stand in it, so nobody else."""
    mine = policies.scope(request.user, IMPORT, lookup="activity__grid")
    runs = ImportRun.objects.filter(mine, uploaded_by=person(request))
    return runs.select_related("activity__grid").order_by("-created_at", "-pk")


def frame(title: str, *trail: tuple[str, str], sublabel: str = "") -> dict[str, Any]:
    """What Wagtail's frame around a page shows."""
    items = [
        {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
        *({"url": url, "label": label} for url, label in trail),
        {"url": "", "label": title, "sublabel": sublabel},
    ]
    return {"page_title": title, "header_title": title, "header_icon": "upload", "breadcrumbs_items": items}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def import_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """Choose a file. What is no sheet is refused here; any other is checked next, and nothing is written."""
    activity: Activity = own_activity(request, code, IMPORT)
    may_create = policies.can(request.user, policies.Action.MANAGE_PEOPLE, activity.grid)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ImportForm(*sent, may_create=may_create)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = services.upload_sheet(
                activity,
                data=file.read(MAX_BYTES + 1),
                name=file.name,
                by=person(request),
                create_people=bool(form.cleaned_data.get("create_people")),
            )
        except Refusal as refusal:
            form.add_error("file", refusal)
        else:
            return redirect(run)
    context = {
        "activity": activity,
        "form": form,
        "runs": my_runs(request).filter(activity=activity).defer("rows")[:5],
        **frame(
            gettext("Import a sign-in sheet"),
            (reverse("activity:index"), gettext("Activities")),
            sublabel=activity.title,
        ),
    }
    return render(request, "activities/admin/import.html", context)


@never_cache
@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """My sheets, newest first: where unfinished work is found again."""
    if not policies.has_any(request.user, IMPORT):
        raise Http404
    page = Paginator(my_runs(request).defer("rows"), RUNS_SHOWN).get_page(request.GET.get("p"))
    context = {
        "page": page,
        "elided_page_range": page.paginator.get_elided_page_range(page.number),
        **frame(gettext("Sign-in sheets")),
    }
    return render(request, "activities/admin/import_runs.html", context)


@never_cache
@require_GET
def run(request: HttpRequest, code: str) -> HttpResponse:
    """One sheet: its bar while it is worked on, then what would happen, then what was done."""
    found = get_object_or_404(my_runs(request), code=code)
    levels = {"refused": (ERROR,), "remarks": (WARNING,), "all": (OK, WARNING, ERROR)}
    chosen = request.GET.get("rows", "")
    if chosen not in levels:
        chosen = "refused" if found.report.get("errors") else "remarks"
    shown = [row for row in map(RowReport.unpacked, found.rows) if row.level in levels[chosen]]
    page = Paginator(shown, ROWS_SHOWN).get_page(request.GET.get("p"))
    stopped = why_stopped(found)
    context = {
        "run": found,
        "activity": found.activity,
        "report": found.report,
        "to_do": found.report.get("recorded", 0) if found.state == ImportRun.State.CHECKED else 0,
        "why": STOPPED[stopped].sentence if stopped else "",
        "page": page,
        "elided_page_range": page.paginator.get_elided_page_range(page.number),
        "chosen": chosen,
        "renew": RENEW,
        **frame(
            gettext("Sign-in sheet"),
            (reverse("activities_imports"), gettext("Sign-in sheets")),
            sublabel=found.activity.title,
        ),
    }
    return render(request, "activities/admin/import_run.html", context)


def why_stopped(found: ImportRun) -> str:
    """The code of it; a run whose worker has gone silent has stopped, too."""
    if found.is_silent:
        return "import_stopped"
    return found.failure if found.failure in STOPPED else ""


@require_POST
def act(request: HttpRequest, code: str) -> HttpResponse:
    """The second press, another look, or away with it."""
    found = get_object_or_404(my_runs(request).defer("rows"), code=code)
    do = request.POST.get("do")
    try:
        if do == "import":
            services.start_import(found, by=person(request))
        elif do == "check":
            services.check_again(found, by=person(request))
        elif do == "discard":
            services.discard_import(found, by=person(request))
            messages.success(request, gettext("The sheet has been thrown away."))
            return redirect("activities_import", found.activity.code)
        else:
            raise Http404
    except Refusal as refusal:
        messages.error(request, refusal.as_text())
    return redirect(found)
