"""Signing up and cancelling: every answer, and every refusal."""

from __future__ import annotations

import datetime as dt

import pytest

from points import clock
from points.activities import errors, services
from points.activities.models import Activity, Registration
from tests.activities.conftest import Scene
from tests.factories import local, make_activity, make_position, make_volunteer

State = Registration.State


def join(scene: Scene, volunteer=None, **more):
    person = volunteer or scene.volunteer
    return services.sign_up(more.pop("position", scene.position), volunteer=person, by=person, **more)


def taken(scene: Scene) -> int:
    scene.position.refresh_from_db()
    return scene.position.seats_taken


def test_sign_up_takes_one_seat(scene: Scene) -> None:
    registration = join(scene)
    assert (registration.state, registration.entered_by, taken(scene)) == (State.SIGNED_UP, None, 1)
    assert registration.signed_up_at == clock.now()


def test_sign_up_a_second_tap_gives_the_first_answer(scene: Scene) -> None:
    assert join(scene).pk == join(scene).pk
    assert taken(scene) == 1


def test_sign_up_a_winners_second_tap_is_not_refused_when_full(scene: Scene) -> None:
    first = join(scene)
    join(scene, scene.other)
    assert join(scene).pk == first.pk


def test_sign_up_by_somebody_else_is_written_down(scene: Scene) -> None:
    registration = services.sign_up(scene.position, volunteer=scene.volunteer, by=scene.organiser)
    assert registration.entered_by == scene.organiser


def test_sign_up_full_is_refused(scene: Scene) -> None:
    join(scene)
    join(scene, scene.other)
    with pytest.raises(errors.ActivityFull) as refusal:
        join(scene, make_volunteer())
    assert refusal.value.code == "activity_full"
    assert "2" in refusal.value.as_text()
    assert taken(scene) == 2


def test_sign_up_another_position_of_the_shift_is_refused(scene: Scene) -> None:
    join(scene)
    with pytest.raises(errors.AlreadySignedUp) as refusal:
        join(scene, position=make_position(scene.shift))
    assert refusal.value.code == "already_signed_up"


@pytest.mark.parametrize("state", [Activity.State.DRAFT, Activity.State.CANCELLED])
def test_sign_up_not_open_is_refused(scene: Scene, state: str) -> None:
    Activity.objects.filter(pk=scene.activity.pk).update(state=state)
    with pytest.raises(errors.ActivityNotOpen) as refusal:
        join(scene)
    assert refusal.value.code == "activity_not_open"


def test_sign_up_after_the_start_is_refused(scene: Scene) -> None:
    with clock.at(scene.shift.starts_at), pytest.raises(errors.ShiftStarted) as refusal:
        join(scene)
    assert refusal.value.code == "shift_started"


def test_sign_up_after_the_close_is_refused(scene: Scene) -> None:
    scene.shift.signup_closes_at = scene.shift.starts_at - dt.timedelta(hours=12)
    scene.shift.save()
    with clock.at(scene.shift.signup_closes_at), pytest.raises(errors.SignupClosed) as refusal:
        join(scene)
    assert refusal.value.code == "signup_closed"


@pytest.mark.parametrize(
    ("start", "minutes", "clashes"),
    [
        ("2026-11-23 09:30", 120, True),  # 90 minutes together
        ("2026-11-23 09:59", 120, True),  # 61
        ("2026-11-23 10:00", 120, False),  # 60: tight, but a person's own decision
        ("2026-11-23 11:00", 120, False),
        ("2026-11-23 09:30", 45, True),  # short, and wholly inside
    ],
)
def test_sign_up_clash_of_more_than_an_hour_is_refused(
    scene: Scene, start: str, minutes: int, clashes: bool
) -> None:
    join(scene)
    other = make_activity(grid=scene.town.other_grid, starts_at=local(start), minutes=minutes)
    position = other.shifts.get().positions.get()
    if not clashes:
        assert join(scene, position=position, despite_overlap=True).state == State.SIGNED_UP
        return
    with pytest.raises(errors.Clash) as refusal:
        join(scene, position=position)
    assert refusal.value.code == "clash"
    assert "楼院大扫除" in refusal.value.as_text()


