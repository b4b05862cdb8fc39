"""What happens at activities: people sign up, come or do not, check in and out, and are confirmed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from django.utils import timezone

from cms.demo import personas, town
from cms.demo.calendar import Plan
from cms.demo.stage import Stage
from points import clock
from points.activities import services
from points.activities.models import Activity, Position, Registration, Shift
from points.people.models import User

METHOD = Registration.Method
MINUTE = dt.timedelta(minutes=1)
CANCEL_HOURS = 12
"""Until so many hours before the start a seat can be given back without being late."""


@dataclass
class Story:
    """One activity as it unfolds."""

    plan: Plan
    activity: Activity | None = None
    absent: list[Registration] = field(default_factory=list)
    excused: list[Registration] = field(default_factory=list)


class Service:
    """Turns plans into events on the timeline."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.rng = stage.rng
        self.timeline = stage.timeline
        self.busy: set[tuple[int, dt.date]] = set()
        self.stories: list[Story] = []

    def announce(self, plan: Plan) -> None:
        """Queue the whole story of one plan."""
        story = Story(plan)
        self.stories.append(story)
        self.timeline.at(plan.opens_at, partial(self.open, story))

    # --- The organiser --------------------------------------------------------------------------------
    def open(self, story: Story) -> None:
        plan, stage = story.plan, self.stage
        organiser = stage.organisers[plan.community if plan.community in stage.organisers else town.SONGSHAN]
        unit = stage.units[plan.grid]
        names = [name for name, _capacity in plan.kind.positions]
        shifts = [
            services.ShiftPlan(
                start,
                end,
                positions=[
                    services.PositionPlan(name, seats)
                    for name, seats in zip(names, plan.capacities, strict=True)
                ],
                cancel_until=start - dt.timedelta(hours=CANCEL_HOURS),
            )
            for start, end in plan.times
        ]
        activity = services.create_activity(
            by=organiser,
            grid=unit,
            organization=stage.organizations.get(plan.community) or stage.organizations[town.SONGSHAN],
            title=plan.kind.title,
            category=plan.kind.category,
            summary=plan.kind.summary,
            place=plan.kind.place.format(unit=unit.name),
            shifts=shifts,
            code=f"{self.rng.getrandbits(32):08x}",
            description=plan.kind.text,
            bring=plan.kind.bring,
            risk_note=plan.kind.risk,
            is_risky=plan.kind.is_risky,
            is_insured=plan.kind.is_risky,
            is_service=plan.kind.is_service,
            contact_phone=organiser.phone or "",
            cover=stage.pictures[plan.kind.cover],
        )
        story.activity = activity
        if plan.is_draft:
            return
        services.publish(activity, by=organiser)
        for shift in activity.shifts.prefetch_related("positions"):
            self.fill(story, shift, list(shift.positions.all()))
        if plan.cancelled_at:
            call_off = partial(services.cancel_activity, activity, by=organiser, reason=plan.reason)
            self.timeline.at(plan.cancelled_at, call_off)

    # --- The volunteers -------------------------------------------------------------------------------
    def fill(self, story: Story, shift: Shift, positions: Sequence[Position]) -> None:
        """Choose who signs up for one shift, and when."""
        plan = story.plan
        seats = [position for position in positions for _seat in range(position.capacity)]
        wanted = round(len(seats) * plan.fill) if plan.people is None else plan.people // len(plan.times)
        volunteers = self.choose(plan, shift, wanted)
        if plan.with_volunteer and not plan.is_draft:
            me = self.stage.persona(personas.VOLUNTEER)
            if self.is_free(me, shift):
                self.busy.add((me.pk, day_of(shift)))
                volunteers = [me, *volunteers[: len(seats) - 1]]
        self.rng.shuffle(seats)
        latest = min(shift.starts_at, self.timeline.end)
        opened = clock.now()
        for volunteer, position in zip(volunteers, seats, strict=False):
            moment = opened + (latest - opened) * self.rng.betavariate(1.2, 2.2)
            self.timeline.at(moment, partial(self.sign_up, story, shift, position, volunteer))
        self.timeline.at(shift.starts_at - 25 * MINUTE, partial(self.meet, story, shift))

    def choose(self, plan: Plan, shift: Shift, wanted: int) -> list[User]:
        """Volunteers of the community who are free that day, the eager ones more often."""
        if plan.grid == town.SONGSHAN:
            pool = [user for code in town.community_codes() for user in self.stage.residents[code]]
        else:
            pool = self.stage.residents[plan.community]
        pool = [user for user in pool if self.is_free(user, shift)]
        keys = {user.pk: self.rng.random() ** (1 / self.stage.zeal[user.pk]) for user in pool}
        chosen = sorted(pool, key=lambda user: -keys[user.pk])[:wanted]
        self.busy.update((user.pk, day_of(shift)) for user in chosen)
        return chosen

    def is_free(self, user: User, shift: Shift) -> bool:
        return (user.pk, day_of(shift)) not in self.busy

    def sign_up(self, story: Story, shift: Shift, position: Position, volunteer: User) -> None:
        registration = services.sign_up(position, volunteer=volunteer, by=volunteer, despite_overlap=True)
        faithful = (
            story.plan.everybody_comes
            or story.plan.fill == 1
            or volunteer.username == personas.VOLUNTEER.username
        )
        if not faithful and self.rng.random() < 0.07:
            if self.rng.random() < 0.7:
                moment = clock.now() + (shift.starts_at - clock.now()) * 0.4
            else:
                moment = shift.starts_at - dt.timedelta(hours=self.rng.uniform(1, CANCEL_HOURS - 1))
            if moment > clock.now():
                give_back = partial(services.cancel_registration, registration, by=volunteer)
                self.timeline.at(moment, give_back)

    # --- On the day -----------------------------------------------------------------------------------
    def meet(self, story: Story, shift: Shift) -> None:
        """Shortly before the start: who of those with a seat will come, when, and how they check in."""
        seats = Registration.objects.filter(shift=shift, state=Registration.State.SIGNED_UP)
        here = seats.select_related("volunteer").order_by("volunteer__username")
        organiser = story.activity.organiser if story.activity else None
        assert organiser is not None
        forgot = False
        for registration in here:
            fate = self.rng.random()
            is_me = registration.volunteer.username == personas.VOLUNTEER.username
            if story.plan.is_live and (is_me or fate > 0.6):
                continue  # still on the way: check-in can be tried
            if not story.plan.everybody_comes and not is_me and fate < 0.06:
                (story.absent if fate < 0.035 else story.excused).append(registration)
                continue
            arrives = shift.starts_at + MINUTE * round(min(self.rng.gauss(-6, 7), 40))
            arrives = max(arrives, shift.starts_at - 24 * MINUTE)
            by_code = self.rng.random() < 0.7
            self.timeline.at(arrives, partial(self.arrive, shift, registration, organiser, by_code))
            if self.rng.random() < 0.05:
                forgot = True
                continue
            leaves = shift.ends_at + MINUTE * round(self.rng.triangular(-50, 25, 4))
            leaves = max(leaves, arrives + 15 * MINUTE)
            self.timeline.at(leaves, partial(self.leave, shift, registration, organiser, by_code))
        if forgot:
            self.timeline.at(shift.ends_at + 35 * MINUTE, services.close_forgotten)
        if story.plan.confirm:
            evening = shift.ends_at + dt.timedelta(
                hours=story.plan.confirm_hours or self.rng.choice((2, 4, 20, 26, 44))
            )
            self.timeline.at(evening, partial(self.confirm, story, shift, organiser))

    def arrive(self, shift: Shift, registration: Registration, organiser: User, by_code: bool) -> None:
        if by_code:
            services.check_in_with_code(registration.volunteer, services.check_code(shift))
        else:
            services.check_in(registration, by=organiser, method=METHOD.ROSTER)

    def leave(self, shift: Shift, registration: Registration, organiser: User, by_code: bool) -> None:
        if by_code and clock.now() <= shift.ends_at + services.CLOSES_AFTER:
            services.check_out_with_code(registration.volunteer, services.check_code(shift))
        else:
            services.check_out(registration, by=organiser, method=METHOD.ROSTER)

    def confirm(self, story: Story, shift: Shift, organiser: User) -> None:
        done = services.confirm_shift(shift, by=organiser, no_shows=story.absent, excused=story.excused)
        for _registration, refusal in done.refused:
            self.timeline.refusals[refusal.refusal_code] += 1


def day_of(shift: Shift) -> dt.date:
    return timezone.localdate(shift.starts_at)
