"""A real Chromium for the tests that need one: pages of a phone (360 px) and of a desk (1280 px)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = {"phone": (360, 740), "tall": (360, 800), "small": (320, 640), "desk": (1280, 800)}


def chromium() -> str | None:
    """Where Chromium is installed, or None."""
    for name in ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser per worker. Playwright keeps an event loop in this thread, which Django must tolerate."""
    path = chromium()
    if path is None:
        pytest.fail("no Chromium: apt-get install -y chromium", pytrace=False)
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield running
        running.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def new_page(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """`new_page(size="phone", language="zh-CN", javascript=True)`: another person's browser, cookies apart.

    More settings go to Playwright's `new_context` (`color_scheme="dark"` …). Paths are relative to the live
    server. A page that breaks the Content-Security-Policy or throws in JavaScript fails the test.
    """
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_page(
        *, size: str = "phone", language: str = "zh-CN", javascript: bool = True, **more: Any
    ) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            locale=language,
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
            **more,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{page.url}: {message.text}")
                if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text
                else None
            ),
        )
        return page

    # A test of the refusal itself reads and clears them.
    setattr(open_page, "complaints", complaints)  # noqa: B010
    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def phone(new_page: Callable[..., Page]) -> Page:
    """A phone in Chinese."""
    return new_page()