def test_sign_up_a_cancelled_seat_does_not_clash(scene: Scene) -> None:
    services.cancel_registration(join(scene), by=scene.volunteer)
    other = make_activity(grid=scene.town.grid, starts_at=scene.shift.starts_at)
    assert join(scene, position=other.shifts.get().positions.get()).pk


def test_cancel_gives_the_seat_back_once(scene: Scene) -> None:
    registration = join(scene)
    for _again in range(3):
        assert services.cancel_registration(registration, by=scene.volunteer).state == State.CANCELLED
    assert taken(scene) == 0


def test_cancel_then_sign_up_again(scene: Scene) -> None:
    first = services.cancel_registration(join(scene), by=scene.volunteer)
    second = join(scene)
    assert first.pk != second.pk
    assert taken(scene) == 1


def test_cancel_after_the_deadline_is_late(scene: Scene) -> None:
    registration = join(scene)
    scene.shift.cancel_until = scene.shift.starts_at - dt.timedelta(hours=24)
    scene.shift.save()
    with clock.at(scene.shift.cancel_until):
        assert services.cancel_registration(registration, by=scene.volunteer).state == State.LATE_CANCELLED
    assert taken(scene) == 0


def test_cancel_without_a_deadline_is_in_time_until_the_start(scene: Scene) -> None:
    registration = join(scene)
    with clock.at(scene.shift.starts_at - dt.timedelta(seconds=1)):
        assert services.cancel_registration(registration, by=scene.volunteer).state == State.CANCELLED


def test_cancel_after_the_end_is_refused(scene: Scene) -> None:
    registration = join(scene)
    with clock.at(scene.shift.ends_at), pytest.raises(errors.ShiftOver) as refusal:
        services.cancel_registration(registration, by=scene.volunteer)
    assert refusal.value.code == "shift_over"


def test_cancel_after_check_in_is_refused(scene: Scene) -> None:
    registration = join(scene)
    with clock.at(scene.shift.starts_at):
        services.check_in(registration, by=scene.organiser, method="roster")
        with pytest.raises(errors.AlreadyCheckedIn) as refusal:
            services.cancel_registration(registration, by=scene.volunteer)
    assert refusal.value.code == "already_checked_in"


def test_cancel_after_recording_is_refused(scene: Scene) -> None:
    registration = join(scene)
    Registration.objects.update(state=State.RECORDED)
    with pytest.raises(errors.AlreadyRecorded) as refusal:
        services.cancel_registration(registration, by=scene.volunteer)
    assert refusal.value.code == "already_recorded"


@pytest.mark.parametrize("given", ["13800000002", "138 0000 0002", "wang"])
def test_walk_in_is_found_by_phone_or_user_name(scene: Scene, given: str) -> None:
    with clock.at(scene.shift.starts_at + dt.timedelta(minutes=20)):
        registration = services.add_walk_in(scene.position, given=given, by=scene.organiser)
    assert (registration.volunteer, registration.entered_by) == (scene.volunteer, scene.organiser)


@pytest.mark.parametrize("given", ["13900000000", "", "王秀英"])
def test_walk_in_unknown_is_refused(scene: Scene, given: str) -> None:
    with pytest.raises(errors.UnknownPerson) as refusal:
        services.add_walk_in(scene.position, given=given, by=scene.organiser)
    assert refusal.value.code == "unknown_person"


def test_walk_in_after_the_end_is_refused(scene: Scene) -> None:
    with clock.at(scene.shift.ends_at), pytest.raises(errors.ShiftOver):
        services.add_walk_in(scene.position, given="wang", by=scene.organiser)
