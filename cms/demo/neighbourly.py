"""More around the rewards: agreements, choices, a queue, a missed appointment, aid, wishes, gifts."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from django.utils import timezone
from djmoney.money import Money

from cms.demo import personas, town
from points import clock
from points.grids.models import ServicePoint
from points.refusals import Refusal
from points.units import BEAN
from rewards import services
from rewards.models import Provider, Redemption, Reward, RewardOption

if TYPE_CHECKING:
    from cms.demo.exchange import Exchange
    from cms.demo.stage import Stage

WISHES = ("有人来磨刀", "教手机挂号的课", "洗窗帘")
WEEK = range(1, 6)


def begin(stage: Stage, exchange: Exchange) -> None:
    """Agreements, hours and two more rewards today; the rest on its days."""
    now = stage.now
    last_day = timezone.localdate(now)
    year = {"agreement_from": clock.today(), "agreement_until": last_day + dt.timedelta(days=200)}
    Provider.objects.update(**year)
    Provider.objects.filter(code="hongmei").update(agreement_until=last_day + dt.timedelta(days=18))
    teams = Provider.objects.filter(code__endswith="lexiujiang")
    teams.update(kind=Provider.Kind.TEAM, skills="修水龙头，换灯，修小家电，缝补")
    for weekday in WEEK:
        Provider.objects.get(code="hongmei").spans.create(
            weekday=weekday, opens=dt.time(9), closes=dt.time(18)
        )
    Reward.objects.filter(kind=Reward.Kind.GOODS).update(low_stock=5)
    offer_more(stage)
    at = stage.timeline.at
    at(now - dt.timedelta(days=12, hours=2), partial(wish_and_give, stage))
    at(now - dt.timedelta(days=6), partial(wait_for_it, stage))
    at(now - dt.timedelta(days=3, hours=1), partial(deliver, exchange))
    at(now - dt.timedelta(hours=3), partial(hand_out_aid, stage, exchange))
    at(now - dt.timedelta(hours=2), partial(miss_one, exchange))
    for days, is_excused in ((40, True), (38, False)):
        at(now - dt.timedelta(days=days), partial(book_and_miss, stage, exchange, is_excused=is_excused))


def offer_more(stage: Stage) -> None:
    """One of three things at one price, and something that is gone."""
    shop = Provider.objects.get(code="huimin")
    values = {"provider": shop, "grid": stage.units[town.PEICUN], "kind": Reward.Kind.GOODS}
    choice = Reward.objects.create(
        code="c0ffee01",
        title="米面油任选一样",
        summary="面粉、食用油、小米，选一样",
        price=Money(260, BEAN),
        person_limit=1,
        cover=stage.pictures["rice"],
        **values,
    )
    names = (("面粉 2.5 公斤", 12), ("食用油 1 升", 0), ("小米 1 公斤", 20))
    RewardOption.objects.bulk_create(
        RewardOption(reward=choice, name=name, stock=stock) for name, stock in names
    )
    Reward.objects.create(
        code="c0ffee02",
        title="电热水壶",
        summary="1.5 升，自动断电",
        price=Money(500, BEAN),
        stock=0,
        low_stock=2,
        free_expiries=1,
        expiry_percent=50,
        face_value=Money("69.00", "CNY"),
        **values,
    )


def wish_and_give(stage: Stage) -> None:
    """Three neighbours write a wish; the volunteer gives a few beans."""
    for person, text in zip(stage.residents[town.PEICUN], WISHES, strict=False):
        services.wish(person, text=text)
    services.give(stage.persona(personas.VOLUNTEER), beans=10, key="demo:gift")


def wait_for_it(stage: Stage) -> None:
    reward = Reward.objects.get(code="c0ffee02")
    for person in stage.residents[town.PEICUN][:3]:
        services.join(reward, member=person)


def deliver(exchange: Exchange) -> None:
    """Rice comes, and one sack is torn."""
    rice = Reward.objects.get(provider__code="huimin", title="大米 5 公斤")
    clerk = exchange.clerks["huimin"]
    services.change_stock(rice, 10, by=clerk, reason="delivered")
    services.change_stock(rice, -1, by=clerk, reason="spoiled", note="袋子破了")


def hand_out_aid(stage: Stage, exchange: Exchange) -> None:
    """Ten warm meals for whoever needs one; three are eaten today."""
    canteen = Provider.objects.get(code="peicun-canteen")
    point = ServicePoint.objects.filter(grid__path__startswith=stage.units[town.PEICUN].path).first()
    if point is None:
        return
    worker = stage.persona(personas.WORKER)
    until = clock.today() + dt.timedelta(days=21)
    batch = services.issue(
        canteen, point=point, title="爱心午餐一份", count=10, valid_until=until, key="demo:aid", by=worker
    )
    for number, voucher in enumerate(batch.vouchers.order_by("pk")[:3]):
        clerk = exchange.clerks["peicun-canteen"]
        services.fulfil_aid(canteen, code=voucher.code, by=clerk, nonce=f"demo:aid:{number}")


def miss_one(exchange: Exchange) -> None:
    """An appointment of today or yesterday to which nobody came; the member says why."""
    missed = Redemption.objects.issued().filter(slot__starts_at__lt=clock.now() - dt.timedelta(hours=2))
    found = missed.select_related("reward__provider", "member").order_by("-slot__starts_at").first()
    if found is None:
        return
    Reward.objects.filter(pk=found.reward_id).update(free_rebooks=0)
    case = services.mark_absent(found, by=exchange.clerks[found.reward.provider.code])
    services.answer(case, by=found.member, text="孙子发烧，在医院陪着，忘了打电话。")


def book_and_miss(stage: Stage, exchange: Exchange, *, is_excused: bool) -> None:
    """Somebody books and does not come: one has a reason that is accepted, the other says nothing."""
    spendable = exchange.spendable()
    for offer, reward in exchange.rewards:
        if offer.kind != Reward.Kind.APPOINTMENT or offer.audience != town.PEICUN:
            continue
        Reward.objects.filter(pk=reward.pk).update(free_rebooks=0)
        for member in stage.residents[town.PEICUN]:
            if spendable.get(member.pk, 0) < offer.price:
                continue
            try:
                found = exchange.redeem(offer, reward, member, early=True)
            except Refusal:
                continue
            if found.slot is not None:
                over = found.slot.ends_at + dt.timedelta(minutes=30)
                stage.timeline.at(over, partial(miss, stage, exchange, found, is_excused=is_excused))
                return


def miss(stage: Stage, exchange: Exchange, redemption: Redemption, *, is_excused: bool) -> None:
    """Marked at the desk; answered and excused, or left until the beans are forfeited at night."""
    case = services.mark_absent(redemption, by=exchange.clerks[redemption.reward.provider.code])
    if is_excused:
        services.answer(case, by=redemption.member, text="下楼时扭了脚，去卫生站了。")
        services.decide(case, by=stage.persona(personas.WORKER), is_excused=True)
