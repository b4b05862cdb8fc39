"""What the table of rights needs around a sign-up: a queue, an answered mark, a team, a qualification."""

from __future__ import annotations

import datetime as dt
from typing import Any

from points import clock
from points.activities import services
from points.activities.models import HeldQualification, Qualification, WaitlistEntry
from points.grids import teams
from points.people.models import User
from tests import factories as make


def waiting(position: Any, member: User) -> Any:
    """The member in the queue of another shift of the same activity."""
    shift = make.make_shift(position.shift.activity, starts_at=position.shift.starts_at, capacity=0)
    return WaitlistEntry.objects.create(position=shift.positions.get(), shift=shift, volunteer=member)


def absence(near: Any, organiser: User, member: User) -> Any:
    """A shift of last week for which the member was marked as missing, and answered."""
    start = clock.now() - dt.timedelta(days=7)
    activity = make.make_activity(grid=near, organiser=organiser, starts_at=start, title="春风讲座")
    seat = make.make_registration(activity.shifts.get().positions.get(), volunteer=member)
    services.mark_no_show(seat, by=organiser)
    return services.answer_absence(seat.absence, by=member, answer="ill")


def team(near: Any, unit: Any, member: User) -> Any:
    """A team that the member leads, and somebody who asks to join."""
    team = teams.found_team(name="春风护绿队", grid=near, guided_by=unit, leader=member, by=None)
    return team, teams.ask_to_join(team, user=make.make_user(name="春风新邻居"))


def qualification(near: Any, member: User, by: User) -> Any:
    first_aid = Qualification.objects.create(name="春风急救证", grid=near)
    return HeldQualification.objects.create(qualification=first_aid, volunteer=member, entered_by=by)
