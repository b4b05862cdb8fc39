"""What happens in the back office, on a phone: an announcement is published, the books are read."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.main_job import TITLE
from tests.journeys.person import Person

ANNOUNCEMENT = "周一上午，一起扫院子"
INTRO = "春风第一网格，上午九点到十一点，差三个人。"
SENTENCE = "社区准备扫帚和手套，扫完一起喝杯热茶。"


def announce(organiser: Person, *, picture: bytes, alt_text: str) -> None:
    """A page with a picture, a text and the live card of the activity, written and published."""
    page = organiser.page
    organiser.go("/me/")
    organiser.follow(organiser.words("Back office"))
    organiser.go("/admin/pages/")
    page.locator("a[href$='/add_subpage/']").first.click()
    page.wait_for_load_state("networkidle")
    page.fill("[name=title]", ANNOUNCEMENT)
    organiser.choose("grid", "春风第一网格")
    page.fill("[name=intro]", INTRO)
    upload_cover(organiser, picture, alt_text)
    page.locator("button.c-sf-add-button").first.click()
    page.locator(".w-combobox__option").nth(1).click()
    page.locator("[contenteditable=true]").first.click()
    page.keyboard.type(SENTENCE)
    expect(page.locator("[name=body-0-value]")).to_have_value(
        re.compile(SENTENCE)
    )  # the editor takes a moment
    page.select_option("[name=activity]", label=TITLE)
    organiser.look("announcement-form")
    page.locator("footer .w-dropdown__toggle").first.click()
    page.locator("[name=action-publish]").click()
    page.wait_for_url("**/admin/pages/*/")
    organiser.look("announcement-published")


def upload_cover(organiser: Person, picture: bytes, alt_text: str) -> None:
    page = organiser.page
    page.locator("[data-chooser-action-choose]:visible").first.click()
    window = page.locator(".modal-content")
    window.get_by_role("tab").nth(1).click()
    field = "image-chooser-upload-"
    window.locator(f"[name={field}file]").set_input_files(
        {"name": "sweeping.jpg", "mimeType": "image/jpeg", "buffer": picture}  # type: ignore[arg-type]
    )
    window.locator(f"[name={field}title]").fill("扫院子")
    window.locator(f"[name={field}alt_text]").fill(alt_text)
    organiser.look("picture")
    window.locator("#tab-upload [type=submit]").click()
    window.wait_for(state="hidden")


def read_announcement(visitor: Person, *, alt_text: str) -> None:
    """A visitor finds it from the front door and sees picture, text and the live card."""
    visitor.go("/")
    visitor.follow(ANNOUNCEMENT)
    seats = visitor.count("%(n)s seat left", "%(n)s seats left", 6, n=6)
    visitor.sees(ANNOUNCEMENT, INTRO, SENTENCE, TITLE, seats, visitor.beans(40))
    picture = visitor.page.get_by_role("img", name=alt_text)
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    visitor.look("announcement")


def drill(auditor: Person, *, name: str) -> None:
    """From the trial balance by a total, an account and a posting to the cause with its facts."""
    auditor.go("/me/")
    auditor.follow(auditor.words("Read the books"))
    auditor.sees(auditor.words("Trial balance"))
    auditor.look("trial-balance")
    page, released = auditor.page, auditor.words("Beans released", context="transaction kind")
    page.locator("main a[href*='kind=available']").first.click()
    auditor.look("accounts")
    page.locator("main tbody a[href*='/admin/audit/accounts/']").first.click()
    auditor.look("account")
    page.locator("main th a").filter(has_text=released).last.click()
    auditor.look("transaction")
    auditor.sees(TITLE, name, "09:05", "10:50", "105")


def export(auditor: Person, folder: Path) -> Path:
    """The whole ledger as a file that a stranger's program accepts."""
    auditor.go("/admin/audit/export/")
    auditor.look("export")
    with auditor.page.expect_download() as waiting:
        auditor.page.locator("a[href$='/export/beancount/']").click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    checker = Path(sys.executable).parent / "bean-check"
    checked = subprocess.run([checker, path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return path
