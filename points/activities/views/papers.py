"""Paper as PDF: the poster of an activity, the sign-in sheet of a shift."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from points.activities import papers
from points.activities.views.answers import own_activity, own_shift


def pdf(data: bytes, name: str) -> HttpResponse:
    """Shown by the browser, under a name of digits and letters when it is saved."""
    response = HttpResponse(data, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@login_required
def poster_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """A poster with the QR of the page for signing up."""
    activity = own_activity(request, code)
    address = request.build_absolute_uri(activity.get_absolute_url())
    return pdf(papers.poster_pdf(activity, list(activity.shifts.all()), address=address), f"poster-{code}")


@require_safe
@login_required
def sheet_pdf(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The sign-in sheet; it is keyed in on the roster or imported later."""
    activity = own_activity(request, code)
    shift = own_shift(activity, pk)
    people = shift.registrations.on_paper()
    return pdf(papers.sign_in_sheet_pdf(activity, shift, list(people)), f"sheet-{code}-{pk}")
