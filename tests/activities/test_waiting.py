"""Waiting lists: the order, the time to answer, the seat that is given back once, and every refusal."""

from __future__ import annotations

import datetime as dt

import pytest

from points import clock
from points.activities import errors, services
from points.activities.models import Absence, Registration, SignupRules, WaitlistEntry
from points.activities.services.waiting import confirm_deadline
from points.people.models import Notice, User
from tests.activities.conftest import Scene
from tests.factories import local, make_activity, make_position, make_registration, make_volunteer

State = WaitlistEntry.State


@pytest.fixture
def full(scene: Scene) -> Scene:
    """Both seats are taken: by 王秀英 and 赵大海."""
    for person in (scene.volunteer, scene.other):
        services.sign_up(scene.position, volunteer=person, by=person)
    return scene


def wait(scene: Scene, volunteer: User | None = None, **more) -> WaitlistEntry:
    person = volunteer or make_volunteer()
    return services.join_waitlist(more.pop("position", scene.position), volunteer=person, by=person, **more)


def give_back(scene: Scene, person: User | None = None) -> Registration:
    who = person or scene.volunteer
    seat = Registration.objects.get(
        position=scene.position, volunteer=who, state=Registration.State.SIGNED_UP
    )
    return services.cancel_registration(seat, by=who)


def again(entry: WaitlistEntry) -> WaitlistEntry:
    return WaitlistEntry.objects.get(pk=entry.pk)


def seats(scene: Scene) -> tuple[int, int, int]:
    """What the position says, how many registrations hold a seat, how many seats are offered."""
    scene.position.refresh_from_db()
    held = Registration.objects.filter(position=scene.position, state__in=Registration.HOLDS_A_SEAT)
    offered = WaitlistEntry.objects.filter(position=scene.position, state=State.OFFERED)
    return scene.position.seats_taken, held.count(), offered.count()


def kinds(person: User) -> list[str]:
    return list(Notice.objects.filter(user=person).order_by("pk").values_list("kind", flat=True))


# --- Joining --------------------------------------------------------------------------------------------
def test_join_says_the_number_in_line(full: Scene) -> None:
    first, second = wait(full), wait(full)
    assert [services.number_of(entry) for entry in (first, second)] == [1, 2]
    assert seats(full) == (2, 2, 0)


def test_join_again_gives_the_same_place(full: Scene) -> None:
    person = make_volunteer()
    assert wait(full, person).pk == wait(full, person).pk


def test_join_with_a_free_seat_is_refused(scene: Scene) -> None:
    with pytest.raises(errors.PlaceFree) as refusal:
        wait(scene)
    assert refusal.value.code == "place_free"


def test_join_with_a_seat_in_the_shift_is_refused(full: Scene) -> None:
    with pytest.raises(errors.AlreadySignedUp):
        wait(full, full.volunteer)


def test_join_two_lists_of_one_shift_is_refused(full: Scene) -> None:
    second = make_position(full.shift, capacity=1)
    make_registration(second)
    person = make_volunteer()
    wait(full, person)
    with pytest.raises(errors.AlreadyWaiting) as refusal:
        wait(full, person, position=second)
    assert refusal.value.code == "already_waiting"


def test_join_a_list_at_a_time_that_is_taken_is_refused(full: Scene) -> None:
    other = make_activity(grid=full.town.grid, starts_at=full.shift.starts_at)
    person = make_volunteer()
    services.sign_up(other.shifts.get().positions.get(), volunteer=person, by=person)
    with pytest.raises(errors.Clash):
        wait(full, person)


def test_join_after_the_close_is_refused(full: Scene) -> None:
    with clock.at(full.shift.starts_at), pytest.raises(errors.ShiftStarted):
        wait(full)


