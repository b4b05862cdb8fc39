"""From the roster to the record: grades, refusals one by one, the same press twice."""

from __future__ import annotations

import pytest

from points import clock
from points.activities import errors, services
from points.activities.models import Activity, Registration
from points.ledger.balances import member_balances
from points.records.models import ServiceRecord
from tests.activities.conftest import Scene
from tests.factories import local, make_organiser, make_registration

State = Registration.State
Method = Registration.Method
Grade = ServiceRecord.Grade
pytestmark = pytest.mark.usefixtures("budget")


def present(scene: Scene, person, came="08:55", left="11:10", **how) -> Registration:
    values = {"checked_in_by": Method.CODE, "checked_out_by": Method.CODE, **how}
    return make_registration(
        scene.position,
        volunteer=person,
        checked_in_at=local(f"2026-11-23 {came}"),
        checked_out_at=local(f"2026-11-23 {left}") if left else None,
        **values,
    )


def confirm(scene: Scene, by=None, at="12:00", **more) -> services.Confirmation:
    with clock.at(local(f"2026-11-23 {at}")):
        return services.confirm_shift(scene.shift, by=by or scene.organiser, **more)


def test_confirm_makes_the_record_and_posts_the_beans(scene: Scene) -> None:
    seat = present(scene, scene.volunteer)
    done = confirm(scene)
    [record] = done
    assert (record.minutes, record.beans, record.grade) == (120, 20, Grade.SYSTEM_VERIFIED)
    assert (record.source, record.confirmed_by) == (f"registration:{seat.pk}", scene.organiser)
    assert (len(done), done.minutes, done.beans) == (1, 120, 20)
    seat.refresh_from_db()
    assert seat.state == State.RECORDED
    balances = member_balances(scene.volunteer)
    assert (int(balances.pending.amount), int(balances.available.amount)) == (20, 0)


def test_confirm_twice_records_once(scene: Scene) -> None:
    present(scene, scene.volunteer)
    assert len(confirm(scene)) == 1
    assert len(confirm(scene)) == 0
    assert ServiceRecord.objects.count() == 1


@pytest.mark.parametrize("how", [{"checked_in_by": Method.ROSTER}, {"checked_out_by": Method.PLANNED_END}])
def test_confirm_without_both_codes_is_the_organisers_word(scene: Scene, how: dict[str, str]) -> None:
    present(scene, scene.volunteer, **how)
    assert confirm(scene).records[0].grade == Grade.ORGANISER_WITNESSED


def test_confirm_forgotten_check_out_counts_to_the_planned_end(scene: Scene) -> None:
    seat = present(scene, scene.volunteer, left=None, checked_out_by="")
    [record] = confirm(scene, at="11:00")
    assert (record.minutes, record.grade) == (120, Grade.ORGANISER_WITNESSED)
    seat.refresh_from_db()
    assert seat.checked_out_by == Method.PLANNED_END


def test_confirm_before_the_end_leaves_who_is_still_there(scene: Scene) -> None:
    present(scene, scene.volunteer, left=None, checked_out_by="")
    gone = present(scene, scene.other, left="10:30")
    done = confirm(scene, at="10:40")
    assert [record.volunteer for record in done] == [gone.volunteer]
    [(_seat, refusal)] = done.refused
    assert isinstance(refusal, errors.StillInside)
    assert refusal.code == "still_inside"


def test_confirm_before_the_start_is_refused(scene: Scene) -> None:
    with pytest.raises(errors.ShiftNotStarted) as refusal:
        confirm(scene, at="08:59")
    assert refusal.value.code == "shift_not_started"


def test_confirm_own_service_is_refused_and_the_others_go_through(scene: Scene) -> None:
    own = present(scene, scene.organiser)
    present(scene, scene.volunteer)
    done = confirm(scene)
    assert [record.volunteer for record in done] == [scene.volunteer]
    [(seat, refusal)] = done.refused
    assert (seat, refusal.code) == (own, "own_service")
    assert Registration.objects.get(pk=own.pk).state == State.SIGNED_UP
    colleague = make_organiser(scene.town.community)
    assert [record.volunteer for record in confirm(scene, by=colleague)] == [scene.organiser]


def test_confirm_only_the_chosen(scene: Scene) -> None:
    chosen = present(scene, scene.volunteer)
    present(scene, scene.other)
    assert [record.volunteer for record in confirm(scene, registrations=[chosen])] == [scene.volunteer]


def test_confirm_absent_people_as_ticked(scene: Scene) -> None:
    away = make_registration(scene.position, volunteer=scene.volunteer)
    ill = make_registration(scene.position, volunteer=scene.other)
    done = confirm(scene, no_shows=[away], excused=[ill])
    assert (len(done), len(done.no_shows), len(done.excused)) == (0, 1, 1)
    assert Registration.objects.get(pk=away.pk).state == State.NO_SHOW
    assert Registration.objects.get(pk=ill.pk).state == State.EXCUSED


def test_confirm_leaves_undecided_absence_open(scene: Scene) -> None:
    away = make_registration(scene.position, volunteer=scene.volunteer)
    confirm(scene)
    assert Registration.objects.get(pk=away.pk).state == State.SIGNED_UP


def test_confirm_a_meeting_gives_no_record(scene: Scene) -> None:
    Activity.objects.update(is_service=False)
    present(scene, scene.volunteer)
    done = confirm(scene)
    assert (len(done), len(done.present_only), ServiceRecord.objects.count()) == (0, 1, 0)


def test_confirm_without_budget_records_and_waits(scene: Scene) -> None:
    from points.ledger.models import Account, AccountKind

    Account.objects.filter(kind=AccountKind.POOL).update(closed_on=clock.today())
    present(scene, scene.volunteer)
    [record] = confirm(scene)
    assert (record.beans, record.awaiting_budget) == (20, True)
