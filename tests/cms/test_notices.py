"""My notices in the site: marked, opened, paged, chosen; and the bell in the frame."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from points.people import mailing, notices
from points.people.models import Notice, NoticeChoice, User
from points.people.notices import NoticeKind, Topic, notify
from tests.factories import make_user

pytestmark = pytest.mark.django_db

KIND = NoticeKind("test_told", Topic.RECORDS, "%(what)s is there", "Look at %(what)s.")


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(notices.KINDS, KIND.code, KIND)


def tell(person: User, number: int = 1, url: str = "/me/wallet/") -> Notice:
    notify([person], KIND, key=str(number), url=url, what=f"第{number}颗")
    return Notice.objects.get(user=person, key=str(number))


def test_the_list_marks_what_is_new_and_opening_leads_on(client: Client, volunteer: User) -> None:
    notice = tell(volunteer)
    client.force_login(volunteer)
    page = client.get("/me/notices/").content.decode()
    assert "第1颗 is there" in page
    assert "is-new" in page
    assert client.get(f"/me/notices/{notice.pk}/")["Location"] == "/me/wallet/"
    page = client.get("/me/notices/").content.decode()
    assert "is-new" not in page
    first = Notice.objects.get().read_at
    client.get(f"/me/notices/{notice.pk}/")
    assert Notice.objects.get().read_at == first


@pytest.mark.parametrize("url", ["", "https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_a_notice_never_leads_away(client: Client, volunteer: User, url: str) -> None:
    notice = tell(volunteer, url=url)
    client.force_login(volunteer)
    assert client.get(f"/me/notices/{notice.pk}/")["Location"] == "/me/notices/"


def test_a_notice_of_somebody_else_is_not_found_and_stays_new(client: Client, volunteer: User) -> None:
    notice = tell(make_user())
    client.force_login(volunteer)
    for pk in (notice.pk, 10**9, 10**30):
        assert client.get(f"/me/notices/{pk}/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_all_are_read_with_one_press(client: Client, volunteer: User) -> None:
    for number in range(3):
        tell(volunteer, number)
    theirs = tell(make_user())
    client.force_login(volunteer)
    assert client.get("/me/notices/read/").status_code == 405
    client.post("/me/notices/read/")
    assert list(Notice.objects.filter(read_at__isnull=True)) == [theirs]


def test_the_list_pages_by_keyset(client: Client, volunteer: User) -> None:
    for number in range(25):
        tell(volunteer, number)
    client.force_login(volunteer)
    first = client.get("/me/notices/")
    second = client.get("/me/notices/", {"before": first.context["older"]})
    keys = [entry["notice"].key for page in (first, second) for entry in page.context["entries"]]
    assert keys == [str(number) for number in range(24, -1, -1)]
    assert second.context["older"] is None
    for strange, status in [("x", 200), ("-1", 200), ("²", 200), ("9" * 30, 404)]:
        assert client.get("/me/notices/", {"before": strange}).status_code == status


def test_the_list_costs_the_same_at_one_and_at_thirty(client: Client, volunteer: User) -> None:
    client.force_login(volunteer)
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            tell(volunteer, number)
        with CaptureQueriesContext(connection) as found:
            assert client.get("/me/notices/").status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_a_kind_that_is_gone_breaks_no_page(client: Client, volunteer: User) -> None:
    tell(volunteer)
    Notice.objects.update(kind="long_gone")
    client.force_login(volunteer)
    page = client.get("/me/notices/")
    assert page.status_code == 200
    assert page.context["entries"] == []
    assert page.context["frame"].unread == 0


@pytest.mark.parametrize("cookies", [{}, {"elder": "1"}, {"django_language": "en"}])
def test_the_bell_says_its_number_in_words(client: Client, volunteer: User, cookies: dict[str, str]) -> None:
    tell(volunteer)
    client.force_login(volunteer)
    for name, value in cookies.items():
        client.cookies[name] = value
    page = client.get("/complaints/").content.decode()
    assert 'href="/me/notices/"' in page
    assert ("1 notice you have not opened" if "django_language" in cookies else "有 1 条消息还没看") in page
    assert client.get("/me/notices/").status_code == 200


def test_a_visitor_has_no_bell(client: Client) -> None:
    assert "/me/notices/" not in client.get("/complaints/").content.decode()


# --- Choices --------------------------------------------------------------------------------------------
def test_choices_are_kept_for_each_topic(client: Client, volunteer: User) -> None:
    client.force_login(volunteer)
    wanted = dict.fromkeys(Topic.values, "daily") | {"records": "at_once", "teams": "site_only"}
    assert client.post("/me/notices/mail/", wanted).status_code == 302
    assert mailing.choices_of(volunteer)[Topic.RECORDS] == NoticeChoice.How.AT_ONCE
    assert mailing.choices_of(volunteer)[Topic.TEAMS] == NoticeChoice.How.SITE_ONLY
    assert mailing.choices_of(make_user())[Topic.TEAMS] == NoticeChoice.How.DAILY
    page = client.post("/me/notices/mail/", wanted | {"records": "by pigeon"})
    assert page.status_code == 200
    assert mailing.choices_of(volunteer)[Topic.RECORDS] == NoticeChoice.How.AT_ONCE


def test_the_link_in_a_mail_ends_the_mail_by_a_press_not_by_a_look(volunteer: User) -> None:
    client = Client(enforce_csrf_checks=True)  # a mail program has no cookie of ours
    url = reverse("me:stop_mail", args=[mailing.stop_token(volunteer, "records")])
    assert client.get(url).status_code == 200
    assert not NoticeChoice.objects.exists()
    assert client.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert mailing.choices_of(volunteer)[Topic.RECORDS] == NoticeChoice.How.SITE_ONLY
    assert mailing.choices_of(volunteer)[Topic.ACTIVITIES] == NoticeChoice.How.DAILY
    client.post(reverse("me:stop_mail", args=[mailing.stop_token(volunteer)]))
    assert set(mailing.choices_of(volunteer).values()) == {NoticeChoice.How.SITE_ONLY}
    client.post(url)


def test_a_link_we_did_not_make_is_not_found(client: Client, volunteer: User) -> None:
    good = mailing.stop_token(volunteer, "records")
    for token in ("x", good[:-1], good.replace(":", "", 1)):
        assert client.post(reverse("me:stop_mail", args=[token])).status_code == 404
    assert not NoticeChoice.objects.exists()


def test_choices_page_says_when_no_address_is_known(client: Client, volunteer: User, settings: Any) -> None:
    client.force_login(volunteer)
    client.cookies["django_language"] = "en"
    assert "We know no mail address" in client.get("/me/notices/mail/").content.decode()
    User.objects.filter(pk=volunteer.pk).update(email="wang@example.org")
    assert "wang@example.org" in client.get("/me/notices/mail/").content.decode()