# --- Promotion ------------------------------------------------------------------------------------------
def test_a_free_seat_is_offered_to_the_first_and_to_nobody_else(full: Scene) -> None:
    first, second = wait(full), wait(full)
    give_back(full)
    assert (again(first).state, again(second).state) == (State.OFFERED, State.WAITING)
    assert again(first).confirm_by == clock.now() + dt.timedelta(hours=24)
    assert seats(full) == (2, 1, 1)
    person = make_volunteer()
    with pytest.raises(errors.ActivityFull):
        services.sign_up(full.position, volunteer=person, by=person)
    assert kinds(first.volunteer) == ["place_offered"]
    assert kinds(second.volunteer) == ["waitlist_moved_up"]
    assert services.number_of(again(second)) == 1


def test_taking_the_offer_gives_the_seat_and_again_the_same(full: Scene) -> None:
    entry = wait(full)
    give_back(full)
    seat = services.accept_offer(entry, by=entry.volunteer)
    assert services.accept_offer(entry, by=entry.volunteer).pk == seat.pk
    assert (again(entry).state, again(entry).registration) == (State.TAKEN, seat)
    assert seats(full) == (2, 2, 0)


def test_signing_up_takes_the_offer(full: Scene) -> None:
    entry = wait(full)
    give_back(full)
    services.sign_up(full.position, volunteer=entry.volunteer, by=entry.volunteer)
    assert again(entry).state == State.TAKEN
    assert seats(full) == (2, 2, 0)


def test_declining_frees_one_place_once_and_asks_the_next(full: Scene) -> None:
    """pretix#1163: pressing again must not free another."""
    first, second, third = wait(full), wait(full), wait(full)
    give_back(full)
    for _again in range(3):
        assert services.leave_waitlist(first, by=first.volunteer).state == State.DECLINED
    assert [again(entry).state for entry in (second, third)] == [State.OFFERED, State.WAITING]
    assert seats(full) == (2, 1, 1)


def test_a_promoted_person_who_cancels_frees_one_place_once(full: Scene) -> None:
    first, second, third = wait(full), wait(full), wait(full)
    give_back(full)
    seat = services.accept_offer(first, by=first.volunteer)
    for _again in range(3):
        services.cancel_registration(seat, by=first.volunteer)
        services.leave_waitlist(first, by=first.volunteer)
    assert [again(entry).state for entry in (second, third)] == [State.OFFERED, State.WAITING]
    assert seats(full) == (2, 1, 1)


def test_an_unanswered_offer_lapses_once_and_the_next_is_asked(full: Scene) -> None:
    first, second = wait(full), wait(full)
    give_back(full)
    with clock.at(again(first).confirm_by):
        assert services.settle_waitlists() == 2
        assert services.settle_waitlists() == 0
        assert (again(first).state, again(second).state) == (State.LAPSED, State.OFFERED)
        assert seats(full) == (2, 1, 1)
        with pytest.raises(errors.OfferLapsed) as refusal:
            services.accept_offer(first, by=first.volunteer)
        assert refusal.value.code == "offer_lapsed"
    assert kinds(first.volunteer) == ["place_offered", "offer_lapsed"]


def test_an_offer_is_over_at_its_minute_even_if_nobody_has_swept(full: Scene) -> None:
    entry = wait(full)
    give_back(full)
    with clock.at(again(entry).confirm_by):
        with pytest.raises(errors.OfferLapsed):
            services.accept_offer(entry, by=entry.volunteer)
        late = make_volunteer()  # and its seat is free for somebody who signs up now
        services.sign_up(full.position, volunteer=late, by=late)
        assert seats(full) == (2, 2, 0)


def test_leaving_the_line_moves_the_others_up(full: Scene) -> None:
    first, second = wait(full), wait(full)
    assert services.leave_waitlist(first, by=first.volunteer).state == State.LEFT
    assert services.number_of(again(second)) == 1
    assert seats(full) == (2, 2, 0)
    assert kinds(second.volunteer) == ["waitlist_moved_up"]
    with pytest.raises(errors.OfferGone) as refusal:
        services.accept_offer(first, by=first.volunteer)
    assert refusal.value.code == "offer_gone"


