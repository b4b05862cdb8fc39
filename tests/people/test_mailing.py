"""Notices by mail: at once or once a day, lost never, doubled never, ended by one press."""

from __future__ import annotations

import datetime as dt
import smtplib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import OperationalError, connection, transaction
from django.utils import translation

from points import clock
from points.people import mailing, notices, tasks
from points.people.models import Digest, Notice, NoticeChoice, User
from points.people.notices import NoticeKind, Topic, notify
from tests import factories as make

pytestmark = pytest.mark.django_db
How = NoticeChoice.How

URGENT = NoticeKind("test_urgent", Topic.ACTIVITIES, "Off: %(what)s", "It is off: %(what)s.", is_urgent=True)
CALM = NoticeKind("test_calm", Topic.RECORDS, "Arrived: %(what)s", "It has arrived: %(what)s.")
BROKEN = "tests.people.test_mailing.Broken"
NOON = make.local("2026-11-25 12:00")
EVENING = make.local("2026-11-25 18:05")


class Broken(EmailBackend):
    """A mail server of the tests: down, or refusing one address."""

    is_down = True
    refuses = ""
    tried = 0

    def send_messages(self, messages: Any) -> int:
        type(self).tried += 1
        if self.is_down:
            raise ConnectionRefusedError
        if self.refuses in messages[0].to:
            raise smtplib.SMTPRecipientsRefused({self.refuses: (550, b"no such person")})
        return super().send_messages(messages)


