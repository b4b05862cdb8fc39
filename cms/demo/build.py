"""Building the demo town: the front door of every room, in the order in which a real town would use it.

Nothing is written here that a service could refuse: units and roles by `points.grids`, people by
`points.people`, rules by `points.schemes`, activities, sign-ups, check-ins and confirmations by
`points.activities`, redemptions by `rewards`, budgets by the ledger. So the town cannot be illegal, and
whoever breaks a service breaks the town.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import dataclass
from functools import partial

from django.utils import timezone

from cms.demo import neighbourly, personas, private
from cms.demo.assessment import plan_assessments
from cms.demo.calendar import first_day, local, make_plans
from cms.demo.exchange import SETTLE_DAY, Exchange
from cms.demo.news import NOTICES, publish_news
from cms.demo.progress import Progress
from cms.demo.questions import Questions
from cms.demo.queueing import open_queues
from cms.demo.records import Service
from cms.demo.stage import Stage, draw_renditions, set_up
from cms.demo.timeline import Timeline
from cms.models import AnnouncementPage
from points import clock
from points.activities.services import settle_waitlists
from points.ledger import closing, sealing
from points.ledger.services import lapse_due
from points.people.models import User
from points.records.services import pay_waiting, release_due
from rewards.services import expire_due, forfeit_due

SEED = 20261122
FIRST_MARKET_DAY = 12


@dataclass(frozen=True)
class Town:
    """What was built."""

    units: int
    people: int
    activities: int
    announcements: int
    refusals: Counter[str]


def is_built() -> bool:
    """Whether this database holds the whole demo town. Announcements come last: a half town has none."""
    lives_here = User.objects.filter(username=personas.VOLUNTEER.username, name=personas.VOLUNTEER.name)
    return lives_here.exists() and AnnouncementPage.objects.filter(slug=NOTICES[0].slug).exists()


def build_town(
    *, small: bool = False, seed: int = SEED, quiet: bool = False, draw_ahead: bool = True
) -> Town:
    """Build the whole town, or 裴村 alone, up to the present moment of the product's clock.

    `draw_ahead`: make the pictures in the sizes the pages ask for, so that no visitor waits for them.
    """
    now = clock.now()
    rng = random.Random(seed)
    timeline = Timeline(now)
    stage = Stage(now=now, rng=rng, timeline=timeline, small=small)
    service, exchange = Service(stage), Exchange(stage)
    morning = local(first_day(timezone.localdate(now)), 7)
    last_day = timezone.localdate(now)
    days = (last_day - timezone.localdate(morning)).days + 1
    progress = Progress("裴村 Peicun" if small else "金豆 demo town", days + 8, quiet=quiet)

    def begin() -> None:
        set_up(stage)
        progress.advance("places, people, rules", 6)
        for plan in make_plans(rng, now, small=small):
            service.announce(plan)
        private.plan(stage, now)

    timeline.at(morning, begin)
    timeline.at(morning + dt.timedelta(hours=1), exchange.open)
    timeline.at(morning + dt.timedelta(hours=1, minutes=30), partial(neighbourly.begin, stage, exchange))
    timeline.at(morning + dt.timedelta(hours=2), partial(exchange.volunteers_story, now))
    Questions(stage).queue(timezone.localtime(now))
    timeline.at(morning + dt.timedelta(hours=3), partial(plan_assessments, stage))
    for number in range(days):
        day = timezone.localdate(morning) + dt.timedelta(days=number)
        if number:
            timeline.at(local(day, 0, 15), nightly)
        if day.day == 1 and number:
            timeline.at(local(day, 2), closing.close_last_month)
        if day.day == SETTLE_DAY:
            timeline.at(local(day, 10), exchange.settle_month)
    timeline.at(
        local(timezone.localdate(morning) + dt.timedelta(days=FIRST_MARKET_DAY), 18, 20), exchange.market_day
    )

    def tick(day: dt.date) -> None:
        progress.advance(day.isoformat())

    timeline.run(tick)
    open_queues(stage)
    announcements = publish_news(stage)
    if draw_ahead:
        draw_renditions()
    release_due()
    sealing.seal_pending()
    progress.advance("announcements, pictures, seals", progress.total)
    progress.finish()
    return Town(
        units=len(stage.units),
        people=len(stage.users),
        activities=len(service.stories),
        announcements=announcements,
        refusals=timeline.refusals,
    )


def nightly() -> None:
    """What beat does at night: notices end, budgets pay, vouchers and beans expire, the books are sealed."""
    settle_waitlists()
    release_due()
    pay_waiting()
    expire_due()
    forfeit_due()
    lapse_due()
    if clock.today().weekday() == 0:
        sealing.seal_pending()
