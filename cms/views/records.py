"""My service: a timeline, the hours by month, and the stars they make."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from cms.templatetags.town import month
from points import clock
from points.dates import month_name
from points.grids.services import home_of
from points.ledger.balances import member_balances
from points.people.models import User
from points.records.models import ServiceRecord
from points.records.stars import Stars, stars_of
from points.schemes.services import version_in_force

PER_PAGE = 20
MONTHS_SHOWN = 6


@dataclass(frozen=True)
class Month:
    """What one month brought."""

    first: dt.date
    minutes: int
    times: int

    @property
    def name(self) -> str:
        return month_name(self.first)


@login_required
def records(request: HttpRequest) -> HttpResponse:
    """Every record, newest first; `?year=2026` shows one year, with its twelve months. 404 for another."""
    user = cast(User, request.user)
    mine = ServiceRecord.objects.of(user).valid()
    years = [day.year for day in mine.dates("served_on", "year", order="DESC")]
    asked = request.GET.get("year", "")
    if asked and asked not in {str(year) for year in years}:
        raise Http404
    year = int(asked) if asked else None
    rows = mine if year is None else mine.filter(served_on__year=year)
    rows = rows.select_related("recording_unit", "scheme_version__scheme").order_by("-served_on", "-pk")
    balances = member_balances(user)
    months = hours_by_month(user, year)
    context: dict[str, Any] = {
        "tab": "me",
        "balances": balances,
        "stars": stars_for(user, balances.minutes),
        "years": years,
        "year": year,
        "in_year": sum(each.minutes for each in months) if year else None,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "today": clock.today(),
        "months": [each for each in months if each.times],
        "bars": [(month(each.first), each.minutes // 60) for each in months],
        "has_bars": any(each.minutes >= 60 for each in months),
    }
    return render(request, "me/records.html", context)


def stars_for(user: User, minutes: int) -> Stars:
    """By the rules where the person lives."""
    home = home_of(user)
    version = version_in_force(home, clock.today()) if home else None
    return stars_of(minutes, version.as_rules() if version else None)


def hours_by_month(user: User, year: int | None = None) -> list[Month]:
    """The last months, or those of one year, the oldest first; months without service count 0."""
    firsts = months_of(year) if year else last_months()
    rows = (
        ServiceRecord.objects.of(user)
        .valid()
        .filter(served_on__gte=firsts[0], served_on__lt=next_month(firsts[-1]))
        .annotate(month=TruncMonth("served_on"))
        .values("month")
        .annotate(minutes_sum=Sum("minutes"), times=Count("pk"))
        .values_list("month", "minutes_sum", "times")
    )
    found = {first: (minutes, times) for first, minutes, times in rows}
    return [Month(first, *found.get(first, (0, 0))) for first in firsts]


def months_of(year: int) -> list[dt.date]:
    return [dt.date(year, number, 1) for number in range(1, 13)]


def last_months() -> list[dt.date]:
    firsts = [clock.today().replace(day=1)]
    for _unused in range(MONTHS_SHOWN - 1):
        firsts.append((firsts[-1] - dt.timedelta(days=1)).replace(day=1))
    return firsts[::-1]


def next_month(first: dt.date) -> dt.date:
    return (first + dt.timedelta(days=32)).replace(day=1)
