"""The QR of half a minute, two places at once, two people, one phone for many, and member cards."""

from __future__ import annotations

import datetime as dt

import pytest

from points import clock
from points.activities import errors, services
from points.activities.models import CheckInDevice, Position, Registration
from points.activities.notices_check_in import CHECKED_IN
from points.activities.services import attendance, check_codes, devices
from points.activities.tasks import forget_devices as forget_devices_task
from points.people import cards
from points.people.errors import CardReplaced, CardUnknown, NotYours
from points.people.models import Notice
from points.people.notices import body_of
from tests.activities.conftest import Scene
from tests.factories import local, make_activity, make_organiser, make_volunteer

Method = Registration.Method
SECONDS = dt.timedelta(seconds=1)
NINE = local("2026-11-23 09:00")


@pytest.fixture
def seat(scene: Scene) -> Registration:
    return services.sign_up(scene.position, volunteer=scene.volunteer, by=scene.volunteer)


def address(scene: Scene, at: dt.datetime) -> str:
    return f"https://jindou.example/activities/check/{check_codes.check_token(scene.shift, at)}/"


# --- The QR ----------------------------------------------------------------------------------------------
def test_token_proves_ninety_six_bits_and_changes_with_the_digits(scene: Scene) -> None:
    tokens = {services.check_token(scene.shift, NINE + n * 30 * SECONDS) for n in range(50)}
    assert len(tokens) == 50
    assert check_codes.PROOF_BYTES * 8 >= 80
    assert services.check_token(scene.shift, NINE + 29 * SECONDS) == services.check_token(scene.shift, NINE)


@pytest.mark.parametrize("late_by", [-30, 0, 29, 30])
def test_scanned_address_checks_in_like_the_digits(scene: Scene, seat: Registration, late_by: int) -> None:
    """A picture read a window later still counts; a phone's own clock is asked nowhere."""
    with clock.at(NINE):
        done = services.check_in_with_code(scene.volunteer, address(scene, NINE - late_by * SECONDS))
    assert (done.checked_in_at, done.checked_in_by) == (NINE, Method.CODE)


@pytest.mark.parametrize("minutes", [1, 29])
def test_forwarded_picture_of_the_qr_is_refused(scene: Scene, seat: Registration, minutes: int) -> None:
    old = address(scene, NINE - dt.timedelta(minutes=minutes))
    with clock.at(NINE), pytest.raises(errors.QrExpired) as refusal:
        services.check_in_with_code(scene.volunteer, old)
    assert refusal.value.code == "qr_expired"


def test_guessed_qr_is_refused_and_counts_as_a_try(scene: Scene, seat: Registration) -> None:
    guess = f"{scene.shift.pk}-{'A' * 16}"
    with clock.at(NINE):
        for _try in range(attendance.TRIES):
            with pytest.raises(errors.WrongQr) as refusal:
                services.check_in_with_code(scene.volunteer, guess)
        assert refusal.value.code == "wrong_qr"
        with pytest.raises(errors.TooManyTries):
            services.check_in_with_code(scene.volunteer, address(scene, NINE))


@pytest.mark.parametrize(
    "text", ["", "x", "0-" + "A" * 16, "9" * 18 + "-" + "A" * 16, "https://example.com/a"]
)
def test_other_pictures_are_not_our_code(scene: Scene, text: str) -> None:
    with pytest.raises(errors.WrongQr):
        services.scanned_shift(text)


def test_qr_of_another_shift_says_that_one_is_not_on_its_list(scene: Scene, seat: Registration) -> None:
    with clock.at(NINE), pytest.raises(errors.NotOnTheList) as refusal:
        services.check_in_with_code(scene.other, address(scene, NINE))
    assert refusal.value.code == "not_on_the_list"


def test_scan_that_was_right_stays_good_for_signing_in_and_no_longer(
    scene: Scene, seat: Registration
) -> None:
    with clock.at(NINE + dt.timedelta(minutes=6)), pytest.raises(errors.ScanTooOld) as refusal:
        services.check_in_scanned(scene.volunteer, scene.shift, scanned_at=NINE)
    assert refusal.value.code == "scan_too_old"
    with clock.at(NINE + dt.timedelta(minutes=4)):
        done = services.check_in_scanned(scene.volunteer, scene.shift, scanned_at=NINE)
        assert done.checked_in_by == Method.CODE
        assert services.check_out_scanned(scene.volunteer, scene.shift, scanned_at=NINE).checked_out_at


