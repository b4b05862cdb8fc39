"""The code on the screen, the roster, the forgotten check-out."""

from __future__ import annotations

import datetime as dt

import pytest

from points import clock
from points.activities import errors, services
from points.activities.models import Registration
from points.activities.services import check_codes as module
from points.activities.tasks import close_forgotten as close_forgotten_task
from tests.activities.conftest import Scene
from tests.factories import local, make_activity

State = Registration.State
Method = Registration.Method
SECONDS = dt.timedelta(seconds=1)
MINUTES = dt.timedelta(minutes=1)


@pytest.fixture
def seat(scene: Scene) -> Registration:
    return services.sign_up(scene.position, volunteer=scene.volunteer, by=scene.volunteer)


def wrong(scene: Scene, at: dt.datetime) -> str:
    """A code that has not been right for hours."""
    right = {module.code_of_window(scene.shift, module.window_of(at) + step) for step in range(-90, 3)}
    return next(code for code in (f"{number:06d}" for number in range(200)) if code not in right)


def test_code_is_six_digits_and_changes_every_half_minute(scene: Scene) -> None:
    start = local("2026-11-23 09:00")
    codes = [services.check_code(scene.shift, start + n * 30 * SECONDS) for n in range(30)]
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(set(codes)) > 25
    assert services.check_code(scene.shift, start + 29 * SECONDS) == codes[0]


def test_code_of_another_shift_differs(scene: Scene) -> None:
    other = make_activity(grid=scene.town.grid).shifts.get()
    now = clock.now()
    assert services.check_code(other, now) != services.check_code(scene.shift, now)


def test_check_in_with_the_code(scene: Scene, seat: Registration) -> None:
    now = local("2026-11-23 08:55")
    with clock.at(now):
        done = services.check_in_with_code(scene.volunteer, services.check_code(scene.shift))
    assert (done.checked_in_at, done.checked_in_by) == (now, Method.CODE)


@pytest.mark.parametrize("late_by", [-30, 15, 30])
def test_check_in_with_a_neighbouring_code_is_accepted(
    scene: Scene, seat: Registration, late_by: int
) -> None:
    now = local("2026-11-23 09:00")
    shown = services.check_code(scene.shift, now - late_by * SECONDS)
    with clock.at(now):
        assert services.check_in_with_code(scene.volunteer, shown).checked_in_at == now


@pytest.mark.parametrize("minutes", [1, 10, 30])
def test_check_in_with_a_forwarded_screenshot_is_refused(
    scene: Scene, seat: Registration, minutes: int
) -> None:
    now = local("2026-11-23 09:00")
    old = services.check_code(scene.shift, now - minutes * MINUTES)
    with clock.at(now), pytest.raises(errors.CodeExpired) as refusal:
        services.check_in_with_code(scene.volunteer, old)
    assert refusal.value.code == "code_expired"


def test_check_in_with_full_width_digits_and_spaces(scene: Scene, seat: Registration) -> None:
    with clock.at(local("2026-11-23 09:00")):
        code = services.check_code(scene.shift)
        typed = " ".join(chr(ord(digit) + 0xFEE0) for digit in code)
        assert services.check_in_with_code(scene.volunteer, typed).checked_in_at


def test_check_in_twice_keeps_the_first_time(scene: Scene, seat: Registration) -> None:
    first = local("2026-11-23 08:55")
    with clock.at(first):
        services.check_in_with_code(scene.volunteer, services.check_code(scene.shift))
    with clock.at(first + 5 * MINUTES):
        again = services.check_in_with_code(scene.volunteer, services.check_code(scene.shift))
    assert (again.checked_in_at, again.checked_out_at) == (first, None)


def test_wrong_code_is_refused(scene: Scene, seat: Registration) -> None:
    now = local("2026-11-23 09:00")
    with clock.at(now), pytest.raises(errors.WrongCode) as refusal:
        services.check_in_with_code(scene.volunteer, wrong(scene, now))
    assert refusal.value.code == "wrong_code"
    seat.refresh_from_db()
    assert seat.checked_in_at is None


@pytest.mark.parametrize("typed", ["", "12", "abcdef", "１２", "9" * 20, "0" * 7])
def test_garbage_for_a_code_is_refused(scene: Scene, seat: Registration, typed: str) -> None:
    with clock.at(local("2026-11-23 09:00")), pytest.raises(errors.WrongCode):
        services.check_in_with_code(scene.volunteer, typed)


def test_ten_wrong_codes_then_a_pause(scene: Scene, seat: Registration) -> None:
    now = local("2026-11-23 09:00")
    with clock.at(now):
        for _try in range(10):
            with pytest.raises(errors.WrongCode):
                services.check_in_with_code(scene.volunteer, wrong(scene, now))
        with pytest.raises(errors.TooManyTries) as refusal:
            services.check_in_with_code(scene.volunteer, services.check_code(scene.shift))
    assert refusal.value.code == "too_many_tries"


