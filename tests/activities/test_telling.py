"""What people with a seat are told: new times and places, called off, tomorrow, the organiser's word."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from django.utils import translation

from points import clock
from points.activities import errors, services
from points.activities.models import OrganiserMessage, SignupRules
from points.people.models import Notice, User
from points.people.notices import KINDS, body_of, title_of
from tests.activities.conftest import Scene
from tests.factories import local, make_activity, make_volunteer

OURS = [code for code, kind in KINDS.items() if kind.topic == "activities"]


@pytest.fixture
def seat(scene: Scene):
    return services.sign_up(scene.position, volunteer=scene.volunteer, by=scene.volunteer)


def told(person: User, kind: str) -> list[str]:
    return [body_of(notice) for notice in Notice.objects.filter(user=person, kind=kind).order_by("pk")]


def plan(scene: Scene, **changes) -> services.ShiftPlan:
    shift, position = scene.shift, scene.position
    values = {
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
        "pk": shift.pk,
        "positions": [services.PositionPlan(position.name, position.capacity, pk=position.pk)],
    }
    return services.ShiftPlan(**(values | changes))


def test_a_new_time_is_told_to_those_with_a_seat(scene: Scene, seat) -> None:
    start = local("2026-11-23 14:00")
    new = plan(scene, starts_at=start, ends_at=start + dt.timedelta(hours=2))
    services.save_activity(scene.activity, by=scene.organiser, shifts=[new])
    (text,) = told(scene.volunteer, "shift_moved")
    assert "11月23日 周一 14:00" in text
    assert "09:00" in text
    assert not Notice.objects.filter(user=scene.other).exists()
    services.save_activity(scene.activity, by=scene.organiser, shifts=[new])  # nothing changed
    assert len(told(scene.volunteer, "shift_moved")) == 1
    with clock.at(clock.now() + dt.timedelta(minutes=5)):  # there and back again is told twice
        services.save_activity(scene.activity, by=scene.organiser, shifts=[plan(scene)])
    with clock.at(clock.now() + dt.timedelta(minutes=9)):
        services.save_activity(scene.activity, by=scene.organiser, shifts=[new])
    assert len(told(scene.volunteer, "shift_moved")) == 3


def test_a_new_place_is_told(scene: Scene, seat) -> None:
    scene.activity.place = "东门凉亭"
    services.save_activity(scene.activity, by=scene.organiser)
    (text,) = told(scene.volunteer, "place_changed")
    assert "东门凉亭" in text
    assert "社区广场" in text
    scene.activity.bring = "手套"
    services.save_activity(scene.activity, by=scene.organiser)
    assert len(told(scene.volunteer, "place_changed")) == 1


def test_called_off_is_told_once_with_the_reason(scene: Scene, seat) -> None:
    for _again in range(2):
        services.cancel_activity(scene.activity, by=scene.organiser, reason="下大雨")
    (text,) = told(scene.volunteer, "activity_cancelled")
    assert "下大雨" in text


def test_what_is_rolled_back_is_not_told(scene: Scene, seat) -> None:
    with transaction.atomic():
        services.cancel_activity(scene.activity, by=scene.organiser, reason="下大雨")
        assert Notice.objects.exists()
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


# --- The day before -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("moment", "people"),
    [("2026-11-21 23:59", 0), ("2026-11-22 00:00", 1), ("2026-11-22 23:59", 1), ("2026-11-23 00:00", 0)],
)
def test_tomorrow_is_said_on_the_day_before(scene: Scene, seat, moment: str, people: int) -> None:
    with clock.at(local(moment)):
        assert services.remind() == people
        assert services.remind() == 0
    assert len(told(scene.volunteer, "shift_tomorrow")) == people


def test_a_shift_moved_to_another_day_is_said_again(scene: Scene, seat) -> None:
    with clock.at(local("2026-11-22 09:00")):
        services.remind()
        start = local("2026-11-25 09:00")
        new = plan(scene, starts_at=start, ends_at=start + dt.timedelta(hours=2))
        services.save_activity(scene.activity, by=scene.organiser, shifts=[new])
    with clock.at(local("2026-11-24 09:00")):
        assert services.remind() == 1


def test_whoever_cancelled_is_not_reminded(scene: Scene, seat) -> None:
    services.cancel_registration(seat, by=scene.volunteer)
    with clock.at(local("2026-11-22 09:00")):
        assert services.remind() == 0


# --- The organiser's word -------------------------------------------------------------------------------
def test_a_message_reaches_everybody_with_a_seat_and_is_kept(scene: Scene, seat) -> None:
    services.sign_up(scene.position, volunteer=scene.other, by=scene.other)
    message = services.write_to_participants(scene.shift, by=scene.organiser, text="  请带\n手套 ")
    assert (message.text, message.people, message.sent_by) == ("请带 手套", 2, scene.organiser)
    for person in (scene.volunteer, scene.other):
        (text,) = told(person, "organiser_message")
        assert "请带 手套" in text
        assert "组织者" in text


def test_messages_are_few(scene: Scene, seat) -> None:
    SignupRules.objects.create(grid=scene.town.community, messages_a_day=2)
    for text in ("一", "二"):
        services.write_to_participants(scene.shift, by=scene.organiser, text=text)
    with pytest.raises(errors.TooManyMessages) as refusal:
        services.write_to_participants(scene.shift, by=scene.organiser, text="三")
    assert refusal.value.code == "too_many_messages"
    with clock.at(clock.now() + dt.timedelta(days=1)):
        assert services.write_to_participants(scene.shift, by=scene.organiser, text="三").pk
    assert OrganiserMessage.objects.count() == 3


def test_a_message_needs_words_and_readers(scene: Scene) -> None:
    with pytest.raises(errors.MessageEmpty) as empty:
        services.write_to_participants(scene.shift, by=scene.organiser, text=" \n ")
    assert empty.value.code == "message_empty"
    with pytest.raises(errors.NobodyToTell) as nobody:
        services.write_to_participants(scene.shift, by=scene.organiser, text="请带手套")
    assert nobody.value.code == "nobody_to_tell"


def test_a_percent_sign_in_a_message_is_only_a_sign(scene: Scene, seat) -> None:
    services.write_to_participants(scene.shift, by=scene.organiser, text="100% 到齐 %(x)s <b>")
    (text,) = told(scene.volunteer, "organiser_message")
    assert "100% 到齐 %(x)s <b>" in text


# --- Said in both languages -----------------------------------------------------------------------------
def test_every_notice_of_this_room_reads_in_both_languages(scene: Scene, seat, clock_at) -> None:
    full = scene
    services.sign_up(full.position, volunteer=full.other, by=full.other)
    first, second = make_volunteer(), make_volunteer()
    for person in (first, second):
        services.join_waitlist(full.position, volunteer=person, by=person)
    services.cancel_registration(seat, by=full.volunteer)
    clock_at("2026-11-21 10:00")
    services.settle_waitlists()
    clock_at("2026-11-22 10:00")
    services.remind()
    services.write_to_participants(full.shift, by=full.organiser, text="请带手套")
    full.activity.place = "东门凉亭"
    services.save_activity(full.activity, by=full.organiser)
    other = make_activity(grid=full.town.grid, starts_at=local("2026-11-28 09:00"), organiser=full.organiser)
    services.sign_up(other.shifts.get().positions.get(), volunteer=full.other, by=full.other)
    services.cancel_activity(other, by=full.organiser, reason="下雨")
    said = set()
    for notice in Notice.objects.all():
        for language in ("zh-hans", "en"):
            with translation.override(language):
                text = title_of(notice) + body_of(notice)
                assert "%(" not in text
        said.add(notice.kind)
    assert {"place_offered", "offer_lapsed", "shift_tomorrow", "organiser_message", "place_changed"} <= said
    assert {"activity_cancelled", "waitlist_moved_up"} <= said
