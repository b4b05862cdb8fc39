"""Pages of checking in: the QR's address, the card desk, the papers, the organiser's day."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from points import clock, devices
from points.activities import services
from points.activities.models import CheckInDevice, Registration
from points.activities.services import devices as phones
from points.people import cards
from points.people.models import User
from tests.activities.conftest import Scene, give_budget
from tests.factories import local, make_activity, make_organiser, make_volunteer

Method = Registration.Method
NINE = "2026-11-23 09:00"
CHECK = "/activities/check/"
NO_ZBAR = "reading paper needs zbar-tools and poppler-utils: apt-get install -y zbar-tools poppler-utils"
needs_zbar = pytest.mark.skipif(not (shutil.which("zbarimg") and shutil.which("pdftoppm")), reason=NO_ZBAR)


@pytest.fixture
def seat(scene: Scene) -> Registration:
    return services.sign_up(scene.position, volunteer=scene.volunteer, by=scene.volunteer)


@pytest.fixture
def nine(seat: Registration, clock_at: Callable[[str], dt.datetime]) -> dt.datetime:
    return clock_at(NINE)


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def scan_address(scene: Scene) -> str:
    return f"{CHECK}{services.check_token(scene.shift)}/"


# --- The QR's address ------------------------------------------------------------------------------------
def test_phone_camera_opens_the_page_and_one_press_is_left(
    scene: Scene, seat: Registration, nine: dt.datetime
) -> None:
    phone = browser_of(scene.volunteer)
    page = phone.get(scan_address(scene), follow=True).content.decode()
    seat.refresh_from_db()
    assert seat.checked_in_at is None  # opening an address writes nothing
    assert 'name="scanned" value="1"' in page
    done = phone.post(CHECK, {"step": "in", "scanned": "1"}, follow=True)
    assert "已签到" in done.content.decode()
    seat.refresh_from_db()
    assert (seat.checked_in_at, seat.checked_in_by) == (nine, Method.CODE)
    again = phone.post(CHECK, {"step": "out", "scanned": "1"}, follow=True).content.decode()
    seat.refresh_from_db()
    assert seat.checked_out_at is None  # one scan, one direction
    assert "扫码以后过了太久" in again


def test_scan_before_signing_in_survives_the_sign_in(
    scene: Scene, seat: Registration, nine: dt.datetime
) -> None:
    scene.volunteer.set_password("beans-and-broom-7")
    scene.volunteer.save()
    phone = Client()
    to = phone.get(scan_address(scene), follow=True)
    assert "/accounts/login/" in to.redirect_chain[-1][0]
    with clock.at(nine + dt.timedelta(minutes=3)):
        page = phone.post(
            to.redirect_chain[-1][0], {"login": "wang", "password": "beans-and-broom-7"}, follow=True
        ).content.decode()
        assert 'name="scanned" value="1"' in page
        phone.post(CHECK, {"step": "in", "scanned": "1"})
    seat.refresh_from_db()
    assert seat.checked_in_by == Method.CODE


def test_forwarded_screenshot_is_answered_with_a_sentence(
    scene: Scene, seat: Registration, nine: dt.datetime
) -> None:
    address = scan_address(scene)
    with clock.at(nine + dt.timedelta(minutes=2)):
        page = browser_of(scene.volunteer).get(address, follow=True).content.decode()
    assert "这张码已经过期" in page
    assert 'name="scanned"' not in page


def test_scan_by_somebody_not_on_the_list_says_what_to_do(scene: Scene, nine: dt.datetime) -> None:
    page = browser_of(scene.other).get(scan_address(scene), follow=True).content.decode()
    assert "名单上没有您" in page


def test_what_the_scanner_in_the_page_read_is_taken_like_digits(
    scene: Scene, seat: Registration, nine: dt.datetime
) -> None:
    phone = browser_of(scene.volunteer)
    phone.post(CHECK, {"step": "in", "code": f"http://testserver{scan_address(scene)}"})
    seat.refresh_from_db()
    assert seat.checked_in_by == Method.CODE


def test_the_browser_is_known_by_a_random_cookie_and_only_a_digest_is_kept(
    scene: Scene, seat: Registration, nine: dt.datetime
) -> None:
    phone = browser_of(scene.volunteer)
    answer = phone.post(CHECK, {"step": "in", "code": services.check_code(scene.shift)})
    cookie = answer.cookies[phones.COOKIE]
    assert cookie["httponly"]
    assert cookie["max-age"] == 30 * 24 * 3600
    assert CheckInDevice.objects.get().digest == phones.digest_of(scene.shift, cookie.value)
    answer = phone.post(CHECK, {"step": "out", "code": services.check_code(scene.shift)})
    assert answer.cookies[phones.COOKIE].value == cookie.value
    assert CheckInDevice.objects.count() == 1


def test_only_pages_that_scan_may_use_the_camera(scene: Scene, nine: dt.datetime) -> None:
    organiser = browser_of(scene.organiser)
    for url in (CHECK, f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/cards/"):
        assert "camera=(self)" in organiser.get(url).headers[devices.HEADER]
    for url in ("/", "/me/card/", "/organise/today/"):
        assert organiser.get(url).headers[devices.HEADER] == devices.NOTHING


# --- The card desk ---------------------------------------------------------------------------------------
def card_desk(scene: Scene, **data: object) -> str:
    url = f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/cards/"
    return browser_of(scene.organiser).post(url, data, follow=True).content.decode()


def test_scanned_card_checks_in_and_out(scene: Scene, seat: Registration, nine: dt.datetime) -> None:
    code = cards.card_code(scene.volunteer)
    assert "王秀英：09:00 签到。" in card_desk(scene, given=code, step="in")
    with clock.at(nine + dt.timedelta(minutes=5)):
        assert "王秀英：09:00 签到。" in card_desk(scene, given=code, step="in")
    with clock.at(nine + dt.timedelta(minutes=100)):
        assert "王秀英：10:40 签退。" in card_desk(scene, given=code, step="out")
    seat.refresh_from_db()
    assert (seat.checked_in_by, seat.checked_out_by) == (Method.CARD, Method.CARD)


def test_member_number_can_be_typed(scene: Scene, seat: Registration, nine: dt.datetime) -> None:
    assert "王秀英：09:00 签到。" in card_desk(scene, given=scene.volunteer.number.upper(), step="in")
    seat.refresh_from_db()
    assert seat.checked_in_by == Method.ROSTER  # the organiser's word, not the card's


def test_old_card_and_unknown_number_are_refused(scene: Scene, nine: dt.datetime) -> None:
    old = cards.card_code(scene.volunteer)
    cards.renew_card(scene.volunteer, by=scene.volunteer)
    assert "已经挂失换新" in card_desk(scene, given=old, step="in")
    assert "13900000000" in card_desk(scene, given="13900000000", step="in")


def test_card_of_somebody_not_on_the_list_is_offered_a_seat(scene: Scene, nine: dt.datetime) -> None:
    code = cards.card_code(scene.other)
    page = card_desk(scene, given=code, step="in")
    assert "赵大海 没有报名。" in page
    assert not Registration.objects.filter(volunteer=scene.other).exists()
    assert "赵大海：09:00 签到。" in card_desk(scene, given=code, step="in", position=scene.position.pk)


def test_refused_check_in_of_a_walk_in_leaves_no_seat_behind(scene: Scene, nine: dt.datetime) -> None:
    elsewhere = make_activity(grid=scene.town.grid, title="送餐", starts_at=local(NINE))
    there = services.sign_up(
        elsewhere.shifts.get().positions.get(), volunteer=scene.other, by=scene.other, walk_in=True
    )
    services.check_in(there, by=scene.organiser, method=Method.ROSTER)
    card_desk(scene, given=cards.card_code(scene.other), step="in", position=scene.position.pk)
    assert not Registration.objects.filter(volunteer=scene.other, shift=scene.shift).exists()


def test_position_of_another_shift_is_not_found(scene: Scene, nine: dt.datetime) -> None:
    foreign = make_activity(grid=scene.town.grid).shifts.get().positions.get()
    url = f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/cards/"
    data = {"given": scene.other.number, "step": "in", "position": foreign.pk}
    assert browser_of(scene.organiser).post(url, data).status_code == 404


def test_my_card_shows_my_own_code_and_can_be_replaced(scene: Scene) -> None:
    mine = browser_of(scene.volunteer)
    page = mine.get("/me/card/").content.decode()
    assert scene.volunteer.number in page
    before = cards.card_code(scene.volunteer)
    mine.post("/me/card/new/")
    scene.volunteer.refresh_from_db()
    assert cards.card_code(scene.volunteer) != before


# --- One phone, many people ------------------------------------------------------------------------------
def test_roster_and_confirming_show_one_phone_for_many(scene: Scene, nine: dt.datetime) -> None:
    scene.shift.positions.update(capacity=20)
    phone = phones.new_device()
    for n in range(3):
        who = make_volunteer(name=f"家人{n}")
        each = services.sign_up(scene.position, volunteer=who, by=scene.organiser, walk_in=True)
        services.check_in_with_code(who, services.check_code(scene.shift))
        services.note_device(each, phone)
    organiser = browser_of(scene.organiser)
    for url in (
        f"/organise/{scene.activity.code}/roster/",
        f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/confirm/",
    ):
        page = organiser.get(url).content.decode()
        assert "有一部手机替 3 个人签到" in page
        assert "家人0, 家人1, 家人2" in page


# --- The organiser's day ---------------------------------------------------------------------------------
def test_today_shows_what_is_on_what_waits_and_the_budget(
    scene: Scene, seat: Registration, nine: dt.datetime
) -> None:
    give_budget(scene, 1234)
    services.check_in(seat, by=scene.organiser, method=Method.ROSTER)
    make_activity(grid=scene.town.grid, title="下午读书", starts_at=local("2026-11-23 15:00"))
    make_activity(grid=scene.town.other_grid, title="别处的事", starts_at=local(NINE))
    page = browser_of(scene.organiser).get("/organise/today/").content.decode()
    assert f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/code/" in page
    assert "报名 1 人，来了 1 人" in page
    assert page.index("楼院大扫除") < page.index("下午读书")
    assert "别处的事" not in page
    assert "1234" in page.replace(",", "")
    with clock.at(local("2026-11-23 12:00")):
        page = browser_of(scene.organiser).get("/organise/today/").content.decode()
    assert f"/organise/{scene.activity.code}/shifts/{scene.shift.pk}/confirm/" in page


def test_today_says_how_many_beans_wait_for_a_budget(
    scene: Scene, seat: Registration, nine: dt.datetime
) -> None:
    services.check_in(seat, by=scene.organiser, method=Method.ROSTER)
    with clock.at(local("2026-11-23 12:00")):
        services.confirm_shift(scene.shift, by=scene.organiser)
        page = browser_of(scene.organiser).get("/organise/today/").content.decode()
    assert "1 条记录在等预算" in page
    assert "今年还没有给您这一片拨预算" in page


def test_today_takes_as_many_queries_for_ten_shifts(
    scene: Scene, nine: dt.datetime, django_assert_max_num_queries
) -> None:
    organiser = browser_of(scene.organiser)
    with CaptureQueriesContext(connection) as one:
        organiser.get("/organise/today/")
    for n in range(10):
        make_activity(grid=scene.town.grid, title=f"第{n}场", starts_at=local(NINE))
    with django_assert_max_num_queries(len(one)):
        organiser.get("/organise/today/")


# --- Paper -----------------------------------------------------------------------------------------------
def text_of(pdf: bytes, folder: Path) -> str:
    (folder / "paper.pdf").write_bytes(pdf)
    shown = subprocess.run(
        ["pdftotext", "-layout", folder / "paper.pdf", "-"], check=True, capture_output=True, text=True
    )
    return shown.stdout


def qr_of(pdf: bytes, folder: Path) -> str:
    """What zbar reads from the page, rendered as a printer would."""
    (folder / "paper.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "100", "-png", folder / "paper.pdf", folder / "page"], check=True)
    [page] = folder.glob("page*.png")
    found = subprocess.run(["zbarimg", "-q", "--raw", page], check=True, capture_output=True, text=True)
    return found.stdout.strip()


@needs_zbar
@pytest.mark.parametrize("paper", ["sheet", "poster"])
def test_papers_are_pdf_with_chinese_type(
    scene: Scene, seat: Registration, nine: dt.datetime, paper: str, tmp_path: Path
) -> None:
    organiser = browser_of(scene.organiser)
    code = scene.activity.code
    url = (
        f"/organise/{code}/shifts/{scene.shift.pk}/sheet.pdf"
        if paper == "sheet"
        else f"/organise/{code}/poster.pdf"
    )
    answer = organiser.get(url)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert len(answer.content) < 400_000
    text = text_of(answer.content, tmp_path)
    assert "楼院大扫除" in text
    if paper == "sheet":
        assert "王秀英" in text
        assert "13800000002" in text
    else:
        assert f"/activities/{code}/" in text
        assert qr_of(answer.content, tmp_path) == f"http://testserver/activities/{code}/"


def test_far_people_get_no_paper(scene: Scene) -> None:
    far = browser_of(make_organiser(scene.town.other_community))
    assert far.get(f"/organise/{scene.activity.code}/poster.pdf").status_code == 404