def test_right_code_forgives_the_wrong_ones(scene: Scene, seat: Registration) -> None:
    now = local("2026-11-23 09:00")
    with clock.at(now):
        for _round in range(2):
            for _try in range(9):
                with pytest.raises(errors.WrongCode):
                    services.check_in_with_code(scene.volunteer, wrong(scene, now))
            services.check_in_with_code(scene.volunteer, services.check_code(scene.shift))


def test_code_without_a_sign_up_is_refused(scene: Scene, seat: Registration) -> None:
    with clock.at(local("2026-11-23 09:00")), pytest.raises(errors.NothingNow) as refusal:
        services.check_in_with_code(scene.other, services.check_code(scene.shift))
    assert refusal.value.code == "nothing_now"


@pytest.mark.parametrize(("when", "works"), [("08:29", False), ("08:30", True), ("11:00", True)])
def test_code_from_half_an_hour_before_to_the_end(
    scene: Scene, seat: Registration, when: str, works: bool
) -> None:
    with clock.at(local(f"2026-11-23 {when}")):
        code = services.check_code(scene.shift)
        if works:
            assert services.check_in_with_code(scene.volunteer, code).checked_in_at
        else:
            with pytest.raises(errors.NothingNow):
                services.check_in_with_code(scene.volunteer, code)


def test_check_in_after_the_end_is_refused(scene: Scene, seat: Registration) -> None:
    with clock.at(local("2026-11-23 11:10")), pytest.raises(errors.CheckInOver) as refusal:
        services.check_in_with_code(scene.volunteer, services.check_code(scene.shift))
    assert refusal.value.code == "check_in_over"


def test_roster_too_early_is_refused(scene: Scene, seat: Registration) -> None:
    with clock.at(local("2026-11-23 08:00")), pytest.raises(errors.CheckInTooEarly) as refusal:
        services.check_in(seat, by=scene.organiser, method=Method.ROSTER)
    assert refusal.value.code == "check_in_too_early"


def test_check_out_with_the_code(scene: Scene, seat: Registration) -> None:
    with clock.at(local("2026-11-23 08:55")):
        services.check_in_with_code(scene.volunteer, services.check_code(scene.shift))
    left = local("2026-11-23 11:10")
    with clock.at(left):
        for _twice in range(2):
            done = services.check_out_with_code(scene.volunteer, services.check_code(scene.shift))
    assert (done.checked_out_at, done.checked_out_by) == (left, Method.CODE)


def test_check_out_before_check_in_is_refused(scene: Scene, seat: Registration) -> None:
    with clock.at(local("2026-11-23 10:00")), pytest.raises(errors.CheckOutBeforeCheckIn) as refusal:
        services.check_out_with_code(scene.volunteer, services.check_code(scene.shift))
    assert refusal.value.code == "check_out_before_check_in"


def test_two_places_at_once_is_refused(scene: Scene, seat: Registration) -> None:
    other = make_activity(grid=scene.town.grid, starts_at=local("2026-11-23 10:00"))
    shift = other.shifts.get()
    position = shift.positions.get()
    services.sign_up(position, volunteer=scene.volunteer, by=scene.volunteer, despite_overlap=True)
    with clock.at(local("2026-11-23 09:50")):
        services.check_in_with_code(scene.volunteer, services.check_code(scene.shift))
        with pytest.raises(errors.CheckedInElsewhere) as refusal:
            services.check_in_with_code(scene.volunteer, services.check_code(shift))
        assert refusal.value.code == "checked_in_elsewhere"
        services.check_out_with_code(scene.volunteer, services.check_code(scene.shift))
        assert services.check_in_with_code(scene.volunteer, services.check_code(shift)).shift == shift


def test_cancelled_seat_cannot_be_checked_in(scene: Scene, seat: Registration) -> None:
    services.cancel_registration(seat, by=scene.volunteer)
    with clock.at(local("2026-11-23 09:00")), pytest.raises(errors.SeatGone) as refusal:
        services.check_in(seat, by=scene.organiser, method=Method.ROSTER)
    assert refusal.value.code == "seat_gone"


def test_roster_time_in_the_future_is_refused(scene: Scene, seat: Registration) -> None:
    with clock.at(local("2026-11-23 09:00")), pytest.raises(errors.TimeInFuture) as refusal:
        services.check_in(seat, by=scene.organiser, method=Method.ROSTER, at=local("2026-11-23 09:30"))
    assert refusal.value.code == "time_in_future"


