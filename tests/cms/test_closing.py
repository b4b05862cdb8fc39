"""Closing an account: in time to think, everything in order, nothing of the person left, the books intact."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, models, transaction
from django.test import Client
from wagtail.log_actions import log
from wagtail.users.models import UserProfile

from cms import closing, tasks
from points import clock
from points.activities import services as activities
from points.activities.models import CalendarAddress, ImportRun, Registration, WaitlistEntry
from points.grids import teams
from points.grids.models import Role, TeamMember
from points.ledger import services as ledger
from points.ledger.balances import balance, member_balances
from points.ledger.models import Account, AccountKind
from points.ledger.verify import verify
from points.people import closing as people
from points.people import guardians, notices, services
from points.people.errors import ClosingUnderWay, NotYours, StillHasTasks
from points.people.models import ClosingRequest, Consent, GuardianConsent, Notice, Term, User
from points.records.certificates import issue_certificate
from points.records.models import ServiceRecord
from points.records.objections import object_to
from points.records.services import release_due
from points.refusals import Refusal
from rewards import services as rewards
from rewards.models import Redemption, Wish
from rewards.services import wish
from tests.factories import (
    PASSWORD,
    give_beans,
    local,
    make_activity,
    make_organization,
    make_redemption,
    make_registration,
    make_reward,
    make_slot,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db
NOW = local("2026-11-25 10:00")
DUE = NOW + dt.timedelta(days=7)
NAME, PHONE, MAIL = "欧阳秀芝", "13877771234", "ouyang.xiuzhi@example.org"
State, Beans = ClosingRequest.State, ClosingRequest.Beans


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def ouyang(site: Any) -> User:
    """Somebody with 100 beans, who has told us everything that can be told."""
    person = make_user(
        name=NAME,
        first_name=NAME,
        username="ouyangxiuzhi",
        phone=PHONE,
        email=MAIL,
        password=PASSWORD,
        home=site.town.grid,
    )
    services.tell_birth_year(person, year=1958, by=None)
    EmailAddress.objects.create(user=person, email=MAIL, primary=True)
    UserProfile.objects.create(user=person)
    log(instance=person, action="wagtail.edit", data={"name": NAME})
    give_beans(person, 100)
    return person


def close(person: User, beans: str = Beans.DONATE) -> ClosingRequest:
    request = closing.ask_to_close(person, beans=beans, by=person)
    with clock.at(DUE):
        tasks.close_due()
    request.refresh_from_db()
    return request


def community(site: Any) -> int:
    account = Account.objects.filter(kind=AccountKind.COMMUNITY).first()
    return int(balance(account).amount) if account else 0


# --- Asking and thinking again --------------------------------------------------------------------------
def test_nothing_happens_before_the_cooling_off_is_over(ouyang: User) -> None:
    request = closing.ask_to_close(ouyang, beans=Beans.DONATE, by=ouyang)
    assert request.due_at == DUE
    assert closing.ask_to_close(ouyang, beans=Beans.LAPSE, by=ouyang) == request
    with clock.at(DUE - dt.timedelta(seconds=1)):
        assert tasks.close_due() == 0
    ouyang.refresh_from_db()
    assert ouyang.is_active
    with clock.at(DUE):
        assert tasks.close_due() == 1
        assert tasks.close_due() == 0


def test_the_cooling_off_is_data(ouyang: User) -> None:
    Term.objects.create(code="closing", days=30)
    request = closing.ask_to_close(ouyang, beans=Beans.DONATE, by=ouyang)
    assert request.due_at == NOW + dt.timedelta(days=30)


def test_a_mind_can_be_changed_until_then_and_not_after(ouyang: User) -> None:
    request = closing.ask_to_close(ouyang, beans=Beans.DONATE, by=ouyang)
    with pytest.raises(NotYours):
        people.change_mind(ouyang, by=make_user())
    assert people.change_mind(ouyang, by=ouyang) == request
    assert people.change_mind(ouyang, by=ouyang) is None
    with clock.at(DUE):
        assert tasks.close_due() == 0
    again = closing.ask_to_close(ouyang, beans=Beans.LAPSE, by=ouyang)
    assert again != request
    with clock.at(DUE):
        people.shut_the_door(again.pk)
        with pytest.raises(ClosingUnderWay) as late:
            people.change_mind(ouyang, by=ouyang)
        assert late.value.refusal_code == "closing_under_way"
        with pytest.raises(ClosingUnderWay):
            people.ask(ouyang, beans=Beans.LAPSE, place="", by=ouyang)
        assert tasks.close_due() == 1
    kinds = list(Notice.objects.filter(user=ouyang).values_list("kind", flat=True))
    assert kinds == []


def test_the_person_is_told_when_and_how_to_go_back(client: Client, ouyang: User) -> None:
    closing.ask_to_close(ouyang, beans=Beans.DONATE, by=ouyang)
    notice = Notice.objects.get(user=ouyang)
    assert notices.KINDS[notice.kind].is_urgent
    assert notice.url == "/me/closing/"
    client.force_login(ouyang)
    client.cookies["django_language"] = "en"
    page = client.get("/me/notices/").content.decode()
    assert "On Wed 2 Dec." in page
    assert "Wed 2 Dec 2026" in client.get("/me/closing/").content.decode()
    client.post("/me/closing/keep/")
    assert people.request_of(ouyang) is None


def test_only_the_person_asks(ouyang: User) -> None:
    with pytest.raises(NotYours):
        closing.ask_to_close(ouyang, beans=Beans.DONATE, by=make_user())


def test_somebody_with_tasks_hands_them_over_first(site: Any) -> None:
    worker = make_user(role=Role.ORGANISER, grid=site.town.grid)
    clerk = make_staff(make_reward(grid=site.town.grid).provider).user
    for person in (worker, clerk, make_user(is_superuser=True)):
        with pytest.raises(StillHasTasks) as refused:
            closing.ask_to_close(person, beans=Beans.DONATE, by=person)
        assert refused.value.refusal_code == "still_has_tasks"


# --- The page -------------------------------------------------------------------------------------------
def test_the_page_asks_for_the_password_again(client: Client, ouyang: User) -> None:
    client.force_login(ouyang)
    page = client.post("/me/closing/", {"beans": "donate", "password": "guess"})
    assert page.context["form"].errors.as_data()["password"][0].code == "wrong_password"
    assert client.post("/me/closing/", {"beans": "eat", "password": PASSWORD}).status_code == 200
    assert not ClosingRequest.objects.exists()
    assert client.post("/me/closing/", {"beans": "lapse", "password": PASSWORD}).status_code == 302
    assert ClosingRequest.objects.get().beans == Beans.LAPSE
    assert client.post("/me/closing/", {"beans": "donate", "password": PASSWORD}).status_code == 200
    assert ClosingRequest.objects.get().beans == Beans.LAPSE


def test_the_page_refuses_people_with_tasks_in_words(client: Client, site: Any) -> None:
    person = make_user(role=Role.ORGANISER, grid=site.town.grid, password=PASSWORD)
    client.force_login(person)
    page = client.post("/me/closing/", {"beans": "donate", "password": PASSWORD})
    assert site.town.grid.name in page.content.decode()
    assert not ClosingRequest.objects.exists()


@pytest.mark.parametrize("cookies", [{"elder": "1"}, {"django_language": "en"}])
def test_the_page_says_what_will_happen(client: Client, ouyang: User, cookies: dict[str, str]) -> None:
    client.force_login(ouyang)
    for name, value in cookies.items():
        client.cookies[name] = value
    text = client.get("/me/closing/").content.decode()
    assert "100" in text
    assert "style=" not in text


# --- What becomes of beans, vouchers and seats ----------------------------------------------------------
def test_beans_go_to_the_community(site: Any, ouyang: User) -> None:
    assert close(ouyang).state == State.DONE
    assert int(member_balances(ouyang).total.amount) == 0
    assert community(site) == 100
    assert (
        Account.objects.get(kind=AccountKind.COMMUNITY).code
        == f"community:{site.town.community.code.lower()}"
    )
    assert verify().ok


def test_or_they_lapse(site: Any, ouyang: User) -> None:
    close(ouyang, Beans.LAPSE)
    assert int(member_balances(ouyang).total.amount) == 0
    assert community(site) == 0
    assert verify().ok


def test_open_vouchers_end_and_their_beans_come_back_first(site: Any, ouyang: User) -> None:
    goods = make_reward(grid=site.town.root, beans=30, stock=4)
    haircut = make_reward(grid=site.town.root, beans=20, kind="appointment", stock=None)
    slot = make_slot(haircut, starts_at=DUE + dt.timedelta(hours=5))  # too late to cancel by oneself
    voucher = make_redemption(goods, member=ouyang)
    appointment = make_redemption(haircut, member=ouyang, slot=slot)
    used = make_redemption(goods, member=ouyang)
    desk = make_staff(goods.provider).user
    rewards.fulfil(goods.provider, code=used.code, by=desk, nonce="n" * 20)
    close(ouyang)
    for each, state in ((voucher, "cancelled"), (appointment, "cancelled"), (used, "fulfilled")):
        each.refresh_from_db()
        assert each.state == state
    slot.refresh_from_db()
    goods.refresh_from_db()
    assert (slot.taken, goods.stock) == (0, 3)
    assert community(site) == 150
    assert verify().ok


def test_seats_are_given_back_and_served_hours_stay(
    site: Any, ouyang: User, serve: Callable[..., ServiceRecord]
) -> None:
    record = serve(ouyang, days_ago=20, release=True)
    activity = make_activity(grid=site.town.grid, starts_at=DUE + dt.timedelta(days=2))
    position = activity.shifts.get().positions.get()
    seat = make_registration(position, volunteer=ouyang)
    there = make_activity(grid=site.town.grid, starts_at=DUE - dt.timedelta(hours=1))
    at_work = make_registration(
        there.shifts.get().positions.get(), volunteer=ouyang, checked_in_at=DUE - dt.timedelta(hours=1)
    )
    assert close(ouyang).state == State.DONE
    seat.refresh_from_db()
    at_work.refresh_from_db()
    position.refresh_from_db()
    assert (seat.state, position.seats_taken) == (Registration.State.CANCELLED, 0)
    assert at_work.state == Registration.State.SIGNED_UP
    assert member_balances(ouyang).minutes == 120
    record.refresh_from_db()
    assert (record.minutes, record.activity_name, record.inputs) == (120, "楼院大扫除", {})


def test_what_arrives_later_follows_the_same_choice(
    site: Any, ouyang: User, serve: Callable[..., ServiceRecord]
) -> None:
    with clock.at(DUE - dt.timedelta(hours=3)):
        record = serve(ouyang, days_ago=1)
    close(ouyang)
    record.refresh_from_db()
    assert record.inputs
    assert int(member_balances(ouyang).pending.amount) == 20
    with clock.at(record.notice_ends_at + dt.timedelta(minutes=1)):
        release_due()
        tasks.close_due()
        tasks.close_due()
    assert int(member_balances(ouyang).total.amount) == 0
    assert community(site) == 120
    record.refresh_from_db()
    assert record.inputs == {}
    assert verify().ok


def test_what_is_refused_waits_and_keeps_nobody_else(site: Any, ouyang: User) -> None:
    make_redemption(make_reward(grid=site.town.root, beans=30), member=ouyang)
    other = make_user(home=site.town.grid)
    first = closing.ask_to_close(ouyang, beans=Beans.DONATE, by=ouyang)
    second = closing.ask_to_close(other, beans=Beans.DONATE, by=other)
    halted = ledger.halt("return", by=None, reason="test")
    with clock.at(DUE):
        assert tasks.close_due() == 1
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.state, second.state) == (State.CLOSING, State.DONE)
        ouyang.refresh_from_db()
        assert (ouyang.is_active, ouyang.name) == (False, NAME)  # the door is shut, nothing is erased yet
        ledger.lift(halted, by=other)
        assert tasks.close_due() == 1
    assert community(site) == 130


def test_a_hard_stop_in_between_is_taken_up_again(
    site: Any, ouyang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = closing.ask_to_close(ouyang, beans=Beans.DONATE, by=ouyang)

    def dies(*_unused: object) -> None:
        raise KeyboardInterrupt

    for step in ("cancel_for_closing", "clear_beans", "erase_inputs", "forget_in_office"):
        with monkeypatch.context() as broken, clock.at(DUE):
            broken.setattr(closing, step, dies)
            with pytest.raises(KeyboardInterrupt):
                tasks.close_due()
        request.refresh_from_db()
        assert request.state == State.CLOSING
    with clock.at(DUE):
        assert tasks.close_due() == 1
    assert community(site) == 100
    assert verify().ok


# --- Nothing of the person is left ----------------------------------------------------------------------
def everything_written() -> Iterator[tuple[str, str]]:
    """Every text and JSON value of every row of every table."""
    kinds = (models.CharField, models.TextField, models.JSONField, models.GenericIPAddressField)
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed:
            continue
        names = [field.attname for field in model._meta.concrete_fields if isinstance(field, kinds)]
        for row in model._base_manager.values(*names) if names else ():
            for name, value in row.items():
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
                yield f"{model._meta.label}.{name}", text


def places_of(*words: str) -> set[str]:
    return {place for place, text in everything_written() if any(word in text for word in words)}


def say_more(person: User, site: Any) -> None:
    """Everything else a volunteer leaves behind: words, papers, places in queues, teams."""
    record = ServiceRecord.objects.filter(volunteer=person).latest("pk")
    issue_certificate(person, unit=record.recording_unit, by=person)
    object_to(record, claim="too_few", text=f"我叫{NAME}，我来了三个小时", by=person)
    wish(person, text=f"{NAME}想要一把新剪刀")
    CalendarAddress.objects.create(user=person)
    unit = make_organization(grid=site.town.grid)
    team = teams.found_team(
        name="春风志愿队", grid=site.town.grid, guided_by=unit, leader=make_user(), by=None
    )
    teams.ask_to_join(team, user=person)


def test_no_table_holds_the_name_the_phone_or_the_mail(
    site: Any, ouyang: User, serve: Callable[..., ServiceRecord], client: Client
) -> None:
    serve(ouyang, days_ago=9, release=True)
    make_redemption(make_reward(grid=site.town.root), member=ouyang)
    activity = make_activity(grid=site.town.grid)
    make_registration(activity.shifts.get().positions.get(), volunteer=ouyang)
    full = make_activity(grid=site.town.grid, starts_at=NOW + dt.timedelta(days=20)).shifts.get()
    seat = full.positions.get()
    make_registration(seat, volunteer=make_user())
    type(seat).objects.filter(pk=seat.pk).update(capacity=1)
    activities.join_waitlist(seat, volunteer=ouyang, by=ouyang)
    say_more(ouyang, site)
    ImportRun.objects.create(
        activity=activity,
        uploaded_by=site.organiser,
        rows=[{"name": NAME, "phone": PHONE, "level": "ok"}, {"name": "李强", "level": "ok"}],
    )
    child = make_user(name="王小乐")
    services.tell_birth_year(child, year=2016, by=None)
    guardians.agree(child, name=NAME, phone=PHONE, relation="grandparent", by=ouyang, guardian=ouyang)
    client.post("/accounts/login/", {"login": PHONE, "password": PASSWORD})
    client.post("/me/data/", {"form": "json", "password": PASSWORD})
    before = places_of(NAME, PHONE, MAIL, "ouyangxiuzhi")
    assert {"people.User.name", "people.User.phone", "account.EmailAddress.email"} <= before
    assert {"people.GuardianConsent.guardian_name", "activities.ImportRun.rows"} <= before
    assert "wagtailcore.ModelLogEntry.label" in before
    assert {"records.Certificate.snapshot", "records.Objection.text", "rewards.Wish.text"} <= before

    assert close(ouyang).state == State.DONE
    assert places_of(NAME, PHONE, MAIL, "ouyangxiuzhi") == set()
    assert len(ImportRun.objects.get().rows) == 1
    assert not WaitlistEntry.objects.filter(volunteer=ouyang, ended_at__isnull=True).exists()
    assert not CalendarAddress.objects.filter(user=ouyang).exists()
    assert not Wish.objects.filter(member=ouyang).exists()
    assert not TeamMember.objects.filter(user=ouyang, state__in=TeamMember.OPEN).exists()
    assert guardians.consent_of(child) is None
    assert Notice.objects.filter(user=child, kind="guardian_revoked").exists()
    consents = Consent.objects.filter(user=ouyang)
    assert consents.exists()
    assert not consents.filter(withdrawn_at__isnull=True).exists()
    assert not GuardianConsent.objects.exclude(guardian_phone="").exists()
    number = ouyang.number
    ouyang = User.objects.get(pk=ouyang.pk)
    assert (ouyang.number, ouyang.username, ouyang.is_active) == (number, f"closed-{number}", False)
    assert not hasattr(ouyang, "profile")
    assert verify().ok


def test_control_the_walk_finds_what_one_forgotten_step_leaves(
    ouyang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "forget_in_office", lambda _user: None)
    close(ouyang)
    assert places_of(NAME) == {"wagtailcore.ModelLogEntry.label", "wagtailcore.ModelLogEntry.data"}


def test_nobody_signs_in_any_more(ouyang: User) -> None:
    inside = Client()
    assert inside.post("/accounts/login/", {"login": PHONE, "password": PASSWORD}).status_code == 302
    assert inside.get("/me/").status_code == 200
    close(ouyang)
    assert inside.get("/me/").status_code == 302
    assert not Session.objects.exists()
    for login in (PHONE, MAIL, "ouyangxiuzhi", f"closed-{ouyang.number}"):
        outside = Client()
        outside.post("/accounts/login/", {"login": login, "password": PASSWORD})
        assert outside.get("/me/").status_code == 302
    assert services.find_person(ouyang.number) is None


def test_the_phone_number_is_free_for_somebody_else(ouyang: User) -> None:
    close(ouyang)
    assert services.register(username="new", phone=PHONE, email=MAIL).phone == PHONE


# --- At the same moment ---------------------------------------------------------------------------------
@pytest.mark.postgres
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rounds", [closing.ROUNDS, 1])
def test_closing_and_redeeming_at_the_same_moment(
    site: Any, ouyang: User, monkeypatch: pytest.MonkeyPatch, rounds: int
) -> None:
    """A redemption commits just after the vouchers were ended: it is found, ended, and its beans donated.

    The control looks once only: the account stays open for the next run, and nothing is lost either.
    """
    reward = make_reward(grid=site.town.root, beans=30)
    request = closing.ask_to_close(ouyang, beans=Beans.DONATE, by=ouyang)
    member = User.objects.get(pk=ouyang.pk)
    monkeypatch.setattr(closing, "ROUNDS", rounds)
    original = closing.cancel_for_closing
    done: list[Any] = []

    def late(user: User) -> int:
        ended = original(user)
        if not done:
            thread = threading.Thread(target=redeem_late)
            thread.start()
            thread.join(20)
        return ended

    def redeem_late() -> None:
        try:
            with clock.at(DUE):
                done.append(rewards.redeem(reward, member=member, by=member, key="late-redemption-1"))
        except Refusal as refusal:
            done.append(refusal.code)
        finally:
            connection.close()

    monkeypatch.setattr(closing, "cancel_for_closing", late)
    with clock.at(DUE):
        closed = tasks.close_due()
    assert isinstance(done[0], Redemption)
    request.refresh_from_db()
    if rounds == 1:
        assert (closed, request.state) == (0, State.CLOSING)
        with clock.at(DUE):
            tasks.close_due()
    assert not Redemption.objects.issued().exists()
    assert int(member_balances(ouyang).total.amount) == 0
    assert community(site) == 100
    assert verify().ok


@pytest.mark.postgres
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_redemption_after_the_beans_have_gone_finds_none(site: Any, ouyang: User) -> None:
    """It was let in before the door was shut, and waits for the beans while they are moved."""
    reward = make_reward(grid=site.town.root, beans=30)
    request = closing.ask_to_close(ouyang, beans=Beans.DONATE, by=ouyang)
    member = User.objects.get(pk=ouyang.pk)
    outcome: list[str] = []

    def redeem() -> None:
        try:
            with clock.at(DUE):
                rewards.redeem(reward, member=member, by=member, key="late-redemption-2")
                outcome.append("redeemed")
        except Refusal as refusal:
            outcome.append(str(refusal.code))
        finally:
            connection.close()

    with clock.at(DUE):
        people.shut_the_door(request.pk)
        thread = threading.Thread(target=redeem)
        with transaction.atomic():
            assert closing.clear_beans(request) == 100
            thread.start()
            thread.join(1)
            assert thread.is_alive()  # it waits for our lock
        thread.join(20)
        assert outcome == ["too_few_beans"]
        assert tasks.close_due() == 1
    assert verify().ok
