"""The public notice: what was recorded, for everybody to see and to question before it becomes final.

Names are shortened unless the volunteer agreed to the full one (law L-A18, Order 67, article 16); the page
stays out of search engines.
"""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from points.grids.models import GridUnit
from points.grids.services import home_of
from points.people.models import User
from points.records.models import ServiceRecord
from points.schemes.services import lineage

PER_PAGE = 20
COMMUNITIES = (GridUnit.Level.COMMUNITY, GridUnit.Level.VILLAGE)
EVERYWHERE = "all"


@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    """`?place=<code of a community>`; a volunteer's own community first, everything for visitors."""
    communities = list(GridUnit.objects.filter(level__in=COMMUNITIES).order_by("path"))
    place = _place(request, communities)
    records = ServiceRecord.objects.in_notice()
    if place is not None:
        records = records.in_subtree(place)
    records = (
        records.select_related("volunteer", "recording_unit")
        .with_consent_to_name()
        .order_by("-served_on", "-pk")
    )
    page = Paginator(records, PER_PAGE).get_page(request.GET.get("page"))
    units = {record.recording_unit_id: record.recording_unit for record in page}
    context = {
        "tab": "home",
        "communities": communities,
        "place": place,
        "page": page,
        "units": sorted(units.values(), key=lambda unit: unit.name),
    }
    return render(request, "records/notice.html", context)


def _place(request: HttpRequest, communities: list[GridUnit]) -> GridUnit | None:
    """The community to show, or None for all."""
    code = request.GET.get("place", "")
    if code == EVERYWHERE:
        return None
    if code:
        found = [unit for unit in communities if unit.code == code]
        if not found:
            raise Http404
        return found[0]
    home = home_of(request.user) if isinstance(request.user, User) else None
    if home is None:
        return None
    above = set(lineage(home))
    return next((unit for unit in communities if unit.path in above), None)
