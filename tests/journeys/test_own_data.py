"""What is mine, on a phone: told, chosen, agreed, copied, and closed (J6; parts 6, 8 and 9 of issue 5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cms.closing import close_due
from points.people.account_notices import CONSENT_ENTERED
from points.people.models import Consent, NoticeChoice, User
from points.people.notices import notify
from points.people.services import has_consented
from tests import factories as make
from tests.journeys.conftest import MoveClock, Stage
from tests.journeys.person import NewPerson, Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def wang(stage: Stage) -> User:
    values = {"username": "wangxiuzhi", "name": "王秀芝", "phone": "13800001234"}
    person = make.make_user(password=make.PASSWORD, home=stage.town.grid, **values)
    make.give_beans(person, 60)
    return person


@pytest.fixture(params=[("zh-CN", True), ("en", True), ("zh-CN", False)], ids=["zh", "en", "zh-without-js"])
def phone_of(request: Any, wang: User, person: NewPerson) -> Person:
    language, javascript = request.param
    one = person("volunteer", language=language, javascript=javascript)
    one.sign_in("wangxiuzhi")
    return one


def test_notices_are_read_and_chosen(phone_of: Person, wang: User) -> None:
    notify([wang], CONSENT_ENTERED, key="journey", url="/me/consents/")
    volunteer, words = phone_of, phone_of.words
    volunteer.go("/")
    bell = volunteer.count("%(n)s notice you have not opened", "%(n)s notices you have not opened", 1, n=1)
    volunteer.follow(bell)
    volunteer.sees(words("Somebody entered a consent for you"), words("New", context="notice"))
    volunteer.look("notices")
    volunteer.follow(words("Somebody entered a consent for you"))
    volunteer.sees(words("What I agreed to"))
    volunteer.go("/me/notices/")
    volunteer.sees(words("You have opened them all."))
    volunteer.press(words("Which mail I receive"))
    topic = volunteer.page.locator("fieldset").filter(has_text=words("My teams", context="notice topic"))
    topic.get_by_label(words("Here only, no mail", context="notices by mail")).check()
    volunteer.press(words("Save", context="button"))
    volunteer.sees(words("Your choices have been saved."))
    volunteer.look("choices")
    assert NoticeChoice.objects.get(user=wang, topic="teams").how == "site_only"


def test_a_consent_is_taken_back_after_reading_what_that_means(phone_of: Person, wang: User) -> None:
    volunteer, words = phone_of, phone_of.words
    volunteer.go("/me/")
    volunteer.follow(words("What I agreed to"))
    with_name = volunteer.page.locator("section").filter(has_text=words("show my name in public notices"))
    volunteer.press(words("I agree", context="consent"), within=with_name, exact=False)
    assert has_consented(wang, Consent.Purpose.PUBLIC_NAME)
    volunteer.look("consents")
    first = volunteer.page.locator("section").first
    volunteer.follow(words("Take back", context="consent"), within=first)
    volunteer.sees(words("I want to close my account"))
    volunteer.look("withdraw")
    volunteer.press(words("Take it back, I want no new sign-ups"))
    volunteer.sees(words("Your consent has been taken back."))
    assert not has_consented(wang, Consent.Purpose.RECORDS)


def test_a_copy_of_everything_is_taken_home(phone_of: Person, wang: User, tmp_path: Path) -> None:
    volunteer, words = phone_of, phone_of.words
    volunteer.go("/me/data/")
    for form in ("json", "pdf"):
        volunteer.page.check(f"input[name=form][value={form}]")
        volunteer.fill(words("Your password"), make.PASSWORD)
        with volunteer.page.expect_download() as waiting:
            volunteer.page.get_by_role("button", name=words("Download")).click()
        path = tmp_path / f"copy.{form}"
        waiting.value.save_as(path)
        if form == "json":
            assert json.loads(path.read_text(encoding="utf-8"))["person"][0]["name"] == "王秀芝"
        else:
            assert path.read_bytes().startswith(b"%PDF")
    volunteer.go("/me/data/")
    volunteer.sees(words("Copies taken"), "JSON", "PDF")
    volunteer.look("data")


def test_an_account_is_closed_after_thinking_twice(
    phone_of: Person, wang: User, move_clock: MoveClock
) -> None:
    volunteer, words = phone_of, phone_of.words
    for is_sure in (False, True):
        volunteer.go("/me/closing/")
        volunteer.sees(words("Your beans go where you choose"))
        volunteer.look("closing")
        volunteer.fill(words("Your password"), make.PASSWORD)
        volunteer.press(words("Close my account"), within=volunteer.page.locator("main form"))
        volunteer.sees(words("Until then everything works as before, and you can change your mind."))
        if not is_sure:
            volunteer.press(words("I have changed my mind: keep my account"))
            volunteer.sees(words("Your account stays open. Nothing has been deleted."))
    volunteer.look("asked")
    move_clock("2026-11-26 10:00")
    assert close_due() == 0
    move_clock("2026-11-27 10:01")
    assert close_due() == 1
    volunteer.go("/me/")
    assert "/accounts/login/" in volunteer.page.url
    volunteer.page.fill("input[name=login]", "wangxiuzhi")
    volunteer.page.fill("input[name=password]", make.PASSWORD)
    volunteer.page.locator("main form").get_by_role("button").first.click()
    volunteer.page.wait_for_load_state()
    assert "/accounts/login/" in volunteer.page.url
    assert not User.objects.filter(name="王秀芝").exists()
