"""Month statements: for the provider's staff, and for those who settle or audit there."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from points import clock
from points.dates import month_name
from points.grids import policies
from points.refusals import Refusal
from rewards import services
from rewards import statement_files as files
from rewards.models import Provider
from rewards.services.settlement import first_of, next_month
from rewards.views.answers import month_of, person, say_no

PER_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def readable_provider(request: HttpRequest, code: str) -> Provider:
    """A provider whose statements the person may read; any other is not found."""
    provider = get_object_or_404(Provider.objects.select_related("grid"), code=code)
    if any(policies.can(request.user, action, provider.grid) for action in ("settle", "audit")):
        return provider
    if Provider.objects.staffed_by(person(request)).filter(pk=provider.pk).exists():
        return provider
    raise Http404


@require_GET
@login_required
def statement(request: HttpRequest, provider: str, month: str) -> HttpResponse:
    """One month: the sum by reward, what is settled, every hand-over."""
    owner, first = readable_provider(request, provider), month_of(month)
    found = services.statement(owner, first)
    following = next_month(first)
    own = Provider.objects.staffed_by(person(request)).filter(pk=owner.pk).exists()
    context = {
        "statement": found,
        "month_name": month_name(first),
        "page": Paginator(found.lines, PER_PAGE).get_page(request.GET.get("page")),
        "previous": first_of(first - dt.timedelta(days=1)),
        "following": following if following <= clock.today() else None,
        "may_settle": policies.can(request.user, policies.Action.SETTLE, owner.grid),
        "is_own": own,
    }
    return render(request, "desk/statement.html", context)


def _file(request: HttpRequest, provider: str, month: str, kind: str) -> HttpResponse:
    owner, first = readable_provider(request, provider), month_of(month)
    found = services.statement(owner, first)
    content, media = {
        "csv": lambda: (files.as_csv(found), "text/csv; charset=utf-8"),
        "xlsx": lambda: (files.as_xlsx(found), XLSX),
        "pdf": lambda: (files.as_pdf(found, clock.today()), "application/pdf"),
    }[kind]()
    response = HttpResponse(content, content_type=media)
    response["Content-Disposition"] = f'attachment; filename="{owner.code}-{first:%Y-%m}.{kind}"'
    return response


@require_GET
@login_required
def statement_csv(request: HttpRequest, provider: str, month: str) -> HttpResponse:
    """The same as a table for a spreadsheet. No names: a provider's export holds no personal data."""
    return _file(request, provider, month, "csv")


@require_GET
@login_required
def statement_xlsx(request: HttpRequest, provider: str, month: str) -> HttpResponse:
    """The same for office programs, with the total."""
    return _file(request, provider, month, "xlsx")


@require_GET
@login_required
def statement_pdf(request: HttpRequest, provider: str, month: str) -> HttpResponse:
    """The same on paper, to be signed by both sides."""
    return _file(request, provider, month, "pdf")


@require_POST
@login_required
def settle(request: HttpRequest, provider: str, month: str) -> HttpResponse:
    """Confirm that the community has paid the provider for the month."""
    owner, first = readable_provider(request, provider), month_of(month)
    if not policies.can(request.user, policies.Action.SETTLE, owner.grid):
        raise Http404
    try:
        services.settle(owner, first, by=person(request))
    except Refusal as refusal:
        say_no(request, refusal)
    else:
        messages.success(request, _("Settled. Nothing of this month is owed any more."))
    return redirect("desk:statement", provider=owner.code, month=f"{first:%Y-%m}")
