"""Writing, publishing and calling off an activity."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from points import clock
from points.activities import errors, services
from points.activities.models import Activity, Position, Registration
from points.activities.services import PositionPlan, ShiftPlan
from tests.activities.conftest import Scene
from tests.factories import local, make_organization, make_registration

SATURDAY = (local("2026-11-28 09:00"), local("2026-11-28 11:00"))
SUNDAY = (local("2026-11-29 14:00"), local("2026-11-29 16:30"))


def draft(scene: Scene, **fields) -> Activity:
    values = {
        "title": "独居老人送餐",
        "category": Activity.Category.MEALS,
        "summary": "送午餐上门",
        "place": "社区食堂",
        **fields,
    }
    organization = values.pop("organization", None) or make_organization(grid=scene.town.community)
    return services.create_activity(
        by=scene.organiser, grid=scene.town.grid, organization=organization, **values
    )


def two_shifts() -> list[ShiftPlan]:
    return [
        ShiftPlan(*SUNDAY, positions=[PositionPlan("配餐", 3)]),
        ShiftPlan(*SATURDAY, positions=[PositionPlan("配餐", 4), PositionPlan("骑车送餐", 2)]),
    ]


def test_create_activity_with_two_shifts(scene: Scene) -> None:
    activity = draft(scene, shifts=two_shifts())
    assert activity.state == Activity.State.DRAFT
    assert (activity.first_starts_at, activity.last_ends_at) == (SATURDAY[0], SUNDAY[1])
    assert sorted(Position.objects.filter(shift__activity=activity).values_list("name", "capacity")) == [
        ("配餐", 3),
        ("配餐", 4),
        ("骑车送餐", 2),
    ]


def test_publish_opens_and_repeats(scene: Scene) -> None:
    activity = draft(scene, shifts=two_shifts())
    for _twice in range(2):
        assert services.publish(activity, by=scene.organiser).state == Activity.State.OPEN


def test_publish_without_shifts_is_refused(scene: Scene) -> None:
    with pytest.raises(errors.NoShifts) as refusal:
        services.publish(draft(scene), by=scene.organiser)
    assert refusal.value.code == "no_shifts"


def test_publish_a_shift_without_positions_is_refused(scene: Scene) -> None:
    plans = [*two_shifts(), ShiftPlan(local("2026-12-01 09:00"), local("2026-12-01 10:00"))]
    activity = draft(scene, shifts=plans)
    with pytest.raises(errors.NoPositions) as refusal:
        services.publish(activity, by=scene.organiser)
    assert refusal.value.code == "no_positions"


def test_publish_risky_without_insurance_is_refused(scene: Scene) -> None:
    activity = draft(scene, shifts=two_shifts(), is_risky=True)
    with pytest.raises(errors.RiskyNotInsured) as refusal:
        services.publish(activity, by=scene.organiser)
    assert refusal.value.code == "risky_not_insured"
    activity.is_insured = True
    services.save_activity(activity, by=scene.organiser)
    with pytest.raises(errors.RiskNoteMissing) as unexplained:
        services.publish(activity, by=scene.organiser)
    assert unexplained.value.code == "risk_note_missing"
    activity.risk_note = "地滑，穿防滑鞋"
    services.save_activity(activity, by=scene.organiser)
    services.publish(activity, by=scene.organiser)
    with pytest.raises(IntegrityError), transaction.atomic():  # the database says so, too
        Activity.objects.filter(pk=activity.pk).update(risk_note="")
    activity.is_insured = False
    with pytest.raises(errors.RiskyNotInsured):
        services.save_activity(activity, by=scene.organiser)
    with pytest.raises(IntegrityError), transaction.atomic():  # the database says so, too
        Activity.objects.filter(pk=activity.pk).update(is_insured=False)


def test_publish_when_all_is_over_is_refused(scene: Scene) -> None:
    activity = draft(scene, shifts=two_shifts())
    with clock.at(SUNDAY[1]), pytest.raises(errors.ShiftsOver) as refusal:
        services.publish(activity, by=scene.organiser)
    assert refusal.value.code == "shifts_over"


def test_publish_cancelled_is_refused(scene: Scene) -> None:
    services.cancel_activity(scene.activity, by=scene.organiser, reason="下雨")
    with pytest.raises(errors.ActivityCancelled) as refusal:
        services.publish(scene.activity, by=scene.organiser)
    assert refusal.value.code == "activity_cancelled"


def plans_of(activity: Activity) -> list[ShiftPlan]:
    return [
        ShiftPlan(
            shift.starts_at,
            shift.ends_at,
            pk=shift.pk,
            positions=[PositionPlan(p.name, p.capacity, pk=p.pk) for p in shift.positions.all()],
        )
        for shift in activity.shifts.all()
    ]


def test_save_keeps_seats_taken_and_rows(scene: Scene) -> None:
    make_registration(scene.position, volunteer=scene.volunteer)
    [plan] = plans_of(scene.activity)
    plan.positions[0].capacity = 5
    plan.positions[0].name = "清扫"
    services.save_activity(scene.activity, by=scene.organiser, shifts=[plan])
    scene.position.refresh_from_db()
    assert (scene.position.name, scene.position.capacity, scene.position.seats_taken) == ("清扫", 5, 1)


def test_save_fewer_seats_than_people_is_refused(scene: Scene) -> None:
    for _person in range(2):
        make_registration(scene.position)
    [plan] = plans_of(scene.activity)
    plan.positions[0].capacity = 1
    with pytest.raises(errors.CapacityBelowTaken) as refusal:
        services.save_activity(scene.activity, by=scene.organiser, shifts=[plan])
    assert refusal.value.code == "capacity_below_taken"


def test_save_without_a_position_or_shift_people_chose_is_refused(scene: Scene) -> None:
    make_registration(scene.position)
    [plan] = plans_of(scene.activity)
    plan.positions = [PositionPlan("新岗位", 3)]
    with pytest.raises(errors.HasRegistrations) as refusal:
        services.save_activity(scene.activity, by=scene.organiser, shifts=[plan])
    assert refusal.value.code == "has_registrations"
    with pytest.raises(errors.HasRegistrations):
        services.save_activity(scene.activity, by=scene.organiser, shifts=two_shifts())
    assert scene.activity.shifts.get() == scene.shift


def test_save_moving_a_recorded_shift_is_refused(scene: Scene) -> None:
    make_registration(scene.position, state=Registration.State.RECORDED)
    [plan] = plans_of(scene.activity)
    plan.ends_at = local("2026-11-23 12:00")
    with pytest.raises(errors.ShiftRecorded) as refusal:
        services.save_activity(scene.activity, by=scene.organiser, shifts=[plan])
    assert refusal.value.code == "shift_recorded"


def test_save_end_before_start_is_refused(scene: Scene) -> None:
    with pytest.raises(errors.ShiftEndsBeforeStart) as refusal:
        draft(scene, shifts=[ShiftPlan(SATURDAY[1], SATURDAY[0])])
    assert refusal.value.code == "shift_ends_before_start"
    assert not Activity.objects.filter(title="独居老人送餐").exists()


def test_save_two_positions_of_one_name_is_refused(scene: Scene) -> None:
    plan = ShiftPlan(*SATURDAY, positions=[PositionPlan("配餐", 1), PositionPlan("配餐", 2)])
    with pytest.raises(errors.DuplicatePosition) as refusal:
        draft(scene, shifts=[plan])
    assert refusal.value.code == "duplicate_position"


def test_save_an_open_activity_without_shifts_is_refused(scene: Scene) -> None:
    with pytest.raises(errors.NoShifts):
        services.save_activity(scene.activity, by=scene.organiser, shifts=[])
    assert scene.activity.shifts.count() == 1


def test_swapped_position_names_are_written(scene: Scene) -> None:
    first = scene.position
    second = Position.objects.create(shift=scene.shift, name="搬运", capacity=2)
    plan = ShiftPlan(
        scene.shift.starts_at,
        scene.shift.ends_at,
        pk=scene.shift.pk,
        positions=[PositionPlan("搬运", 2, pk=first.pk), PositionPlan(first.name, 2, pk=second.pk)],
    )
    services.save_activity(scene.activity, by=scene.organiser, shifts=[plan])
    assert Position.objects.get(pk=first.pk).name == "搬运"


def test_cancel_activity_calls_every_seat_off(scene: Scene) -> None:
    seats = [services.sign_up(scene.position, volunteer=p, by=p) for p in (scene.volunteer, scene.other)]
    for _twice in range(2):
        services.cancel_activity(scene.activity, by=scene.organiser, reason="下雨改期")
    assert {Registration.objects.get(pk=seat.pk).state for seat in seats} == {Registration.State.CALLED_OFF}
    scene.position.refresh_from_db()
    assert (scene.position.seats_taken, scene.activity.cancelled_reason) == (0, "下雨改期")


def test_cancel_during_the_shift_keeps_who_has_come(scene: Scene) -> None:
    here = services.sign_up(scene.position, volunteer=scene.volunteer, by=scene.volunteer)
    away = services.sign_up(scene.position, volunteer=scene.other, by=scene.other)
    with clock.at(local("2026-11-23 09:30")):
        services.check_in(here, by=scene.organiser, method="roster")
        services.cancel_activity(scene.activity, by=scene.organiser, reason="暴雨")
    here.refresh_from_db()
    away.refresh_from_db()
    scene.position.refresh_from_db()
    assert (here.state, away.state) == (Registration.State.SIGNED_UP, Registration.State.CALLED_OFF)
    assert scene.position.seats_taken == 1
