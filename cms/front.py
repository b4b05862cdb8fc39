"""What the public pages show: read from the rooms with a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Min, QuerySet, Value, When

from cms.pictures import Picture, picture, with_renditions
from points import clock
from points.activities.models import Activity, Registration
from points.activities.offers import Card, cards_of
from points.grids.models import GridUnit
from points.grids.services import home_of
from points.ledger.balances import MemberBalances, member_balances
from points.people.models import User
from points.records.models import ServiceRecord
from points.schemes.services import lineage
from rewards.models import Reward

if TYPE_CHECKING:
    from cms.models import AnnouncementIndexPage, AnnouncementPage, HomePage

NEXT_ACTIVITIES = 4
LATEST_ANNOUNCEMENTS = 3
SOME_REWARDS = 3
PER_PAGE = 12
NEIGHBOURHOODS = (GridUnit.Level.COMMUNITY, GridUnit.Level.VILLAGE)
CHECK_IN_BEFORE = dt.timedelta(hours=1)
"""How long before the start the home page offers to check in."""


@dataclass(frozen=True)
class AnnouncementCard:
    """One announcement in a list."""

    page: AnnouncementPage
    url: str
    picture: Picture | None


@dataclass(frozen=True)
class RewardCard:
    """One reward in a list."""

    reward: Reward
    picture: Picture | None

    @property
    def url(self) -> str:
        return self.reward.get_absolute_url()


def home(page: HomePage, user: User | AnonymousUser) -> dict[str, Any]:
    """The front door: for a member what is theirs first, for a visitor what this is about."""
    context: dict[str, Any] = {"tab": "home", "today": clock.today()}
    place = home_of(user) if isinstance(user, User) else None
    community = community_of(place) if place is not None else None
    if isinstance(user, User):
        balances, coming = member_balances(user), next_service(user)
        context |= {"balances": balances, "next_service": coming, "community": community}
        context |= {"arrival": next_arrival(user), "expiry": next_expiry(balances)}
        context["next_service_is_near"] = (
            coming is not None and coming.shift.starts_at - clock.now() <= CHECK_IN_BEFORE
        )
    context["activities"] = near_activities(community or page.grid, limit=NEXT_ACTIVITIES)
    context["announcements"] = announcement_cards(
        live_announcements(page).order_by("-published_on", "-pk")[:LATEST_ANNOUNCEMENTS]
    )
    context["announcements_url"] = announcements_url(page)
    context["rewards"] = some_rewards(place)
    return context


def next_service(user: User) -> Registration | None:
    """The member's next seat in a shift that has not ended."""
    return (
        Registration.objects.filter(
            volunteer=user, state=Registration.State.SIGNED_UP, shift__ends_at__gt=clock.now()
        )
        .select_related("shift__activity", "position")
        .order_by("shift__starts_at")
        .first()
    )


def next_arrival(user: User) -> ServiceRecord | None:
    """The record in public notice whose beans become available next."""
    return (
        ServiceRecord.objects.filter(
            volunteer=user, state=ServiceRecord.State.IN_NOTICE, award_transaction__isnull=False
        )
        .order_by("notice_ends_at")
        .first()
    )


def next_expiry(balances: MemberBalances) -> dict[str, Any] | None:
    """The soonest day on which beans of the member expire, and how many."""
    if not balances.expiring:
        return None
    on, amount = balances.expiring[0]
    return {"on": on, "amount": amount, "soon": (on - clock.today()).days <= 92}


def community_of(grid: GridUnit) -> GridUnit:
    """The community or village around a unit; the unit itself if it stands above one."""
    around = GridUnit.objects.filter(path__in=lineage(grid), level__in=NEIGHBOURHOODS)
    return around.order_by("-path").first() or grid


def near_activities(grid: GridUnit | None, *, limit: int) -> list[Card]:
    """What starts next, that of `grid` and below first."""
    coming = Activity.objects.open().filter(shifts__starts_at__gt=clock.now())
    found = coming.annotate(next_start=Min("shifts__starts_at"))
    if grid is not None:
        near = When(grid__path__startswith=grid.path, then=Value(0))
        found = found.annotate(far=Case(near, default=Value(1), output_field=IntegerField()))
        return cards_of(found.order_by("far", "next_start", "pk")[:limit])
    return cards_of(found.order_by("next_start", "pk")[:limit])


def some_rewards(place: GridUnit | None) -> list[RewardCard]:
    """A few rewards the member may redeem, the cheapest first."""
    found = Reward.objects.open().exclude(stock=0)
    if place is not None:
        found = found.filter(grid__path__in=lineage(place))
    rows = found.select_related("provider").prefetch_related(with_renditions()).order_by("price", "pk")
    return [RewardCard(reward, picture(reward.cover)) for reward in rows[:SOME_REWARDS]]


def live_announcements(under: HomePage | AnnouncementIndexPage) -> QuerySet[AnnouncementPage]:
    """Published announcements below a page, with everything a card shows."""
    from cms.models import AnnouncementPage

    return (
        AnnouncementPage.objects.live()
        .descendant_of(under)
        .select_related("grid")
        .prefetch_related(with_renditions())
    )


def announcement_cards(pages: QuerySet[AnnouncementPage] | list[AnnouncementPage]) -> list[AnnouncementCard]:
    return [AnnouncementCard(page, page.get_url() or "", picture(page.cover)) for page in pages]


def announcements_url(page: HomePage) -> str:
    from cms.models import AnnouncementIndexPage

    index = AnnouncementIndexPage.objects.live().child_of(page).first()
    return (index.get_url() or "") if index else ""


def announcement_index(page: AnnouncementIndexPage, query: Mapping[str, str]) -> dict[str, Any]:
    """Announcements newest first; a part of the town and days may be chosen in the address."""
    from cms.forms import AnnouncementFilter

    names = [name for name in AnnouncementFilter.base_fields if query.get(name)]
    form = AnnouncementFilter(query if names else None)
    found = live_announcements(page).order_by("-published_on", "-pk")
    if form.is_bound:
        form.is_valid()
        wanted = form.cleaned_data
        if grid := wanted.get("grid"):
            found = found.filter(grid__path__startswith=grid.path)
        if since := wanted.get("since"):
            found = found.filter(published_on__gte=since)
        if until := wanted.get("until"):
            found = found.filter(published_on__lte=until)
    shown = Paginator(found, PER_PAGE).get_page(query.get("page"))
    return {
        "tab": "home",
        "filter": form,
        "filtered": bool(names),
        "page_of_cards": shown,
        "cards": announcement_cards(list(shown.object_list)),
    }


def announcement(page: AnnouncementPage) -> dict[str, Any]:
    """The live card of the activity an announcement is about, its picture, and what is near in time."""
    card = None
    if page.activity_id is not None:
        activities = Activity.objects.public().filter(pk=page.activity_id)
        card = next(iter(cards_of(activities)), None)
    parent = page.get_parent()
    return {
        "tab": "home",
        "card": card,
        "picture": picture(page.cover),
        "index_url": parent.get_url() if parent else "/",
    }