def test_the_list_can_be_joined_again_at_its_end(full: Scene) -> None:
    first, second = wait(full), wait(full)
    services.leave_waitlist(first, by=first.volunteer)
    back = wait(full, first.volunteer)
    assert (services.number_of(again(second)), services.number_of(back)) == (1, 2)


def test_more_seats_go_to_the_list_in_order(full: Scene) -> None:
    first, second, third = wait(full), wait(full), wait(full)
    shift, position = full.shift, full.position
    plan = services.ShiftPlan(
        shift.starts_at,
        shift.ends_at,
        pk=shift.pk,
        positions=[services.PositionPlan(position.name, 4, pk=position.pk)],
    )
    services.save_activity(full.activity, by=full.organiser, shifts=[plan])
    assert [again(e).state for e in (first, second, third)] == [State.OFFERED, State.OFFERED, State.WAITING]
    assert seats(full) == (4, 2, 2)
    smaller = services.ShiftPlan(
        shift.starts_at,
        shift.ends_at,
        pk=shift.pk,
        positions=[services.PositionPlan(position.name, 3, pk=position.pk)],
    )
    with pytest.raises(errors.CapacityBelowTaken):  # what is offered is promised
        services.save_activity(full.activity, by=full.organiser, shifts=[smaller])


def test_a_position_somebody_waits_for_cannot_be_deleted(full: Scene) -> None:
    lonely = make_position(full.shift, capacity=1)
    seat = make_registration(lonely)
    wait(full, position=lonely)
    Registration.objects.filter(pk=seat.pk).delete()
    shift, kept = full.shift, full.position
    plan = services.ShiftPlan(
        shift.starts_at,
        shift.ends_at,
        pk=shift.pk,
        positions=[services.PositionPlan(kept.name, 2, pk=kept.pk)],
    )
    with pytest.raises(errors.HasRegistrations):
        services.save_activity(full.activity, by=full.organiser, shifts=[plan])


# --- Near the start -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("hours_left", "expected_minutes"),
    [(72, 24 * 60), (49, 24 * 60), (24, 12 * 60), (4, 120), (1, 30), (0.5, 15), (0.4, None), (-1, None)],
)
def test_the_time_to_answer_shrinks_near_the_close(
    scene: Scene, hours_left: float, expected_minutes: int | None
) -> None:
    with clock.at(scene.shift.starts_at - dt.timedelta(hours=hours_left)):
        until = confirm_deadline(scene.shift, 24)
        assert until == (
            None if expected_minutes is None else clock.now() + dt.timedelta(minutes=expected_minutes)
        )


def test_nobody_is_promoted_after_the_close_or_the_start(full: Scene) -> None:
    """pretix#1031: a promotion nobody can use any more."""
    full.shift.signup_closes_at = full.shift.starts_at - dt.timedelta(hours=6)
    full.shift.save()
    entry = wait(full)
    with clock.at(full.shift.signup_closes_at):
        give_back(full)
        assert again(entry).state == State.CLOSED
        assert services.settle_waitlists() == 0
        assert seats(full) == (1, 1, 0)
    assert kinds(entry.volunteer) == ["waitlist_closed"]


def test_those_who_still_wait_at_the_close_are_told_once(full: Scene) -> None:
    entry = wait(full)
    with clock.at(full.shift.starts_at):
        assert (services.settle_waitlists(), services.settle_waitlists()) == (1, 0)
    assert (again(entry).state, kinds(entry.volunteer)) == (State.CLOSED, ["waitlist_closed"])


def test_a_seat_freed_minutes_before_the_close_is_free_for_everybody(full: Scene) -> None:
    entry = wait(full)
    with clock.at(full.shift.starts_at - dt.timedelta(minutes=20)):
        give_back(full)
        assert again(entry).state == State.WAITING
        services.sign_up(full.position, volunteer=entry.volunteer, by=entry.volunteer)
        assert again(entry).state == State.LEFT
        assert seats(full) == (2, 2, 0)


