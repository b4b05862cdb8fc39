"""Somebody with a browser: finds things by the words on the page, in their own language, and reads them.

The words are looked up in the product's own catalogue, so one story is told in Chinese and in English. While
a person walks about, four things are watched on every page: it answers below 400, it loads nothing from
elsewhere, it never scrolls sideways, and (in Chinese) no English sentence is left on it.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from django.utils import translation
from django.utils.translation import gettext, ngettext, npgettext, pgettext
from playwright.sync_api import Error

from tests.factories import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Request, Response

T = TypeVar("T")
LANGUAGES = {"zh-CN": "zh-hans", "en": "en"}
ENGLISH = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z’']{2,}){2,}")
"""Three English words in a row: a sentence nobody has translated."""
WIDTHS = "[document.documentElement.scrollWidth, window.innerWidth]"
PATIENCE = 8.0
"""Seconds until what is not there is missed."""
SCREENS = os.environ.get("JOURNEY_SCREENS", "")
"""A folder for pictures of every step, for people who want to look (not set: none are taken)."""


class Person:
    """One person in one browser context."""

    def __init__(self, page: Page, *, name: str, language: str = "zh-CN", home: str = "") -> None:
        self.page = page
        self.name = name
        self.language = LANGUAGES[language]
        self.home = urlsplit(home).netloc
        self.complaints: list[str] = []
        self.pictures = 0
        page.on("response", self._answered)
        page.on("request", self._asked)
        page.on("dialog", lambda dialog: dialog.accept())

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request() and response.status >= 400:
            self.complaints.append(f"{response.url} answered {response.status}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.netloc != self.home:
            self.complaints.append(f"{self.page.url} asked {request.url}")

    # --- Words ----------------------------------------------------------------------------------------
    def words(self, msgid: str, *, context: str = "", **values: Any) -> str:
        """The sentence in this person's language."""
        with translation.override(self.language):
            text = pgettext(context, msgid) if context else gettext(msgid)
        return text % values if values else text

    def count(self, one: str, many: str, number: int, /, *, context: str = "", **values: Any) -> str:
        """The sentence about `number` things in this person's language."""
        with translation.override(self.language):
            text = npgettext(context, one, many, number) if context else ngettext(one, many, number)
        return text % values if values else text

    def beans(self, number: int) -> str:
        """`35 金豆`, `35 beans`, as pages write it."""
        from points.ledger.templatetags.beans import beans

        with translation.override(self.language):
            return str(beans(number))

    # --- Doing ----------------------------------------------------------------------------------------
    def go(self, path: str) -> None:
        self.page.goto(path)
        self.look_around()

    def press(self, text: str, *, within: Locator | None = None, exact: bool = True) -> None:
        """Press the button or follow the link that carries these words, and wait for where it leads."""
        place: Any = within or self.page
        button = place.get_by_role("button", name=text, exact=exact)
        target = button.or_(place.get_by_role("link", name=text, exact=exact))
        by_script = target.first.locator("xpath=ancestor::form[@data-confirmation]").count() > 0
        target.first.click()
        if by_script:  # a script sends this form; it goes away with the server's answer
            self.page.locator("form[data-confirmation]").wait_for(state="detached")
        self.page.wait_for_load_state()
        self.look_around()

    def follow(self, text: str, *, within: Locator | None = None) -> None:
        """Follow the first link that contains these words."""
        place: Any = within or self.page
        place.get_by_role("link", name=text).first.click()
        self.page.wait_for_load_state()
        self.look_around()

    def fill(self, label: str, value: str, *, within: Locator | None = None, exact: bool = False) -> None:
        place: Any = within or self.page
        place.get_by_label(label, exact=exact).first.fill(value)

    def choose(self, name: str, option: str) -> None:
        """Choose in the list called `name` by the words of the option, however far it is moved in."""
        box = self.page.locator(f"select[name={name}]")
        found = box.locator("option").filter(has_text=re.compile(rf"^\s*{re.escape(option)}\s*$")).first
        box.select_option(value=found.get_attribute("value"))

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        self.go("/accounts/login/")
        self.page.fill("input[name=login]", username)
        self.page.fill("input[name=password]", password)
        self.page.locator("main form").get_by_role("button").first.click()
        self.page.wait_for_url(re.compile(r"^(?!.*/accounts/login/)"))
        self.look_around()

    # --- Reading --------------------------------------------------------------------------------------
    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def text(self) -> str:
        """What a reader sees in the middle of the page, with single spaces."""
        return self._settled(lambda: " ".join(self.main.inner_text().split()))

    def _settled(self, read: Callable[[], T]) -> T:
        """What `read` says, once the page is not just going on to the next one (sent by a script)."""
        for _turn in range(5):
            try:
                return read()
            except Error:
                self.page.wait_for_load_state()
        return read()

    def own_words(self) -> str:
        """The same without codes: “SS PERB HT” in a voucher's code is no English (`translate="no"`)."""
        text = self.text()
        for code in self.main.locator("[translate=no]").all_inner_texts():
            text = text.replace(" ".join(code.split()), "·")
        return text

    def sees(self, *texts: str) -> None:
        """All of this stands on the page, or does within a few seconds (a form that a script sends)."""
        for text in texts:
            wanted = " ".join(text.split())
            until = time.monotonic() + PATIENCE
            while wanted not in (seen := self.text()) and time.monotonic() < until:
                self.page.wait_for_timeout(100)
            assert wanted in seen, f"{self.name} does not see “{wanted}” on {self.page.url}:\n{seen}"

    def does_not_see(self, *texts: str) -> None:
        for text in texts:
            assert text not in self.text(), f"{self.name} sees “{text}” on {self.page.url}"

    def look_around(self) -> None:
        """What must hold on every page of the site (the back office is Wagtail's)."""
        if "/admin/" in self.page.url:
            return
        width, room = self._settled(lambda: self.page.evaluate(WIDTHS))
        if width > room:
            self.complaints.append(f"{self.page.url} is {width} px wide on a screen of {room} px")
        if self.language == "zh-hans":
            for left in ENGLISH.findall(self._settled(self.own_words)):
                self.complaints.append(f"{self.page.url} still says “{left}”")

    def look(self, what: str) -> None:
        """Take a picture, if somebody wants to look."""
        if SCREENS:
            self.pictures += 1
            folder = Path(SCREENS)
            folder.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=folder / f"{self.name}-{self.pictures:02d}-{what}.png", full_page=True)

    def is_content(self) -> None:
        """Nothing was wrong on any page so far."""
        assert not self.complaints, "\n".join(sorted(set(self.complaints)))


NewPerson = Callable[..., Person]
