"""The organiser's day on a phone: what is on, what comes, what waits to be confirmed, and the budget."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from djmoney.money import Money

from points import clock
from points.activities import services
from points.activities.models import Activity, Registration, Shift
from points.activities.views.answers import person
from points.grids import policies
from points.grids.models import GridUnit
from points.ledger.models import Account, AccountKind
from points.people.models import User
from points.records.models import ServiceRecord
from points.units import BEAN

MOST = 30
State = Registration.State


@never_cache
@login_required
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Check-ins going on first, then what comes today, then what is over and unconfirmed."""
    user = person(request)
    if not policies.has_any(user, policies.Action.ORGANISE):
        raise Http404
    now = clock.now()
    morning = timezone.make_aware(dt.datetime.combine(clock.today(), dt.time()))
    ours = with_people(
        Shift.objects.filter(policies.scope(user, policies.Action.ORGANISE, lookup="activity__grid")).exclude(
            activity__state=Activity.State.DRAFT
        )
    )
    running = ours.filter(
        activity__state=Activity.State.OPEN,
        starts_at__lte=now + services.OPENS_BEFORE,
        ends_at__gte=now - services.CLOSES_AFTER,
    )
    coming = ours.filter(
        activity__state=Activity.State.OPEN,
        starts_at__gt=now + services.OPENS_BEFORE,
        starts_at__lt=morning + dt.timedelta(days=1),
    )
    waiting = ours.filter(pk__in=Registration.objects.unconfirmed().values("shift"))
    waiting = waiting.filter(policies.scope(user, policies.Action.CONFIRM, lookup="activity__grid"))
    context = {
        "tab": "activities",
        "running": running.order_by("starts_at", "pk")[:MOST],
        "coming": coming.order_by("starts_at", "pk")[:MOST],
        "waiting": waiting.order_by("ends_at", "pk")[:MOST],
        "budgets": budgets_of(user),
        "queued": queued_of(user),
        "year": clock.today().year,
    }
    return render(request, "organise/today.html", context)


def with_people(shifts: QuerySet[Shift]) -> QuerySet[Shift]:
    """Adds `total`, `came` and `inside`, counted in the same query."""
    holds = Q(registrations__state__in=Registration.HOLDS_A_SEAT)
    came = holds & Q(registrations__checked_in_at__isnull=False)
    inside = came & Q(registrations__checked_out_at__isnull=True)
    return shifts.select_related("activity").annotate(
        total=Count("registrations", filter=holds),
        came=Count("registrations", filter=came),
        inside=Count("registrations", filter=inside),
    )


@dataclass
class Budget:
    """What is left of one unit's beans this year."""

    grid: GridUnit
    left: Money


def budgets_of(user: User) -> list[Budget]:
    """The pools the person's confirmations draw from: of their own units, and of those above (F-O7)."""
    roots = policies.paths_for(user, policies.Action.ORGANISE)
    own = Q(pk__in=[])
    for root in roots:
        own |= Q(path__startswith=root) | Q(path__in=[root[:end] for end in range(1, len(root))])
    year = clock.today().year
    units = {
        f"pool:{unit.code.lower()}:{year}": unit for unit in GridUnit.objects.filter(own).order_by("path")
    }
    held = dict(
        Account.objects.filter(kind=AccountKind.POOL, closed_on__isnull=True, code__endswith=f":{year}")
        .annotate(held=Sum("balances__amount", default=0))
        .values_list("code", "held")
    )
    return [Budget(unit, Money(held[code], BEAN)) for code, unit in units.items() if code in held]


def queued_of(user: User) -> dict[str, int]:
    """Confirmed service whose beans wait for a budget: how many records, how many beans."""
    waiting = ServiceRecord.objects.filter(
        policies.scope(user, policies.Action.ORGANISE), awaiting_budget=True
    ).exclude(state=ServiceRecord.State.SUPERSEDED)
    return waiting.aggregate(records=Count("pk"), beans=Sum("beans", default=0))
