"""What an activity offers on a card: the next time, the seats left, the hours and beans one would get.

A page of cards takes the same number of queries whether it shows one activity or thirty.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from djmoney.money import Money
from wagtail.images import get_image_model
from wagtail.images.exceptions import InvalidFilterSpecError
from wagtail.images.models import SourceImageIOError

from points import clock
from points.activities.models import Activity, Position, Shift
from points.schemes import rules as scheme_rules
from points.schemes.models import SchemeVersion
from points.schemes.services import versions_for
from points.units import BEAN

log = logging.getLogger(__name__)

# Two widths, each as WebP and as JPEG for old phones.
NARROW, WIDE = "fill-480x259", "fill-960x518"
RENDITIONS = tuple(f"{size}|format-{kind}" for size in (NARROW, WIDE) for kind in ("webp", "jpeg"))

DRAWN = {
    Activity.Category.ENVIRONMENT: "clean",
    Activity.Category.CARE: "bean",
    Activity.Category.REPAIR: "bean",
    Activity.Category.MEALS: "meal",
    Activity.Category.SAFETY: "talk",
    Activity.Category.OUTREACH: "talk",
    Activity.Category.HEALTH: "health",
    Activity.Category.CULTURE: "teach",
    Activity.Category.MEDIATION: "talk",
    Activity.Category.MEETING: "talk",
}
"""The drawn cover that stands in where an activity has no picture of its own."""


@dataclass
class Picture:
    """The addresses of a cover in two sizes; empty when the drawn one has to do."""

    kind: str
    src: str = ""
    srcset: str = ""
    webp: str = ""
    alt: str = ""


@dataclass
class Offer:
    """One shift as somebody sees it before signing up."""

    shift: Shift
    minutes: int
    beans: Money | None
    version: SchemeVersion | None = None
    positions: list[Position] = field(default_factory=list)

    @property
    def seats_left(self) -> int:
        return sum(position.seats_left for position in self.positions)

    @property
    def notice_days(self) -> int:
        """How many days the record stands in public notice before the beans can be spent."""
        return self.version.as_rules().notice_days if self.version else 0

    @property
    def is_full(self) -> bool:
        return self.seats_left <= 0

    @property
    def is_over(self) -> bool:
        return self.shift.ends_at <= clock.now()

    @property
    def is_open(self) -> bool:
        """Whether one can still sign up, seats aside."""
        now = clock.now()
        closes = self.shift.signup_closes_at or self.shift.starts_at
        return now < closes and now < self.shift.starts_at


@dataclass
class Card:
    """An activity with its offers, ready for a list or a page."""

    activity: Activity
    offers: list[Offer]
    next: Offer | None
    picture: Picture

    @property
    def seats_left(self) -> int:
        """Free seats in the shifts one can still sign up for."""
        return sum(offer.seats_left for offer in self.offers if offer.is_open)

    @property
    def can_sign_up(self) -> bool:
        return self.activity.state == Activity.State.OPEN and any(offer.is_open for offer in self.offers)

    @property
    def more_times(self) -> int:
        """How many other times are still to come."""
        coming = [offer for offer in self.offers if not offer.is_over]
        return max(0, len(coming) - 1)


def with_pictures(activities: QuerySet[Activity]) -> QuerySet[Activity]:
    """The activities with their unit and cover (and the cover's renditions) fetched along."""
    images = get_image_model().objects.prefetch_renditions(*RENDITIONS)
    return activities.select_related("grid", "organization", "organiser").prefetch_related(
        Prefetch("cover", queryset=images)
    )


def picture_of(activity: Activity) -> Picture:
    """The activity's own cover, else the drawn one of its category."""
    picture = Picture(kind=DRAWN.get(Activity.Category(activity.category), "bean"))
    cover: Any = activity.cover
    if cover is None:
        return picture
    try:
        found = cover.get_renditions(*RENDITIONS)
    except (SourceImageIOError, InvalidFilterSpecError, OSError) as error:
        log.warning("cover of activity %s cannot be drawn: %s", activity.pk, error)
        return picture
    picture.src = found[f"{NARROW}|format-jpeg"].url
    picture.srcset = f"{found[f'{NARROW}|format-jpeg'].url} 480w, {found[f'{WIDE}|format-jpeg'].url} 960w"
    picture.webp = f"{found[f'{NARROW}|format-webp'].url} 480w, {found[f'{WIDE}|format-webp'].url} 960w"
    picture.alt = cover.default_alt_text if getattr(cover, "alt_text", "") else ""
    return picture


def beans_for(version: SchemeVersion | None, minutes: int, activity: Activity) -> Money | None:
    """The beans of a shift served in full; None where no scheme applies or it is not volunteer service."""
    if version is None or not activity.is_service:
        return None
    return Money(scheme_rules.estimate(version.as_rules(), minutes, activity.category), BEAN)


def cards(
    activities: Sequence[Activity], *, start: dt.datetime | None = None, end: dt.datetime | None = None
) -> list[Card]:
    """Cards of activities (from `with_pictures`). Three queries: shifts, positions, scheme versions.

    `next` is the first shift that is not over, within [start, end) if given, else the last there was.
    """
    shifts: dict[int, list[Shift]] = {}
    by_pk = {activity.pk: activity for activity in activities}
    for shift in Shift.objects.filter(activity__in=list(by_pk)).prefetch_related("positions"):
        shift.activity = by_pk[shift.activity_id]
        shifts.setdefault(shift.activity_id, []).append(shift)
    places = [
        (activity.grid, timezone.localdate(shift.starts_at))
        for activity in activities
        for shift in shifts.get(activity.pk, ())
    ]
    versions = versions_for(places)
    now = clock.now()
    result = []
    for activity in activities:
        offers = []
        for shift in shifts.get(activity.pk, ()):
            version = versions.get((activity.grid_id, timezone.localdate(shift.starts_at)))
            minutes = shift.planned_minutes
            offers.append(
                Offer(
                    shift=shift,
                    minutes=minutes,
                    beans=beans_for(version, minutes, activity),
                    version=version,
                    positions=list(shift.positions.all()),
                )
            )
        coming = [offer for offer in offers if offer.shift.ends_at > now]
        wanted = [
            offer
            for offer in coming
            if (start is None or offer.shift.ends_at > start) and (end is None or offer.shift.starts_at < end)
        ]
        following = next(iter(wanted or coming or offers[-1:]), None)
        result.append(Card(activity, offers, following, picture_of(activity)))
    return result


def cards_of(activities: QuerySet[Activity]) -> list[Card]:
    """`cards` of a queryset, pictures fetched along. For other rooms' pages: home, announcements."""
    return cards(list(with_pictures(activities)))
