"""The same place, offered and taken at the same moment; each with its lock taken away as the control."""

from __future__ import annotations

import pytest

from points import clock
from points.activities import errors, services
from points.activities.models import Position, Registration, WaitlistEntry
from points.activities.services import waiting as module
from points.people.models import User
from tests.activities.test_races import (
    drop_check,
    last_seat,  # noqa: F401  (a fixture)
    two_at_once,
    without_lock,
)
from tests.factories import make_registration, make_volunteer

State = WaitlistEntry.State
pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def offered(last_seat: Position) -> tuple[WaitlistEntry, WaitlistEntry]:  # noqa: F811
    """One seat, given back, offered to the first of two who wait."""
    holder = make_registration(last_seat)
    entries = []
    for _two in range(2):
        person = make_volunteer()
        entries.append(services.join_waitlist(last_seat, volunteer=person, by=person))
    services.cancel_registration(holder, by=holder.volunteer)
    return entries[0], entries[1]


def claims(position: Position) -> tuple[int, int]:
    """What the position says, and how many people have a seat or an offer of one."""
    position.refresh_from_db()
    held = Registration.objects.filter(position=position, state__in=Registration.HOLDS_A_SEAT).count()
    offers = WaitlistEntry.objects.filter(position=position, state=State.OFFERED).count()
    return position.seats_taken, held + offers


def decline_twice(first: WaitlistEntry) -> tuple[int, int]:
    two_at_once(
        lambda: services.leave_waitlist(first, by=first.volunteer),
        lambda: services.leave_waitlist(first, by=first.volunteer),
    )
    return claims(first.position)


def test_declining_twice_at_once_frees_one_place(offered: tuple[WaitlistEntry, WaitlistEntry]) -> None:
    assert decline_twice(offered[0]) == (1, 1)
    offered[1].refresh_from_db()
    assert offered[1].state == State.OFFERED


def test_declining_twice_at_once_frees_two_without_the_lock(
    offered: tuple[WaitlistEntry, WaitlistEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the seat of the next in line is counted away."""
    monkeypatch.setattr(module, "lock_position", without_lock)
    said, real = decline_twice(offered[0])
    assert said < real


def take_while_it_lapses(first: WaitlistEntry) -> Exception | None:
    """The last second: the sweep lets the offer lapse and asks the next, while the person says yes."""
    first.refresh_from_db()
    late = first.confirm_by
    assert late is not None

    def sweep() -> None:
        with clock.at(late):
            services.settle_waitlists()

    _waited, problem = two_at_once(sweep, lambda: services.accept_offer(first, by=first.volunteer))
    return problem


def test_yes_at_the_moment_of_lapsing_gives_the_place_to_one(
    offered: tuple[WaitlistEntry, WaitlistEntry],
) -> None:
    problem = take_while_it_lapses(offered[0])
    assert isinstance(problem, errors.OfferLapsed)
    assert claims(offered[0].position) == (1, 1)


def test_yes_at_the_moment_of_lapsing_oversells_without_the_lock(
    offered: tuple[WaitlistEntry, WaitlistEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: one seat, and two people who have it."""
    monkeypatch.setattr(module, "lock_position", without_lock)
    assert take_while_it_lapses(offered[0]) is None
    assert claims(offered[0].position) == (1, 2)


def newcomer_while_offered(position: Position) -> tuple[int, int]:
    """Somebody gives the seat back; before that is committed a newcomer asks for it."""
    holder = make_registration(position)
    person = make_volunteer()
    services.join_waitlist(position, volunteer=person, by=person)
    newcomer = make_volunteer()
    two_at_once(
        lambda: services.cancel_registration(holder, by=holder.volunteer),
        lambda: services.sign_up(position, volunteer=newcomer, by=newcomer),
    )
    return claims(position)


def test_a_newcomer_does_not_get_past_the_line(last_seat: Position) -> None:  # noqa: F811
    assert newcomer_while_offered(last_seat) == (1, 1)
    assert WaitlistEntry.objects.get().state == State.OFFERED


def two_sweeps(position: Position) -> tuple[int, int]:
    """More seats, and two workers who both offer them."""
    make_registration(position)
    people: list[User] = [make_volunteer() for _three in range(3)]
    for person in people:
        services.join_waitlist(position, volunteer=person, by=person)
    Position.objects.filter(pk=position.pk).update(capacity=2)
    two_at_once(services.settle_waitlists, services.settle_waitlists)
    return claims(position)


def test_two_workers_offer_a_seat_once(last_seat: Position) -> None:  # noqa: F811
    assert two_sweeps(last_seat) == (2, 2)


def test_two_workers_oversell_without_the_lock_and_the_check(
    last_seat: Position,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: both count the same free seat; only the database's own CHECK would still say no."""
    monkeypatch.setattr(module, "lock_position", without_lock)
    drop_check()
    said, _real = two_sweeps(last_seat)
    assert said > 2


def test_joining_twice_at_once_is_one_place(last_seat: Position) -> None:  # noqa: F811
    make_registration(last_seat)
    person = make_volunteer()
    found: list[int] = []

    def join() -> None:
        found.append(services.join_waitlist(last_seat, volunteer=person, by=person).pk)

    waited, problem = two_at_once(join, join)
    assert (waited, problem) == (True, None)
    assert found[0] == found[1]


def test_a_promotion_and_the_calling_off(offered: tuple[WaitlistEntry, WaitlistEntry]) -> None:
    first = offered[0]
    activity = first.shift.activity
    _waited, problem = two_at_once(
        lambda: services.cancel_activity(activity, by=activity.organiser, reason="下雨"),
        lambda: services.accept_offer(first, by=first.volunteer),
    )
    assert isinstance(problem, errors.OfferGone)
    assert claims(first.position) == (0, 0)