# --- One place at a time ---------------------------------------------------------------------------------
@pytest.fixture
def elsewhere(scene: Scene, seat: Registration) -> Registration:
    """A seat from ten to twelve, at another place."""
    other = make_activity(grid=scene.town.grid, starts_at=local("2026-11-23 10:00"), title="送餐")
    position = other.shifts.get().positions.get()
    return services.sign_up(position, volunteer=scene.volunteer, by=scene.volunteer, despite_overlap=True)


def test_refusal_names_the_other_place_and_its_time(
    scene: Scene, seat: Registration, elsewhere: Registration
) -> None:
    with clock.at(local("2026-11-23 09:50")):
        services.check_in(seat, by=scene.organiser, method=Method.ROSTER)
        with pytest.raises(errors.CheckedInElsewhere) as refusal:
            services.check_in(elsewhere, by=scene.organiser, method=Method.CARD)
    assert "楼院大扫除" in refusal.value.as_text()
    assert "09:50–11:00" in refusal.value.as_text()


def test_times_written_down_later_do_not_overlap(
    scene: Scene, seat: Registration, elsewhere: Registration
) -> None:
    def at_second_place(came: str, left: str) -> Registration:
        return services.correct_times(
            elsewhere,
            by=scene.organiser,
            checked_in_at=local(f"2026-11-23 {came}"),
            checked_out_at=local(f"2026-11-23 {left}"),
        )

    with clock.at(local("2026-11-23 13:00")):
        services.correct_times(
            seat, by=scene.organiser, checked_in_at=NINE, checked_out_at=local("2026-11-23 10:40")
        )
        with pytest.raises(errors.WasElsewhere) as refusal:
            at_second_place("10:30", "12:00")
        assert refusal.value.code == "was_elsewhere"
        assert "09:00–10:40" in refusal.value.as_text()
        assert at_second_place("10:40", "12:00").checked_in_at
        with pytest.raises(errors.WasElsewhere):
            services.correct_times(
                seat, by=scene.organiser, checked_in_at=NINE, checked_out_at=local("2026-11-23 10:41")
            )


def test_tick_into_a_time_spent_elsewhere_is_refused(
    scene: Scene, seat: Registration, elsewhere: Registration
) -> None:
    with clock.at(local("2026-11-23 13:00")):
        services.correct_times(
            seat, by=scene.organiser, checked_in_at=NINE, checked_out_at=local("2026-11-23 11:00")
        )
        with pytest.raises(errors.WasElsewhere):
            services.check_in(
                elsewhere, by=scene.organiser, method=Method.ROSTER, at=local("2026-11-23 10:00")
            )
        services.check_in(elsewhere, by=scene.organiser, method=Method.ROSTER, at=local("2026-11-23 11:00"))


# --- Two people ------------------------------------------------------------------------------------------
def test_organiser_does_not_check_in_alone(scene: Scene) -> None:
    own = services.sign_up(scene.position, volunteer=scene.organiser, by=scene.organiser)
    with clock.at(NINE):
        for verb in (
            lambda: services.check_in(own, by=scene.organiser, method=Method.ROSTER),
            lambda: services.check_in_with_code(scene.organiser, services.check_code(scene.shift)),
            lambda: services.correct_times(
                own, by=scene.organiser, checked_in_at=clock.now(), checked_out_at=None
            ),
        ):
            with pytest.raises(errors.OwnCheckIn) as refusal:
                verb()
        assert refusal.value.code == "own_check_in"
        colleague = make_organiser(scene.town.community)
        services.check_in(own, by=colleague, method=Method.ROSTER)
        with pytest.raises(errors.OwnCheckIn):
            services.check_out(own, by=scene.organiser, method=Method.ROSTER)