# --- Who is asked ---------------------------------------------------------------------------------------
def test_somebody_who_cannot_come_is_passed_over_and_keeps_the_place(full: Scene) -> None:
    first, second = wait(full), wait(full)
    other = make_activity(grid=full.town.grid, starts_at=full.shift.starts_at).shifts.get().positions.get()
    elsewhere = services.sign_up(other, volunteer=first.volunteer, by=first.volunteer)
    give_back(full)
    assert (again(first).state, again(second).state) == (State.WAITING, State.OFFERED)
    services.cancel_registration(elsewhere, by=first.volunteer)
    give_back(full, full.other)
    assert again(first).state == State.OFFERED


def test_an_offered_place_counts_in_the_clash(full: Scene) -> None:
    entry = wait(full)
    give_back(full)
    other = make_activity(grid=full.town.grid, starts_at=full.shift.starts_at).shifts.get().positions.get()
    with pytest.raises(errors.Clash) as refusal:
        services.sign_up(other, volunteer=entry.volunteer, by=entry.volunteer)
    assert "楼院大扫除" in refusal.value.as_text()
    services.leave_waitlist(entry, by=entry.volunteer)
    assert services.sign_up(other, volunteer=entry.volunteer, by=entry.volunteer).pk


def test_an_offer_of_the_same_shift_must_be_answered_first(full: Scene) -> None:
    entry = wait(full)
    give_back(full)
    second = make_position(full.shift)
    with pytest.raises(errors.OfferOpen) as refusal:
        services.sign_up(second, volunteer=entry.volunteer, by=entry.volunteer)
    assert refusal.value.code == "offer_open"


def test_a_seat_elsewhere_in_the_shift_ends_the_waiting(full: Scene) -> None:
    entry = wait(full)
    services.sign_up(make_position(full.shift), volunteer=entry.volunteer, by=entry.volunteer)
    assert again(entry).state == State.LEFT


def test_an_offer_that_overlaps_a_little_asks_for_a_second_press(full: Scene) -> None:
    entry = wait(full)
    other = make_activity(grid=full.town.grid, starts_at=local("2026-11-23 10:30")).shifts.get()
    services.sign_up(
        other.positions.get(), volunteer=entry.volunteer, by=entry.volunteer, despite_overlap=True
    )
    give_back(full)
    with pytest.raises(errors.Overlap) as warning:
        services.accept_offer(entry, by=entry.volunteer)
    assert (warning.value.code, seats(full)) == ("overlap", (2, 1, 1))
    assert services.accept_offer(entry, by=entry.volunteer, despite_overlap=True).pk


# --- Called off, rules ----------------------------------------------------------------------------------
def test_calling_off_closes_the_list_and_tells_everybody(full: Scene) -> None:
    first, second = wait(full), wait(full)
    give_back(full)
    services.cancel_activity(full.activity, by=full.organiser, reason="下大雨")
    assert {again(entry).state for entry in (first, second)} == {State.CLOSED}
    assert seats(full) == (0, 0, 0)
    assert "activity_cancelled" in kinds(first.volunteer)
    assert "activity_cancelled" in kinds(second.volunteer)
    assert kinds(full.other) == ["activity_cancelled"]
    assert "activity_cancelled" not in kinds(full.volunteer)  # had given the seat back
    assert not Absence.objects.exists()
    assert services.settle_waitlists() == 0
    with pytest.raises(errors.OfferGone):
        services.accept_offer(first, by=first.volunteer)


def test_the_time_to_answer_is_the_communitys_own_number(full: Scene) -> None:
    SignupRules.objects.create(grid=full.town.root, confirm_hours=6)
    entry = wait(full)
    give_back(full)
    assert again(entry).confirm_by == clock.now() + dt.timedelta(hours=6)
    SignupRules.objects.create(grid=full.town.community, confirm_hours=2)
    second = wait(full)
    give_back(full, full.other)
    assert again(second).confirm_by == clock.now() + dt.timedelta(hours=2)
