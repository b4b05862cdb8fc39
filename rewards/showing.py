"""How rewards are shown: pictures, what is left, and why a member cannot have one now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db.models import F, Min, OuterRef, Prefetch, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.images import get_image_model

from points import clock
from points.refusals import Refusal
from rewards import errors
from rewards.models import Redemption, Reward, RewardOption, Slot, Waiting
from rewards.services.by_rules import version_for
from rewards.services.checks import examine
from rewards.services.queue import is_sold_out

if TYPE_CHECKING:
    from points.grids.models import GridUnit
    from points.people.models import User

NARROW, WIDE = "fill-480x260", "fill-960x520"
RENDITIONS = [f"{size}|format-{kind}" for size in (NARROW, WIDE) for kind in ("jpeg", "webp")]
DRAWN = {
    Reward.Kind.GOODS: "clean",
    Reward.Kind.APPOINTMENT: "health",
    Reward.Kind.OPEN_VOUCHER: "meal",
}
SLOTS_SHOWN = 80


@dataclass
class Picture:
    """What `components/cover.html` needs; `kind` names the drawn cover that stands in."""

    kind: str
    src: str = ""
    srcset: str = ""
    webp: str = ""
    alt: str = ""


def picture_of(reward: Reward) -> Picture:
    """The reward's own picture in two widths, or a drawn cover when it has none or its file is gone."""
    picture = Picture(kind=DRAWN[Reward.Kind(reward.kind)])
    cover: Any = reward.cover
    if cover is None:
        return picture
    try:
        found = cover.get_renditions(*RENDITIONS)
    except OSError:
        return picture
    narrow, wide = found[f"{NARROW}|format-jpeg"], found[f"{WIDE}|format-jpeg"]
    picture.src = narrow.url
    picture.srcset = f"{narrow.url} 480w, {wide.url} 960w"
    picture.webp = f"{found[f'{NARROW}|format-webp'].url} 480w, {found[f'{WIDE}|format-webp'].url} 960w"
    picture.alt = getattr(cover, "alt_text", "")
    return picture


def for_cards(rewards: QuerySet[Reward]) -> QuerySet[Reward]:
    """Rewards with everything their card shows: provider, picture, the next free time."""
    images = get_image_model().objects.prefetch_renditions(*RENDITIONS)
    free = (
        Slot.objects.filter(reward=OuterRef("pk"), starts_at__gt=clock.now(), taken__lt=F("capacity"))
        .order_by()
        .values("reward")
        .annotate(first=Min("starts_at"))
        .values("first")
    )
    return (
        rewards.select_related("provider", "grid")
        .prefetch_related(
            Prefetch("cover", queryset=images),
            Prefetch("options", queryset=RewardOption.objects.filter(is_open=True), to_attr="choices"),
        )
        .annotate(next_free=Subquery(free))
    )


@dataclass
class Card:
    """One reward in the catalogue."""

    reward: Reward
    picture: Picture
    next_free: dt.datetime | None
    missing: int
    """How many beans the member lacks; 0 when they suffice or nobody is signed in."""

    @property
    def sold_out(self) -> bool:
        if self.reward.kind == Reward.Kind.APPOINTMENT:
            return self.next_free is None
        return self.reward.stock == 0 or (bool(self.choices) and all(one.stock == 0 for one in self.choices))

    @property
    def choices(self) -> list[RewardOption]:
        """What there is to choose from, for a reward of `for_cards`."""
        return list(getattr(self.reward, "choices", ()))

    @property
    def left(self) -> int | None:
        if self.reward.kind == Reward.Kind.APPOINTMENT or self.choices:
            return None
        return self.reward.stock


def cards(rewards: Iterable[Reward], *, spendable: int | None = None) -> list[Card]:
    """Cards of rewards from `for_cards`."""
    found = []
    for reward in rewards:
        missing = 0 if spendable is None else max(int(reward.price.amount) - spendable, 0)
        found.append(Card(reward, picture_of(reward), getattr(reward, "next_free", None), missing))
    return found


def usable_from(home: GridUnit) -> list[str]:
    """The paths of the units whose rewards somebody with this home can have: the home and all above it."""
    step = home.steplen
    return [home.path[:end] for end in range(step, len(home.path) + 1, step)]


def free_slots(reward: Reward) -> list[tuple[dt.date, list[Slot]]]:
    """The next free times that can still be booked, by local day."""
    first = clock.now() + dt.timedelta(hours=reward.lead_hours)
    slots = Slot.objects.filter(reward=reward, starts_at__gt=first, taken__lt=F("capacity"))
    by_day = groupby(
        slots.order_by("starts_at")[:SLOTS_SHOWN], lambda slot: timezone.localdate(slot.starts_at)
    )
    return [(day, list(group)) for day, group in by_day]


def obstacle(
    reward: Reward, member: User, *, home: GridUnit | None, spendable: int, has_slots: bool
) -> Refusal | None:
    """Why `redeem` would refuse right now, said before the button is pressed. The service decides."""
    price = int(reward.price.amount)
    version = version_for(home)
    refusal = examine(reward, member, home=home, version=version, available=spendable).refusal
    if refusal is not None and not isinstance(refusal, errors.TooFewBeans):
        return refusal
    if reward.kind == Reward.Kind.APPOINTMENT and not has_slots:
        return errors.NoFreeTime()
    if is_sold_out(reward):
        return errors.OutOfStock()
    if spendable < price:
        return errors.TooFewBeans(price=price, available=spendable, missing=price - spendable)
    return None


def with_reward(redemptions: QuerySet[Redemption]) -> QuerySet[Redemption]:
    """Redemptions with everything a list or a voucher shows."""
    return redemptions.select_related("reward__provider", "slot", "option", "fulfilled_by")


def is_waiting(reward: Reward, member: User) -> bool:
    """Whether the member has asked to be told when it is there again."""
    return Waiting.objects.open().filter(reward=reward, member=member).exists()


def terms(reward: Reward) -> list[str]:
    """What happens when plans change, one sentence each: said before anybody redeems."""
    if reward.kind != Reward.Kind.APPOINTMENT:
        return [_("You can cancel any time while it is valid; all beans come back."), _unused(reward)]
    lines = [_("You can cancel until 18:00 of the day before; all beans come back.")]
    if reward.moves:
        moved = ngettext(
            "Until then you can also choose another time, once.",
            "Until then you can also choose another time, up to %(times)s times.",
            reward.moves,
        )
        lines.append(moved % {"times": reward.moves})
    if reward.free_rebooks:
        missed = ngettext(
            "If you miss it, you can choose another time once, without losing any beans.",
            "If you miss it, you can choose another time, up to %(times)s times, without losing any beans.",
            reward.free_rebooks,
        )
        lines.append(missed % {"times": reward.free_rebooks})
        lines.append(_("If you miss it again, the beans do not come back, unless you had a reason."))
    else:
        lines.append(_("If you miss it, the beans do not come back, unless you had a reason."))
    lines.append(_("If the provider cannot serve you, all beans come back at once."))
    return lines


def _unused(reward: Reward) -> str:
    if reward.free_expiries is None:
        return _("Unused, all beans come back by themselves.")
    if reward.free_expiries == 0:
        told = {"percent": reward.expiry_percent}
        return _("Unused, %(percent)s percent of the beans come back, so please cancel in time.") % told
    sentence = ngettext(
        "Unused, all beans come back the first time in a year, after that %(percent)s percent.",
        "Unused, all beans come back the first %(times)s times in a year, after that %(percent)s percent.",
        reward.free_expiries,
    )
    return sentence % {"times": reward.free_expiries, "percent": reward.expiry_percent}