@pytest.fixture(autouse=True)
def town(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    monkeypatch.setitem(notices.KINDS, URGENT.code, URGENT)
    monkeypatch.setitem(notices.KINDS, CALM.code, CALM)
    settings.WAGTAILADMIN_BASE_URL = "https://jindou.example"
    with clock.at(NOON):
        yield


@pytest.fixture
def broken(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[Broken]:
    settings.EMAIL_BACKEND = BROKEN
    monkeypatch.setattr(Broken, "is_down", True)
    monkeypatch.setattr(Broken, "refuses", "")
    monkeypatch.setattr(Broken, "tried", 0)
    return Broken


@pytest.fixture
def reader() -> User:
    return make.make_user(name="王秀芝", email="wang@example.org")


def tell(person: User, kind: NoticeKind = URGENT, key: str = "1", what: str = "扫院子") -> Notice:
    notify([person], kind, key=key, url="/activities/", what=what)
    return Notice.objects.get(user=person, kind=kind.code, key=key)


# --- At once --------------------------------------------------------------------------------------------
def test_urgent_news_leave_after_the_commit(reader: User, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as waiting:
        tell(reader)
    assert mail.outbox == []
    for callback in waiting:
        callback()
    assert [message.to for message in mail.outbox] == [["wang@example.org"]]


def test_nothing_is_asked_of_the_queue_for_people_without_an_address(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks() as waiting:
        tell(make.make_user())
    assert waiting == []


def test_a_mail_is_sent_once_however_often_the_sweep_runs(reader: User) -> None:
    notice = tell(reader)
    assert tasks.mail_notices() == 1
    assert tasks.mail_notices() == tasks.mail_notices([reader.pk]) == 0
    notice.refresh_from_db()
    assert notice.mailed_at == NOON
    assert len(mail.outbox) == 1


def test_calm_news_wait_for_the_evening_unless_chosen_otherwise(reader: User) -> None:
    tell(reader, CALM)
    assert mailing.mail_notices() == 0
    mailing.choose(reader, topic=Topic.RECORDS, how=How.AT_ONCE)
    assert mailing.mail_notices() == 1


@pytest.mark.parametrize(("how", "sent"), [(How.AT_ONCE, 1), (How.DAILY, 1), (How.SITE_ONLY, 0)])
def test_urgent_news_come_at_once_unless_no_mail_is_wanted(reader: User, how: str, sent: int) -> None:
    mailing.choose(reader, topic=Topic.ACTIVITIES, how=how)
    tell(reader)
    assert mailing.mail_notices() == sent
    with clock.at(EVENING):
        assert mailing.mail_digest() == 0


def test_what_was_read_or_is_old_is_not_mailed(reader: User) -> None:
    notices.mark_read(reader, [tell(reader).pk])
    tell(reader, key="2")
    with clock.at(NOON + mailing.FRESH):
        assert mailing.mail_notices() == 0


def test_a_closed_account_receives_nothing(reader: User) -> None:
    tell(reader)
    User.objects.filter(pk=reader.pk).update(is_active=False)
    assert mailing.mail_notices() == 0


def test_the_mail_speaks_the_readers_language_and_its_subject_tells_little(reader: User) -> None:
    User.objects.filter(pk=reader.pk).update(preferred_language="en")
    notice = tell(reader, what="送餐给张奶奶")
    with translation.override("zh-hans"):
        mailing.mail_notices()
    message: Any = mail.outbox[0]
    assert message.subject == "Jindou: news about “Activities I joined”"
    assert "Off: 送餐给张奶奶" in message.body
    assert f"https://jindou.example/me/notices/{notice.pk}/" in message.body
    assert "https://jindou.example/me/notices/mail/" in message.body
    html = message.alternatives[0][0]
    assert "Off: 送餐给张奶奶" in html
    assert "style=" not in html
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.extra_headers["List-Unsubscribe"].strip("<>") in message.body
    User.objects.filter(pk=reader.pk).update(preferred_language="")
    tell(reader, key="2")
    mailing.mail_notices()
    assert mail.outbox[1].subject == "金豆：“我报名的活动”有新消息"


# --- A server that fails --------------------------------------------------------------------------------
def test_a_server_that_is_down_loses_nothing_and_doubles_nothing(reader: User, broken: type[Broken]) -> None:
    others = [make.make_user(email=f"p{number}@example.org") for number in range(3)]
    for person in [reader, *others]:
        tell(person)
    assert mailing.mail_notices() == 0
    assert broken.tried == 1  # it does not knock four times at a closed door
    assert Notice.objects.filter(mailed_at__isnull=True, mail_attempts=0).count() == 4
    assert mailing.mail_notices() == 0
    assert broken.tried == 1  # nor again at once
    broken.is_down = False
    with clock.at(NOON + mailing.SERVER_WAIT):
        assert mailing.mail_notices() == 4
        assert mailing.mail_notices() == 0
    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        [person.email for person in [reader, *others]]
    )


def test_a_rejected_address_keeps_nobody_else_waiting_and_is_given_up(
    reader: User, broken: type[Broken]
) -> None:
    broken.is_down, broken.refuses = False, "wang@example.org"
    other = make.make_user(email="li@example.org")
    bad, good = tell(reader), tell(other)
    assert mailing.mail_notices() == 1
    good.refresh_from_db()
    assert good.mailed_at is not None
    moment = NOON
    for wait in mailing.WAITS:
        with clock.at(moment):
            mailing.mail_notices()
        moment += wait + mailing.SERVER_WAIT
    bad.refresh_from_db()
    assert (bad.mailed_at, bad.mail_attempts) == (None, len(mailing.WAITS))
    tried = broken.tried
    with clock.at(NOON + dt.timedelta(days=2)):
        mailing.mail_notices()
    assert broken.tried == tried


def test_a_sender_who_died_is_followed_after_the_lease_under_the_same_message_id(
    reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(reader)
    monkeypatch.setattr(mailing, "_settle", lambda *_unused: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):  # killed between the server's yes and our mark
        mailing.mail_notices()
    monkeypatch.undo()
    notices.KINDS[URGENT.code] = URGENT
    try:
        assert mailing.mail_notices() == 0
        with clock.at(NOON + mailing.LEASE):
            assert mailing.mail_notices() == 1
    finally:
        del notices.KINDS[URGENT.code]
    ids = {message.extra_headers["Message-ID"] for message in mail.outbox}
    assert (len(mail.outbox), len(ids)) == (2, 1)


def test_control_without_the_claim_two_senders_double(reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the first sender talks to the server, a second one sweeps."""
    tell(reader)
    talking: list[int] = []
    send = mailing._Server.send

    def slow(self: Any, letter: Any) -> str:
        if not talking:
            talking.append(1)
            mailing.mail_notices()
        return send(self, letter)

    monkeypatch.setattr(mailing._Server, "send", slow)
    mailing.mail_notices()
    assert len(mail.outbox) == 1
    mail.outbox.clear()
    talking.clear()
    tell(reader, key="2")
    monkeypatch.setattr(mailing, "LEASE", dt.timedelta(0))
    mailing.mail_notices()
    assert len(mail.outbox) == 2


# --- Once a day -----------------------------------------------------------------------------------------
def test_the_day_is_one_mail(reader: User) -> None:
    for number in range(3):
        tell(reader, CALM, key=str(number), what=f"第{number}件")
    assert tasks.mail_digest() == 0  # noon: yesterday's mail holds nothing of today
    with clock.at(EVENING):
        assert tasks.mail_digest() == 1
        tell(reader, CALM, key="late", what="迟到的")
        assert tasks.mail_digest() == 0
    assert len(mail.outbox) == 1
    assert all(f"第{number}件" in mail.outbox[0].body for number in range(3))
    assert mail.outbox[0].subject == "金豆：您今天的消息"
    with clock.at(EVENING + dt.timedelta(days=1)):
        assert tasks.mail_digest() == 1
    assert "迟到的" in mail.outbox[1].body
    assert "第1件" not in mail.outbox[1].body


def test_the_mail_of_yesterday_evening_goes_out_this_morning(reader: User) -> None:
    """Where nobody runs `run_due` in the evening."""
    tell(reader, CALM)
    with clock.at(make.local("2026-11-26 08:00")):
        assert mailing.mail_digest() == 1


def test_a_digest_survives_a_server_that_is_down(reader: User, broken: type[Broken]) -> None:
    tell(reader, CALM)
    with clock.at(EVENING):
        assert mailing.mail_digest() == 0
    broken.is_down = False
    with clock.at(EVENING + mailing.SERVER_WAIT):
        assert mailing.mail_digest() == 1
        assert mailing.mail_digest() == 0
    assert len(mail.outbox) == 1
    assert Digest.objects.get().sent_at is not None


def test_a_long_day_shows_thirty_and_says_that_there_is_more(reader: User) -> None:
    for number in range(35):
        tell(reader, CALM, key=str(number))
    with clock.at(EVENING):
        assert mailing.mail_digest() == 1
        assert mailing.mail_digest() == 0
    assert mail.outbox[0].body.count("/me/notices/") == mailing.MOST_IN_A_DIGEST + 3
    assert not Notice.objects.filter(mailed_at__isnull=True).exists()


def test_two_digests_at_the_same_moment_are_one(reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(reader, CALM)
    talking: list[int] = []
    send = mailing._Server.send

    def slow(self: Any, letter: Any) -> str:
        if not talking:
            talking.append(1)
            mailing.mail_digest()
        return send(self, letter)

    monkeypatch.setattr(mailing._Server, "send", slow)
    with clock.at(EVENING):
        mailing.mail_digest()
    assert len(mail.outbox) == 1


@pytest.mark.postgres
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("skips", [True, False])
def test_two_workers_never_wait_for_each_other(
    reader: User, monkeypatch: pytest.MonkeyPatch, skips: bool
) -> None:
    """One is claiming; the other passes over its rows. The control waits for the lock (and is cut off)."""
    notify([User(pk=reader.pk)], URGENT, key="1", what="扫院子")  # as one without an address: not mailed yet
    if not skips:
        monkeypatch.setattr(
            mailing, "_locked", lambda rows: rows.select_for_update(of=("self",), no_key=True)
        )
    found: list[object] = []

    def second() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '500ms'")
            with clock.at(NOON):
                found.append(mailing.mail_notices())
        except OperationalError as error:
            found.append(type(error))
        finally:
            connection.close()

    with transaction.atomic():
        assert len(mailing._claim(None)) == 1
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(20)
    assert found == [0 if skips else OperationalError]
