"""Marks "did not come": told, answered, decided by somebody else; a pause after several, never beans."""

from __future__ import annotations

import datetime as dt

import pytest

from points import clock
from points.activities import errors, services
from points.activities.models import Absence, Registration, SignupRules
from points.grids.models import Role
from points.people.models import Notice
from points.people.notices import body_of
from tests.activities.conftest import Scene
from tests.factories import make_activity, make_registration, make_user, make_volunteer

State = Registration.State
Answer = Absence.Answer


@pytest.fixture
def colleague(scene: Scene):
    return make_user(role=Role.COMMUNITY_WORKER, grid=scene.town.community, name="周小彤")


@pytest.fixture
def mark(scene: Scene, clock_at) -> Absence:
    """王秀英 was marked as missing after the shift."""
    seat = services.sign_up(scene.position, volunteer=scene.volunteer, by=scene.volunteer)
    clock_at("2026-11-23 12:00")
    services.mark_no_show(seat, by=scene.organiser)
    return Absence.objects.get(registration=seat)


def missed(scene: Scene, times: int, *, days_ago: int = 3) -> list[Absence]:
    """So many older shifts the volunteer was marked for, each on a day of its own."""
    marks = []
    for number in range(times):
        start = clock.now() - dt.timedelta(days=days_ago + number)
        activity = make_activity(grid=scene.town.grid, organiser=scene.organiser, starts_at=start)
        seat = make_registration(activity.shifts.get().positions.get(), volunteer=scene.volunteer)
        with clock.at(start + dt.timedelta(hours=3)):
            services.mark_no_show(seat, by=scene.organiser)
        marks.append(Absence.objects.get(registration=seat))
    return marks


def join(scene: Scene):
    return services.sign_up(scene.position, volunteer=scene.volunteer, by=scene.volunteer)


# --- The mark and the answer ----------------------------------------------------------------------------
def test_a_mark_is_told_with_the_way_to_answer(scene: Scene, mark: Absence) -> None:
    assert mark.answer_until == clock.now() + dt.timedelta(hours=72)
    notice = Notice.objects.get(user=scene.volunteer, kind="no_show_marked")
    assert notice.url == f"/me/absences/{mark.pk}/"
    assert "11月26日" in body_of(notice)


def test_marking_twice_tells_once(scene: Scene, mark: Absence) -> None:
    with clock.at(clock.now() + dt.timedelta(hours=1)):
        services.mark_no_show(mark.registration, by=scene.organiser)
    assert Notice.objects.filter(kind="no_show_marked").count() == 1


def test_confirming_with_a_no_show_marks_as_well(scene: Scene) -> None:
    seat = join(scene)
    with clock.at(scene.shift.ends_at):
        services.confirm_shift(scene.shift, by=scene.organiser, no_shows=[seat])
        services.confirm_shift(scene.shift, by=scene.organiser, no_shows=[seat])
    assert Absence.objects.get(registration=seat).marked_by == scene.organiser
    assert Notice.objects.filter(kind="no_show_marked").count() == 1


def test_an_excused_absence_is_no_mark(scene: Scene) -> None:
    seat = join(scene)
    with clock.at(scene.shift.ends_at):
        services.mark_no_show(seat, by=scene.organiser, excused=True)
    assert not Absence.objects.exists()


@pytest.mark.parametrize(("answer", "becomes"), [(Answer.CAME, State.SIGNED_UP), (Answer.ILL, State.EXCUSED)])
def test_an_accepted_answer_lifts_the_mark(
    scene: Scene, mark: Absence, colleague, answer: str, becomes: str
) -> None:
    services.answer_absence(mark, by=scene.volunteer, answer=answer, words="  发烧  ")
    services.decide_absence(mark, by=colleague, lift=True)
    mark.refresh_from_db()
    assert (mark.decision, mark.decided_by, mark.words) == (Absence.Decision.LIFTED, colleague, "发烧")
    assert mark.registration.state == becomes
    assert Notice.objects.filter(user=scene.volunteer, kind="mark_lifted").exists()


def test_whoever_was_there_after_all_gets_the_minutes(
    scene: Scene, mark: Absence, colleague, budget: None
) -> None:
    services.answer_absence(mark, by=scene.volunteer, answer=Answer.CAME)
    services.decide_absence(mark, by=colleague, lift=True)
    start, end = scene.shift.starts_at, scene.shift.ends_at
    services.correct_times(mark.registration, by=colleague, checked_in_at=start, checked_out_at=end)
    (record,) = services.confirm_shift(scene.shift, by=colleague)
    assert record.minutes == 120


