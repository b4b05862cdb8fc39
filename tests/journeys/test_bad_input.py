"""What people do wrong, through the pages: a plain sentence each time, and nothing half-written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from points.activities import errors as activity_errors
from points.activities import services as activities
from points.activities.models import Activity, Registration
from points.ledger.models import Posting, Transaction
from points.ledger.verify import verify
from points.people.models import User
from points.refusals import Refusal
from rewards import errors as reward_errors
from rewards import services as rewards
from rewards.models import Redemption, RefusedScan
from tests import factories as make
from tests.journeys.conftest import MoveClock, Stage
from tests.journeys.person import NewPerson, Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@contextmanager
def nothing_written() -> Iterator[None]:
    """Neither seats nor beans nor vouchers are different afterwards."""
    before = written()
    yield
    assert written() == before
    assert verify().ok


def written() -> tuple[object, ...]:
    seats = Registration.objects.order_by("pk")
    return (
        list(seats.values_list("pk", "position", "state", "checked_in_at", "checked_out_at")),
        list(Activity.objects.order_by("pk").values_list("shifts__positions__seats_taken", flat=True)),
        Transaction.objects.count(),
        Posting.objects.count(),
        list(Redemption.objects.order_by("pk").values_list("pk", "state", "slot")),
    )


def says(person: Person, refusal: Refusal) -> None:
    person.sees(refusal.as_text())


@pytest.fixture
def activity(stage: Stage) -> Activity:
    """Monday at nine, two positions with one seat each."""
    made = make.make_activity(
        grid=stage.town.grid, organiser=stage.organiser, starts_at=make.local("2026-11-23 09:00"), capacity=1
    )
    make.make_position(made.shifts.get(), capacity=1, name="搬运")
    return made


@pytest.fixture
def member(stage: Stage) -> User:
    return make.make_volunteer(username="wang", name="王秀兰", home=stage.town.grid, password=make.PASSWORD)


def press_in_row(person: Person, position: str) -> None:
    row = person.main.locator(".card .row").filter(has_text=position)
    row.get_by_role("button").click()
    person.page.wait_for_load_state()
    person.look_around()


def test_sign_up(activity: Activity, member: User, person: NewPerson) -> None:
    first, second = activity.shifts.get().positions.order_by("pk")
    volunteer = person("volunteer")
    volunteer.sign_in("wang")
    volunteer.go(activity.get_absolute_url())
    somebody = make.make_volunteer()
    activities.sign_up(first, volunteer=somebody, by=somebody)
    with nothing_written():  # the last seat went while she read
        press_in_row(volunteer, first.name)
        says(volunteer, activity_errors.ActivityFull(capacity=1, position=first.name))
    activities.sign_up(second, volunteer=member, by=member)  # on her other phone
    activities.cancel_registration(Registration.objects.get(volunteer=somebody), by=somebody)
    volunteer.go("/activities/")
    with nothing_written():  # and now once more on this one
        volunteer.page.goto(activity.get_absolute_url())
        volunteer.page.evaluate(
            """([url, position]) => {
                const form = document.querySelector('main form[method=post]');
                form.action = url;
                form.innerHTML = form.querySelector('[name=csrfmiddlewaretoken]').outerHTML
                    + `<input name="position" value="${position}">`;
                form.submit();
            }""",
            [f"{activity.get_absolute_url()}sign-up/", first.pk],
        )
        volunteer.page.wait_for_selector(".msg.error")
        says(volunteer, activity_errors.AlreadySignedUp(position=second.name))


def test_check_out_before_check_in(
    activity: Activity, member: User, person: NewPerson, move_clock: MoveClock
) -> None:
    shift = activity.shifts.get()
    activities.sign_up(shift.positions.all()[0], volunteer=member, by=member)
    volunteer = person("volunteer")
    volunteer.sign_in("wang")
    move_clock("2026-11-23 08:50")
    with nothing_written():
        volunteer.go("/activities/check/?step=out")
        volunteer.page.fill("[name=code]", activities.check_code(shift))
        volunteer.press(volunteer.words("Check out"))
        says(volunteer, activity_errors.CheckOutBeforeCheckIn())
        volunteer.go("/activities/check/")
        volunteer.page.fill("[name=code]", "one two")
        volunteer.press(volunteer.words("Check in"))
        says(volunteer, activity_errors.WrongCode())


def test_too_few_beans(stage: Stage, member: User, person: NewPerson) -> None:
    make.give_beans(member, 25)
    volunteer = person("volunteer")
    volunteer.sign_in("wang")
    volunteer.go(stage.haircut.get_absolute_url())
    volunteer.page.get_by_role("radio").first.check(force=True)
    rewards.redeem(stage.meal, member=member, by=member, key="another-window-1")  # in another window
    with nothing_written():
        volunteer.press(volunteer.words("Redeem for %(beans)s", beans=volunteer.beans(20)))
        says(volunteer, reward_errors.TooFewBeans(price=20, available=13, missing=7))
        volunteer.go(stage.haircut.get_absolute_url())
        assert not volunteer.main.locator("form#redeem").count()  # it says so before, too
        says(volunteer, reward_errors.TooFewBeans(price=20, available=13, missing=7))


def test_vouchers_at_the_desk(stage: Stage, member: User, person: NewPerson) -> None:
    meal = make.make_redemption(stage.meal, member=member)
    cook, barber = person("cook"), person("barber")
    cook.sign_in("zhaodeshun")
    barber.sign_in("chenhongmei")
    with nothing_written():
        show(barber, meal.code)
        says(barber, reward_errors.OtherProvider(provider=stage.canteen.name))
        show(cook, "0000 0000 0000")
        says(cook, reward_errors.UnknownCode())
    show(cook, meal.code)
    clerk = User.objects.get(username="zhaodeshun")
    # A second tap, or a colleague with the same voucher, was quicker.
    rewards.fulfil(stage.canteen, code=meal.code, by=clerk, nonce="another-desk-0001")
    with nothing_written():
        cook.press(cook.words("Confirm: handed over"))
        cook.sees(cook.words("Do not hand over"), "赵德顺")
        show(cook, meal.code)
        cook.sees(cook.words("Do not hand over"), "赵德顺")
    codes = list(RefusedScan.objects.order_by("pk").values_list("refusal", flat=True))
    assert codes == ["other_provider", "unknown_code", "already_fulfilled", "already_fulfilled"]


def show(clerk: Person, code: str) -> None:
    clerk.go("/desk/")
    clerk.page.fill("[name=code]", code)
    clerk.press(clerk.words("Look at the voucher"))


def test_a_foreign_grid_does_not_exist(stage: Stage, activity: Activity, person: NewPerson) -> None:
    make.make_organiser(stage.town.other_community, username="far", password=make.PASSWORD)
    stranger = person("stranger")
    stranger.sign_in("far")
    shift = activity.shifts.get()
    with nothing_written():
        for address in (
            "edit/",
            "roster/",
            "cancel/",
            f"shifts/{shift.pk}/code/",
            f"shifts/{shift.pk}/confirm/",
        ):
            answer = stranger.page.goto(f"/organise/{activity.code}/{address}")
            assert answer is not None
            assert answer.status == 404
            stranger.does_not_see(activity.title)
            stranger.sees(stranger.words("We cannot find this page"))
    stranger.complaints.clear()