# --- What people are told --------------------------------------------------------------------------------
def test_message_says_when_and_how_to_check_out_until_one_has(scene: Scene, seat: Registration) -> None:
    with clock.at(NINE):
        for _twice in range(2):
            services.check_in_with_code(scene.volunteer, services.check_code(scene.shift))
    notice = Notice.objects.get(user=scene.volunteer, kind=CHECKED_IN.code)
    assert all(time in body_of(notice) for time in ("09:00", "11:00", "11:30"))
    assert notice.read_at is None
    with clock.at(local("2026-11-23 10:00")):
        services.check_out_with_code(scene.volunteer, services.check_code(scene.shift))
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_forgotten_check_out_takes_the_message_away_and_weakens_the_proof(
    scene: Scene, seat: Registration
) -> None:
    with clock.at(NINE):
        services.check_in_with_code(scene.volunteer, services.check_code(scene.shift))
    services.close_forgotten(local("2026-11-23 11:30"))
    seat.refresh_from_db()
    assert seat.checked_out_by == Method.PLANNED_END
    assert Notice.objects.get(kind=CHECKED_IN.code).read_at is not None


# --- One phone, many people ------------------------------------------------------------------------------
def test_one_device_for_many_people_is_shown_and_blocks_nobody(scene: Scene) -> None:
    Position.objects.update(capacity=20)
    family = [make_volunteer(name=f"家人{n}") for n in range(10)]
    phone, another = devices.new_device(), devices.new_device()
    with clock.at(local("2026-11-23 08:00")):
        seats = [services.sign_up(scene.position, volunteer=who, by=who) for who in family]
    with clock.at(NINE):
        for number, each in enumerate(seats):
            services.check_in_with_code(each.volunteer, services.check_code(scene.shift))
            services.note_device(each, phone if number else another)
            services.note_device(each, phone if number else another)
    [group] = services.shared_devices(scene.shift)
    assert [each.pk for each in group] == [each.pk for each in seats[1:]]
    assert Registration.objects.filter(checked_in_at__isnull=False).count() == 10


def test_device_cannot_be_followed_to_another_shift_and_is_forgotten(
    scene: Scene, seat: Registration
) -> None:
    other = make_activity(grid=scene.town.grid).shifts.get()
    phone = devices.new_device()
    assert devices.digest_of(scene.shift, phone) != devices.digest_of(other, phone)
    services.note_device(seat, phone)
    assert phone not in CheckInDevice.objects.get().digest
    with clock.at(clock.now() + dt.timedelta(days=29)):
        assert forget_devices_task.delay().get() == 0
    with clock.at(clock.now() + dt.timedelta(days=31)):
        assert forget_devices_task.delay().get() == 1


# --- Member cards ----------------------------------------------------------------------------------------
def test_card_finds_its_person_until_it_is_replaced(scene: Scene) -> None:
    old = cards.card_code(scene.volunteer)
    assert cards.person_of_card(old.lower()) == scene.volunteer
    with pytest.raises(NotYours):
        cards.renew_card(scene.volunteer, by=scene.organiser)
    cards.renew_card(scene.volunteer, by=scene.volunteer)
    with pytest.raises(CardReplaced) as refusal:
        cards.person_of_card(old)
    assert refusal.value.code == "card_replaced"
    assert cards.person_of_card(cards.card_code(scene.volunteer)) == scene.volunteer


def test_forged_card_is_refused(scene: Scene) -> None:
    head, proof = cards.card_code(scene.volunteer).rsplit("-", 1)
    assert len(proof) * 5 >= 80
    other = cards.card_code(scene.other).rsplit("-", 1)[1]
    for forged in ("", "JD", f"{head}-{other}", f"{head}-{'0' * 16}", head):
        with pytest.raises(CardUnknown) as refusal:
            cards.person_of_card(forged)
    assert refusal.value.code == "card_unknown"


def test_card_of_a_closed_account_is_refused(scene: Scene) -> None:
    scene.volunteer.is_active = False
    scene.volunteer.save()
    with pytest.raises(CardUnknown):
        cards.person_of_card(cards.card_code(scene.volunteer))


def test_card_survives_a_change_of_the_secret_key(scene: Scene, settings) -> None:
    code = cards.card_code(scene.volunteer)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key"
    assert cards.person_of_card(code) == scene.volunteer
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(CardUnknown):
        cards.person_of_card(code)