def test_a_mark_that_stays_says_why(scene: Scene, mark: Absence, colleague) -> None:
    services.answer_absence(mark, by=scene.volunteer, answer=Answer.OTHER)
    with pytest.raises(errors.DecisionReasonMissing) as refusal:
        services.decide_absence(mark, by=colleague, lift=False, reason=" ")
    assert refusal.value.code == "decision_reason_missing"
    services.decide_absence(mark, by=colleague, lift=False, reason="电话打不通")
    notice = Notice.objects.get(user=scene.volunteer, kind="mark_upheld")
    assert "电话打不通" in body_of(notice)
    assert Registration.objects.get(pk=mark.registration_id).state == State.NO_SHOW


def test_only_the_person_answers_and_once(scene: Scene, mark: Absence) -> None:
    with pytest.raises(errors.NotYourMark) as refusal:
        services.answer_absence(mark, by=scene.other, answer=Answer.ILL)
    assert refusal.value.code == "not_your_mark"
    services.answer_absence(mark, by=scene.volunteer, answer=Answer.ILL)
    with pytest.raises(errors.AlreadyAnswered) as second:
        services.answer_absence(mark, by=scene.volunteer, answer=Answer.CAME)
    assert second.value.code == "already_answered"


def test_too_late_to_answer_names_the_telephone(scene: Scene, mark: Absence) -> None:
    unit = scene.activity.organization
    unit.phone = "63870001"
    unit.save()
    with clock.at(mark.answer_until - dt.timedelta(seconds=1)):
        assert mark.can_be_answered
    with clock.at(mark.answer_until), pytest.raises(errors.AnswerTooLate) as refusal:
        services.answer_absence(mark, by=scene.volunteer, answer=Answer.ILL)
    assert refusal.value.code == "answer_too_late"
    assert "63870001" in refusal.value.as_text()


def test_a_mark_taken_back_needs_no_answer(scene: Scene, mark: Absence, colleague) -> None:
    services.answer_absence(mark, by=scene.volunteer, answer=Answer.ILL)
    services.mark_no_show(mark.registration, by=scene.organiser, excused=True)
    with pytest.raises(errors.MarkTakenBack) as refusal:
        services.decide_absence(mark, by=colleague, lift=True)
    assert refusal.value.code == "mark_taken_back"
    with pytest.raises(errors.MarkTakenBack):
        services.answer_absence(mark, by=scene.volunteer, answer=Answer.ILL)


def test_the_marker_does_not_decide_while_somebody_else_can(scene: Scene, mark: Absence, colleague) -> None:
    services.answer_absence(mark, by=scene.volunteer, answer=Answer.ILL)
    with pytest.raises(errors.MarkerDecides) as refusal:
        services.decide_absence(mark, by=scene.organiser, lift=True)
    assert refusal.value.code == "marker_decides"


def test_the_marker_decides_where_nobody_else_could(scene: Scene, mark: Absence) -> None:
    services.answer_absence(mark, by=scene.volunteer, answer=Answer.ILL)
    assert services.decide_absence(mark, by=scene.organiser, lift=True).decided_by == scene.organiser


def test_nobody_decides_about_themselves_twice_or_unasked(scene: Scene, mark: Absence, colleague) -> None:
    with pytest.raises(errors.NotAnswered) as unasked:
        services.decide_absence(mark, by=colleague, lift=True)
    assert unasked.value.code == "not_answered"
    with pytest.raises(errors.OwnAbsence) as own:
        services.decide_absence(mark, by=scene.volunteer, lift=True)
    assert own.value.code == "own_absence"
    services.answer_absence(mark, by=scene.volunteer, answer=Answer.ILL)
    services.decide_absence(mark, by=colleague, lift=True)
    with pytest.raises(errors.AnswerDecided) as twice:
        services.decide_absence(mark, by=colleague, lift=False, reason="x")
    assert twice.value.code == "answer_decided"


