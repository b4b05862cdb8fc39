"""The same again: copies, weekly series, campaigns; each alone, or this and all later ones."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from points import clock
from points.activities import errors, services
from points.activities.models import Activity, Qualification, Registration
from points.activities.services.repeating import FACTS
from tests.activities.conftest import Scene
from tests.factories import local, make_activity, make_registration, make_shift

State = Activity.State


def days(activities) -> list[str]:
    return [f"{timezone.localtime(each.first_starts_at):%m-%d %H:%M}" for each in activities]


def repeat(scene: Scene, **how) -> list[Activity]:
    return services.repeat_weekly(scene.activity, by=scene.organiser, **how)


def plan(activity: Activity, **changes) -> services.ShiftPlan:
    shift = activity.shifts.get()
    position = shift.positions.get()
    values = {
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
        "pk": shift.pk,
        "positions": [services.PositionPlan(position.name, position.capacity, pk=position.pk)],
    }
    return services.ShiftPlan(**(values | changes))


# --- Copies ---------------------------------------------------------------------------------------------
def test_copy_is_a_draft_with_the_same_words_and_nobody_in_it(scene: Scene) -> None:
    make_registration(scene.position, volunteer=scene.volunteer)
    scene.activity.needs.add(Qualification.objects.create(name="急救证", grid=scene.town.community))
    shift = scene.shift
    shift.signup_closes_at = shift.starts_at - dt.timedelta(hours=12)
    shift.cancel_until = shift.starts_at - dt.timedelta(hours=6)
    shift.save()
    make_shift(scene.activity, starts_at=local("2026-11-25 14:00"))
    copy = services.copy_activity(scene.activity, by=scene.organiser, first_on=dt.date(2026, 12, 1))
    assert (copy.state, copy.series, copy.organiser) == (State.DRAFT, None, scene.organiser)
    assert all(getattr(copy, name) == getattr(scene.activity, name) for name in FACTS)
    first, second = copy.shifts.all()
    assert timezone.localtime(first.starts_at) == local("2026-12-01 09:00")
    assert timezone.localtime(first.signup_closes_at) == local("2026-11-30 21:00")
    assert timezone.localtime(first.cancel_until) == local("2026-12-01 03:00")
    assert timezone.localtime(second.starts_at) == local("2026-12-03 14:00")
    assert first.positions.get().seats_taken == 0
    assert first.secret != shift.secret
    assert [need.name for need in copy.needs.all()] == ["急救证"]
    assert copy.code != scene.activity.code


def test_copy_to_a_day_that_has_passed_is_refused(scene: Scene) -> None:
    with pytest.raises(errors.DayOver) as refusal:
        services.copy_activity(scene.activity, by=scene.organiser, first_on=dt.date(2026, 11, 19))
    assert refusal.value.code == "day_over"


def test_copy_of_something_without_shifts_is_refused(scene: Scene) -> None:
    empty = Activity.objects.create(
        title="空", grid=scene.town.grid, organiser=scene.organiser, organization=scene.activity.organization
    )
    with pytest.raises(errors.NoShifts):
        services.copy_activity(empty, by=scene.organiser, first_on=dt.date(2026, 12, 1))


# --- Series ---------------------------------------------------------------------------------------------
def test_weekly_so_many_times(scene: Scene) -> None:
    made = repeat(scene, times=3)
    assert days(made) == ["11-30 09:00", "12-07 09:00", "12-14 09:00"]
    assert {each.state for each in made} == {State.OPEN}
    assert {each.series for each in made} == {scene.activity.series}


@pytest.mark.parametrize(
    ("until", "found"),
    [("2026-11-30", ["11-30 09:00"]), ("2026-12-07", ["11-30 09:00", "12-07 09:00"])],
)
def test_weekly_until_a_day_that_still_counts(scene: Scene, until: str, found: list[str]) -> None:
    assert days(repeat(scene, until=dt.date.fromisoformat(until))) == found


def test_every_second_week_and_of_a_draft_as_drafts(scene: Scene) -> None:
    Activity.objects.filter(pk=scene.activity.pk).update(state=State.DRAFT)
    made = repeat(scene, times=2, every_weeks=2)
    assert days(made) == ["12-07 09:00", "12-21 09:00"]
    assert {each.state for each in made} == {State.DRAFT}


def test_the_same_press_twice_makes_it_once(scene: Scene) -> None:
    repeat(scene, times=2)
    with pytest.raises(errors.RepeatNothing) as refusal:
        repeat(scene, times=2)
    assert refusal.value.code == "repeat_nothing"
    assert days(repeat(scene, times=3)) == ["12-14 09:00"]


def test_a_called_off_date_is_not_made_again(scene: Scene) -> None:
    first, _second = repeat(scene, times=2)
    services.cancel_activity(first, by=scene.organiser, reason="放假")
    assert days(repeat(scene, times=3)) == ["12-14 09:00"]


@pytest.mark.parametrize(
    ("how", "refusal"),
    [
        ({}, errors.RepeatNothing),
        ({"times": 0}, errors.RepeatNothing),
        ({"times": -1}, errors.RepeatNothing),
        ({"times": 2, "until": dt.date(2026, 12, 31)}, errors.RepeatNothing),
        ({"until": dt.date(2026, 11, 29)}, errors.RepeatNothing),
        ({"times": 2, "every_weeks": 0}, errors.RepeatNothing),
        ({"times": 53}, errors.RepeatTooMany),
        ({"until": dt.date(2028, 1, 1)}, errors.RepeatTooMany),
    ],
)
def test_bad_repeats_are_refused_and_make_nothing(scene: Scene, how, refusal) -> None:
    with pytest.raises(refusal) as refused:
        repeat(scene, **how)
    assert refused.value.code in ("repeat_nothing", "repeat_too_many")
    assert Activity.objects.count() == 1


def test_repeating_something_called_off_is_refused(scene: Scene) -> None:
    services.cancel_activity(scene.activity, by=scene.organiser, reason="下雨")
    with pytest.raises(errors.ActivityCancelled):
        repeat(scene, times=2)


def test_days_that_have_passed_are_left_out(scene: Scene) -> None:
    with clock.at(local("2026-12-10 08:00")):
        assert days(repeat(scene, times=4)) == ["12-14 09:00", "12-21 09:00"]


def test_one_date_is_called_off_alone(scene: Scene) -> None:
    first, second = repeat(scene, times=2)
    services.cancel_activity(first, by=scene.organiser, reason="放假")
    assert list(services.later_in_series(scene.activity)) == [second]


def test_this_and_later_are_called_off_together_and_earlier_ones_stay(scene: Scene) -> None:
    first, second, third = repeat(scene, times=3)
    seat = services.sign_up(third.shifts.get().positions.get(), volunteer=scene.volunteer, by=scene.volunteer)
    services.cancel_this_and_later(second, by=scene.organiser, reason="施工")
    states = dict(Activity.objects.values_list("pk", "state"))
    assert [states[each.pk] for each in (scene.activity, first, second, third)] == [
        State.OPEN,
        State.OPEN,
        State.CANCELLED,
        State.CANCELLED,
    ]
    seat.refresh_from_db()
    assert seat.state == Registration.State.CALLED_OFF


def test_a_change_of_this_and_later(scene: Scene) -> None:
    first, second = repeat(scene, times=2)
    Activity.objects.filter(pk=second.pk).update(bring="雨伞")
    first.refresh_from_db()
    first.place, first.bring = "东门凉亭", "手套"
    shift = first.shifts.get()
    position = shift.positions.get()
    new = services.ShiftPlan(
        local("2026-12-01 10:00"),
        local("2026-12-01 11:30"),
        pk=shift.pk,
        positions=[
            services.PositionPlan("巡逻", 5, pk=position.pk),
            services.PositionPlan("送水", 2),
        ],
    )
    refused = services.save_this_and_later(first, by=scene.organiser, shifts=[new], changed={"place"})
    assert refused == []
    second.refresh_from_db()
    scene.activity.refresh_from_db()
    assert (second.place, second.bring) == ("东门凉亭", "雨伞")  # only what was touched
    later = second.shifts.get()
    assert timezone.localtime(later.starts_at) == local("2026-12-08 10:00")
    assert timezone.localtime(later.ends_at) == local("2026-12-08 11:30")
    assert [(each.name, each.capacity) for each in later.positions.all()] == [("巡逻", 5), ("送水", 2)]
    assert scene.activity.place == "社区广场"
    assert timezone.localtime(scene.activity.shifts.get().starts_at) == local("2026-11-23 09:00")


def test_what_a_later_one_refuses_is_said_and_stays_as_it_was(scene: Scene) -> None:
    (first,) = repeat(scene, times=1)
    seats = first.shifts.get().positions.get()
    for person in (scene.volunteer, scene.other):
        services.sign_up(seats, volunteer=person, by=person)
    scene.activity.place = "东门凉亭"
    position = scene.position
    new = plan(scene.activity, positions=[services.PositionPlan(position.name, 1, pk=position.pk)])
    ((later, refusal),) = services.save_this_and_later(scene.activity, by=scene.organiser, shifts=[new])
    assert (later.pk, refusal.refusal_code) == (first.pk, "capacity_below_taken")
    first.refresh_from_db()
    scene.position.refresh_from_db()
    assert (first.place, scene.position.capacity) == ("社区广场", 1)


def test_a_later_one_with_other_shifts_only_takes_the_words(scene: Scene) -> None:
    (first,) = repeat(scene, times=1)
    make_shift(first, starts_at=local("2026-12-02 15:00"))
    scene.activity.place = "东门凉亭"
    start = local("2026-11-23 10:00")
    new = plan(scene.activity, starts_at=start, ends_at=start + dt.timedelta(hours=2))
    services.save_this_and_later(scene.activity, by=scene.organiser, shifts=[new])
    first.refresh_from_db()
    assert first.place == "东门凉亭"
    assert days([first]) == ["11-30 09:00"]


# --- Campaigns ------------------------------------------------------------------------------------------
def add(scene: Scene, first: str, last: str, **more):
    return services.add_days(
        scene.activity,
        by=scene.organiser,
        like=scene.shift,
        first_on=dt.date.fromisoformat(first),
        last_on=dt.date.fromisoformat(last),
        **more,
    )


def test_five_days_in_one_press(scene: Scene) -> None:
    made = add(scene, "2026-11-23", "2026-11-27")
    assert [f"{timezone.localtime(shift.starts_at):%m-%d %H:%M}" for shift in made] == [
        "11-24 09:00",
        "11-25 09:00",
        "11-26 09:00",
        "11-27 09:00",
    ]
    assert {shift.positions.get().capacity for shift in made} == {2}
    scene.activity.refresh_from_db()
    assert timezone.localtime(scene.activity.last_ends_at) == local("2026-11-27 11:00")
    with pytest.raises(errors.RepeatNothing):
        add(scene, "2026-11-23", "2026-11-27")


def test_only_some_days_of_the_week_and_seats_are_kept(scene: Scene) -> None:
    make_registration(scene.position, volunteer=scene.volunteer)
    made = add(scene, "2026-11-24", "2026-12-06", weekdays={5, 6})
    assert [timezone.localdate(shift.starts_at).day for shift in made] == [28, 29, 5, 6]
    scene.position.refresh_from_db()
    assert scene.position.seats_taken == 1


@pytest.mark.parametrize(
    ("first", "last", "refusal", "code"),
    [
        ("2026-11-27", "2026-11-26", errors.DaysBackwards, "days_backwards"),
        ("2026-11-19", "2026-11-26", errors.DayOver, "day_over"),
        ("2026-11-24", "2026-12-24", errors.TooManyShifts, "too_many_shifts"),
        ("2026-11-24", "2029-11-24", errors.TooManyShifts, "too_many_shifts"),
    ],
)
def test_bad_days_are_refused_and_add_nothing(scene: Scene, first: str, last: str, refusal, code) -> None:
    with pytest.raises(refusal) as refused:
        add(scene, first, last)
    assert refused.value.code == code
    assert scene.activity.shifts.count() == 1


def test_no_days_for_something_called_off(scene: Scene) -> None:
    other = make_activity(grid=scene.town.grid, state=State.CANCELLED)
    with pytest.raises(errors.ActivityCancelled):
        services.add_days(
            other,
            by=scene.organiser,
            like=other.shifts.get(),
            first_on=dt.date(2026, 12, 1),
            last_on=dt.date(2026, 12, 2),
        )