def test_roster_time_on_another_day_is_refused(scene: Scene, seat: Registration) -> None:
    with clock.at(local("2026-11-23 12:00")), pytest.raises(errors.TimeOutOfRange) as refusal:
        services.check_in(seat, by=scene.organiser, method=Method.ROSTER, at=local("2026-11-22 09:00"))
    assert refusal.value.code == "time_out_of_range"


def times(scene: Scene, seat: Registration, came: str | None, left: str | None) -> Registration:
    moments = [local(f"2026-11-23 {text}") if text else None for text in (came, left)]
    return services.correct_times(
        seat, by=scene.organiser, checked_in_at=moments[0], checked_out_at=moments[1]
    )


def test_correction_keeps_the_proof_of_the_other_time(scene: Scene, seat: Registration) -> None:
    with clock.at(local("2026-11-23 08:55") + 20 * SECONDS):
        services.check_in_with_code(scene.volunteer, services.check_code(scene.shift))
    with clock.at(local("2026-11-23 12:00")):
        done = times(scene, seat, "08:55", "10:45")
        assert (done.checked_in_by, done.checked_out_by) == (Method.CODE, Method.ROSTER)
        assert done.checked_in_at == local("2026-11-23 08:55") + 20 * SECONDS
        assert times(scene, seat, None, None).checked_in_by == ""


def test_correction_out_before_in_is_refused(scene: Scene, seat: Registration) -> None:
    with clock.at(local("2026-11-23 12:00")):
        with pytest.raises(errors.OutBeforeIn) as refusal:
            times(scene, seat, "10:00", "09:00")
        assert refusal.value.code == "out_before_in"
        with pytest.raises(errors.CheckOutBeforeCheckIn):
            times(scene, seat, None, "10:00")
        services.check_in(seat, by=scene.organiser, method=Method.ROSTER, at=local("2026-11-23 10:00"))
        with pytest.raises(errors.OutBeforeIn):
            services.check_out(seat, by=scene.organiser, method=Method.ROSTER, at=local("2026-11-23 09:30"))


def test_recorded_seat_is_closed(scene: Scene, seat: Registration) -> None:
    Registration.objects.update(state=State.RECORDED)
    with clock.at(local("2026-11-23 12:00")):
        for verb in (
            lambda: services.check_in(seat, by=scene.organiser, method=Method.ROSTER),
            lambda: services.check_out(seat, by=scene.organiser, method=Method.ROSTER),
            lambda: services.mark_no_show(seat, by=scene.organiser),
            lambda: times(scene, seat, "09:00", "10:00"),
        ):
            with pytest.raises(errors.AlreadyRecorded):
                verb()


def test_no_show_and_second_thoughts(scene: Scene, seat: Registration) -> None:
    with pytest.raises(errors.ShiftNotStarted) as refusal:
        services.mark_no_show(seat, by=scene.organiser)
    assert refusal.value.code == "shift_not_started"
    with clock.at(local("2026-11-23 11:30")):
        assert services.mark_no_show(seat, by=scene.organiser).state == State.NO_SHOW
        assert services.mark_no_show(seat, by=scene.organiser, excused=True).state == State.EXCUSED
        assert times(scene, seat, "09:10", "11:00").state == State.SIGNED_UP
        with pytest.raises(errors.AlreadyCheckedIn):
            services.mark_no_show(seat, by=scene.organiser)


def test_forgotten_check_out_is_closed_at_the_planned_end(scene: Scene, seat: Registration) -> None:
    with clock.at(local("2026-11-23 08:55")):
        services.check_in_with_code(scene.volunteer, services.check_code(scene.shift))
    assert services.close_forgotten(local("2026-11-23 11:29")) == 0
    with clock.at(local("2026-11-23 11:30")):
        assert close_forgotten_task.delay().get() == 1
        assert services.close_forgotten() == 0
    seat.refresh_from_db()
    assert (seat.checked_out_at, seat.checked_out_by) == (scene.shift.ends_at, Method.PLANNED_END)


def test_forgotten_check_out_of_somebody_ticked_in_after_the_end(scene: Scene, seat: Registration) -> None:
    came = local("2026-11-23 11:20")
    Registration.objects.update(checked_in_at=came, checked_in_by=Method.ROSTER)
    assert services.close_forgotten(local("2026-11-23 12:00")) == 1
    seat.refresh_from_db()
    assert seat.checked_out_at == came


def test_finding_my_seats_takes_one_query(
    scene: Scene, seat: Registration, django_assert_num_queries
) -> None:
    with clock.at(local("2026-11-23 09:00")), django_assert_num_queries(1):
        [mine] = services.registrations_of_now(scene.volunteer)
        assert mine.shift.activity.title
        assert mine.position.name