def test_answers_waiting_are_those_of_my_part_of_the_town(scene: Scene, mark: Absence, colleague) -> None:
    assert not services.answers_waiting(colleague).exists()
    services.answer_absence(mark, by=scene.volunteer, answer=Answer.ILL)
    far = make_user(role=Role.COMMUNITY_WORKER, grid=scene.town.other_community)
    assert list(services.answers_waiting(colleague)) == [mark]
    assert not services.answers_waiting(far).exists()


# --- The pause ------------------------------------------------------------------------------------------
def test_three_marks_pause_signing_up_with_reason_end_and_telephone(scene: Scene) -> None:
    missed(scene, 2)
    join(scene)
    services.cancel_registration(Registration.objects.get(shift=scene.shift), by=scene.volunteer)
    (newest, *_older) = missed(scene, 1, days_ago=2)
    with pytest.raises(errors.SignupPaused) as refusal:
        join(scene)
    assert refusal.value.code == "signup_paused"
    text = refusal.value.as_text()
    assert "3" in text
    assert "90" in text
    with clock.at(newest.marked_at + dt.timedelta(days=14) - dt.timedelta(minutes=1)):
        assert services.pause_of(scene.activity, scene.volunteer)
    with clock.at(newest.marked_at + dt.timedelta(days=14)):
        assert services.pause_of(scene.activity, scene.volunteer) is None


def test_a_pause_keeps_from_the_waiting_list_but_not_from_the_door(scene: Scene) -> None:
    missed(scene, 3)
    with pytest.raises(errors.SignupPaused):
        services.join_waitlist(scene.position, volunteer=scene.volunteer, by=scene.volunteer)
    with clock.at(scene.shift.starts_at):  # whoever comes to help is welcome
        assert services.add_walk_in(scene.position, given="wang", by=scene.organiser).pk


def test_an_answer_that_waits_does_not_count_and_a_lifted_mark_ends_the_pause(
    scene: Scene, colleague
) -> None:
    newest = missed(scene, 3, days_ago=1)[0]
    assert services.pause_of(scene.activity, scene.volunteer)
    services.answer_absence(newest, by=scene.volunteer, answer=Answer.ILL)
    assert services.pause_of(scene.activity, scene.volunteer) is None
    services.decide_absence(newest, by=colleague, lift=False, reason="没有说过")
    assert services.pause_of(scene.activity, scene.volunteer)


def test_an_accepted_answer_ends_the_pause(scene: Scene, colleague) -> None:
    newest = missed(scene, 3, days_ago=1)[0]
    services.answer_absence(newest, by=scene.volunteer, answer=Answer.ILL)
    services.decide_absence(newest, by=colleague, lift=True)
    assert join(scene).pk


def test_old_marks_and_other_places_do_not_count(scene: Scene) -> None:
    missed(scene, 3, days_ago=91)
    assert services.pause_of(scene.activity, scene.volunteer) is None
    SignupRules.objects.create(grid=scene.town.other_community, no_show_limit=1)
    missed(scene, 1)
    far = make_activity(grid=scene.town.other_grid)
    assert services.pause_of(far, scene.volunteer) is None  # missed there: nothing


@pytest.mark.parametrize(("limit", "paused"), [(0, False), (1, True), (2, True), (3, False)])
def test_the_limit_is_the_communitys_own_number_and_0_is_off(scene: Scene, limit: int, paused: bool) -> None:
    SignupRules.objects.create(grid=scene.town.community, no_show_limit=limit)
    missed(scene, 2)
    assert (services.pause_of(scene.activity, scene.volunteer) is not None) is paused


def test_excused_and_late_cancellations_never_pause(scene: Scene) -> None:
    SignupRules.objects.create(grid=scene.town.community, no_show_limit=1)
    (mark,) = missed(scene, 1)
    services.mark_no_show(mark.registration, by=scene.organiser, excused=True)
    make_registration(scene.position, volunteer=scene.volunteer, state=State.LATE_CANCELLED)
    assert services.pause_of(scene.activity, scene.volunteer) is None
    assert services.pause_of(scene.activity, make_volunteer()) is None


def test_no_beans_are_ever_taken(scene: Scene, mark: Absence, colleague) -> None:
    from points.ledger.models import Transaction

    services.answer_absence(mark, by=scene.volunteer, answer=Answer.OTHER)
    services.decide_absence(mark, by=colleague, lift=False, reason="没来")
    assert not Transaction.objects.exists()
