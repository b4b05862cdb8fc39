"""Redemptions in every state: beans become haircuts and meals, or come back."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.db.models import Sum
from django.utils import timezone
from djmoney.money import Money

from cms.demo import personas, town
from cms.demo.calendar import local
from cms.demo.people import make_people
from cms.demo.shops import OFFERS, SHOPS, Offer
from cms.demo.stage import Stage
from points import clock
from points.ledger.models import AccountKind, Balance
from points.people import services as people_services
from points.people.models import User
from points.refusals import Refusal
from points.units import BEAN
from rewards import services
from rewards.models import Provider, ProviderStaff, Redemption, Reward, Slot

SLOT_WEEKS = 2
"""Appointments are offered this many weeks ahead."""
SHARE = 0.8
"""How many of those who have saved enough for their wish redeem it on one occasion."""
FATES = {"fulfil": 74, "cancel": 9, "provider_cancel": 5, "forget": 12}
SETTLE_DAY = 3


class Exchange:
    """The rewards of the town and what members do with their beans."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.rng = stage.rng
        self.timeline = stage.timeline
        self.clerks: dict[str, User] = {}
        self.rewards: list[tuple[Offer, Reward]] = []
        self.wishes: dict[int, tuple[Offer, Reward]] = {}
        self.count = 0

    # --- Opening --------------------------------------------------------------------------------------
    def open(self) -> None:
        """Providers with desk staff, rewards, and the first appointments."""
        shops = [shop for shop in SHOPS if shop.place in self.stage.units]
        taken = set(self.stage.users)
        crowd = iter(make_people(self.rng, len(shops), year=clock.today().year, taken=taken))
        for number, shop in enumerate(shops):
            provider = Provider.objects.create(
                code=shop.code,
                name=shop.name,
                grid=self.stage.units[shop.place],
                address=shop.address,
                opening_hours=shop.hours,
                phone=f"100{92_000_000 + number}",
            )
            persona = next((one for one in personas.PERSONAS if one.desk == shop.code), None)
            clerk = self.stage.persona(persona) if persona else self._hire(next(crowd).name, number)
            ProviderStaff.objects.create(provider=provider, user=clerk, is_supervisor=True)
            self.clerks[shop.code] = clerk
            for offer in (offer for offer in OFFERS if offer.shop == shop.code):
                self.rewards.append((offer, self._offer(offer, provider)))
        self.offer_times()

    def _hire(self, name: str, number: int) -> User:
        username = f"clerk{number:02d}"
        user = people_services.register(username=username, name=name)
        user.password = self.stage.persona(personas.COOK).password
        user.save(update_fields=["password"])
        self.stage.users[username] = user
        return user

    def _offer(self, offer: Offer, provider: Provider) -> Reward:
        return Reward.objects.create(
            code=f"{self.rng.getrandbits(32):08x}",
            title=offer.title,
            kind=offer.kind,
            provider=provider,
            grid=self.stage.units[offer.audience],
            summary=offer.summary,
            description=offer.text,
            cost_note=offer.cost_note,
            price=Money(offer.price, BEAN),
            stock=offer.stock,
            person_limit=offer.limit,
            voucher_days=offer.days,
            cover=self.stage.pictures[offer.cover],
        )

    def offer_times(self) -> None:
        """Every Monday: the appointments of the next two weeks."""
        today = clock.today()
        for offer, reward in self.rewards:
            if offer.kind != Reward.Kind.APPOINTMENT:
                continue
            days = [today + dt.timedelta(days=number) for number in range(1, SLOT_WEEKS * 7 + 1)]
            starts: list[dt.datetime] = []
            for day in days:
                moment, end = local(day, *offer.first), local(day, *offer.until)
                while day.weekday() in offer.weekdays and moment + dt.timedelta(minutes=offer.minutes) <= end:
                    starts.append(moment)
                    moment += dt.timedelta(minutes=offer.minutes)
            services.add_slots(
                reward,
                starts=starts,
                by=self.clerks[offer.shop],
                minutes=offer.minutes,
                capacity=offer.places,
            )
        self.timeline.at(clock.now() + dt.timedelta(weeks=1), self.offer_times)

    # --- Redeeming ------------------------------------------------------------------------------------
    def market_day(self) -> None:
        """Everybody saves for one thing at a time; three evenings a week some have enough."""
        spendable = self.spendable()
        for community, residents in sorted(self.stage.residents.items()):
            audience = {town.PEICUN} if community == town.PEICUN else {town.SONGSHAN}
            here = [(offer, reward) for offer, reward in self.rewards if offer.audience in audience]
            for member in residents:
                beans = spendable.get(member.pk, 0)
                if member.pk not in self.wishes:
                    self.wishes[member.pk] = self.rng.choices(here, [offer.weight for offer, _r in here])[0]
                offer, reward = self.wishes[member.pk]
                if offer.price <= beans and self.rng.random() < SHARE:
                    self._redeem_quietly(offer, reward, member)
                    del self.wishes[member.pk]
        today = clock.today()
        step = 3 if today.weekday() == 6 else 2
        self.timeline.at(clock.now() + dt.timedelta(days=step), self.market_day)

    def spendable(self) -> dict[int, int]:
        """The beans that each member can spend now."""
        rows = (
            Balance.objects.filter(
                account__kind=AccountKind.AVAILABLE, account__unit=BEAN, day__gte=clock.today()
            )
            .values_list("account__owner")
            .annotate(total=Sum("amount"))
        )
        return dict(rows)

    def _redeem_quietly(self, offer: Offer, reward: Reward, member: User) -> None:
        try:
            redemption = self.redeem(offer, reward, member)
        except Refusal as refusal:
            self.timeline.refusals[refusal.refusal_code] += 1
            return
        fate = self.rng.choices(list(FATES), list(FATES.values()))[0]
        self.plan_end(offer, redemption, fate)

    def redeem(self, offer: Offer, reward: Reward, member: User, *, early: bool = False) -> Redemption:
        """Redeem with the next number as form key; for an appointment, at one of the free times."""
        self.count += 1
        slot = self._free_slot(reward, early=early) if offer.kind == Reward.Kind.APPOINTMENT else None
        return services.redeem(reward, member=member, by=member, key=f"demo:{self.count}", slot=slot)

    def _free_slot(self, reward: Reward, *, early: bool) -> Slot | None:
        after = clock.now() + dt.timedelta(hours=30)
        free = [slot for slot in reward.slots.filter(starts_at__gt=after) if slot.taken < slot.capacity]
        if not free:
            return None
        return free[0] if early else self.rng.choice(free[:12])

    def plan_end(self, offer: Offer, redemption: Redemption, fate: str) -> None:
        """What becomes of one voucher, and when."""
        now = clock.now()
        if fate == "cancel":
            self.timeline.at(
                now + dt.timedelta(hours=self.rng.uniform(2, 20)),
                partial(services.cancel, redemption, by=redemption.member),
            )
        elif fate == "provider_cancel":
            self.timeline.at(
                now + dt.timedelta(hours=self.rng.uniform(12, 26)),
                partial(
                    services.provider_cancel,
                    redemption,
                    by=self.clerks[offer.shop],
                    reason=self.rng.choice(("closed", "unavailable")),
                ),
            )
        elif fate == "fulfil":
            if redemption.slot:
                moment = redemption.slot.starts_at + dt.timedelta(minutes=self.rng.randint(5, 25))
            else:
                day = timezone.localdate(now) + dt.timedelta(days=self.rng.randint(1, 12))
                moment = local(day, self.rng.choice((11, 12, 17)), self.rng.randint(5, 55))
            self.timeline.at(moment, partial(self.hand_over, offer, redemption))

    def hand_over(self, offer: Offer, redemption: Redemption) -> None:
        """At the desk: type the code, look, confirm. Now and then it is typed a second time."""
        clerk, provider = self.clerks[offer.shop], redemption.reward.provider
        nonce = f"demo:{redemption.pk}"
        services.find_voucher(provider, redemption.code, clerk)
        services.fulfil(provider, code=redemption.code, by=clerk, nonce=nonce)
        if self.rng.random() < 0.03:
            services.find_voucher(provider, redemption.code, clerk)

    # --- Months ---------------------------------------------------------------------------------------
    def settle_month(self) -> None:
        """On the third of a month the community settles the month before with every provider."""
        last_month = clock.today().replace(day=1) - dt.timedelta(days=1)
        for _code, provider in sorted(
            {offer.shop: reward.provider for offer, reward in self.rewards}.items()
        ):
            place = provider.grid.code
            worker = self.stage.workers.get(place) or self.stage.workers[town.PEICUN]
            if services.statement(provider, last_month).can_be_settled:
                services.settle(provider, last_month, by=worker)

    # --- One member's story ---------------------------------------------------------------------------
    def volunteers_story(self, now: dt.datetime) -> None:
        """What the persona has redeemed: one meal used, one class given back, a haircut still to come."""
        me = self.stage.persona(personas.VOLUNTEER)
        meal, hair, dance = (self._find(title) for title in ("社区食堂套餐", "理发", "舞蹈课席位"))
        for days, (offer, reward), fate in (
            (33, dance, "cancel"),
            (19, meal, "fulfil"),
            (1, hair, "keep"),
        ):

            def happen(offer: Offer = offer, reward: Reward = reward, fate: str = fate) -> None:
                self.plan_end(offer, self.redeem(offer, reward, me, early=True), fate)

            self.timeline.at(now - dt.timedelta(days=days, hours=3), happen)

    def _find(self, title: str) -> tuple[Offer, Reward]:
        return next(
            (offer, reward)
            for offer, reward in self.rewards
            if offer.title == title and offer.audience == town.PEICUN
        )
