"""The browser of the tests works, and it notices a page that breaks the Content-Security-Policy."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_sign_in_page_opens_on_a_phone(phone: Any) -> None:
    response = phone.goto("/accounts/login/")
    assert response.status == 200
    assert phone.locator("input[type=password]").count() == 1
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    assert phone.locator("html").get_attribute("lang") == "zh-Hans"


def test_sign_in_page_opens_in_english_without_javascript(new_page: Callable[..., Any]) -> None:
    page = new_page(language="en", javascript=False)
    assert page.goto("/accounts/login/").status == 200
    assert page.locator("html").get_attribute("lang") == "en"


def test_inline_code_is_refused(new_page: Any) -> None:
    phone = new_page()
    phone.goto("/accounts/login/")
    phone.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.broken = 1';"
        " document.body.append(s) }"
    )
    assert phone.evaluate("window.broken") is None
    assert any("Content Security Policy" in complaint for complaint in new_page.complaints)
    new_page.complaints.clear()
