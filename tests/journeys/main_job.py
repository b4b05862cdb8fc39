"""The main job of a town, step by step, through its pages (issue 2, step 3).

Each step is one person doing one thing and reading what the page answers. Nothing here touches the database:
what a step needs from an earlier one it reads from a page, as people do.
"""

from __future__ import annotations

import re

from tests.journeys.person import Person

TITLE = "楼院大扫除"
SWEEPING, CARRYING, TEA = "清扫落叶", "搬运杂物", "烧水送茶"
PHONE = "13812345678"
NEW_PASSWORD = "lan-hua-kai-le-88"


# --- The organiser ----------------------------------------------------------------------------------------
def create_activity(organiser: Person, *, picture: bytes | None = None) -> str:
    """An activity with two shifts and three positions, written and published on one page. Its address."""
    organiser.go("/organise/")
    organiser.press(organiser.words("New activity"))
    page = organiser.page
    page.fill("[name=title]", TITLE)
    organiser.choose("grid", "春风第一网格")
    page.select_option("[name=category]", "environment")
    page.fill("[name=summary]", "清扫楼道和花坛，整理自行车")
    page.fill("[name=place]", "春风一号楼前")
    page.fill("[name=bring]", "手套")
    page.fill("[name=contact_phone]", "63870001")
    page.fill("[name=description]", "穿防滑鞋，社区准备工具。")
    if picture:
        upload = {"name": "sweeping.jpg", "mimeType": "image/jpeg", "buffer": picture}
        page.set_input_files("[name=picture]", upload)  # type: ignore[arg-type]
    write_shift(organiser, 0, "2026-11-23", "09:00", "11:00", [(SWEEPING, 2), (CARRYING, 1)])
    write_shift(organiser, 1, "2026-11-28", "09:00", "10:30", [(TEA, 3)])
    organiser.look("new-activity")
    organiser.press(organiser.words("Save and publish"))
    organiser.sees(TITLE, organiser.words("Published. People can sign up now."), SWEEPING, CARRYING, TEA)
    organiser.look("activity-published")
    return page.url


def write_shift(
    organiser: Person, number: int, day: str, begins: str, ends: str, positions: list[tuple[str, int]]
) -> None:
    page = organiser.page
    page.fill(f"[name=shift{number}-day]", day)
    page.fill(f"[name=shift{number}-begins]", begins)
    page.fill(f"[name=shift{number}-ends]", ends)
    for row, (name, seats) in enumerate(positions):
        page.fill(f"[name=shift{number}-position{row}-name]", name)
        page.fill(f"[name=shift{number}-position{row}-capacity]", str(seats))


def open_roster(organiser: Person) -> None:
    organiser.go("/organise/")
    organiser.follow(TITLE)
    organiser.sees(TITLE)


def read_code(organiser: Person) -> str:
    """The six digits on the organiser's screen."""
    open_roster(organiser)
    organiser.press(organiser.words("Show the check-in code"))
    organiser.look("code")
    shown = organiser.page.locator(".code.huge").inner_text()
    digits = "".join(character for character in shown if character.isdigit())
    assert re.fullmatch(r"\d{6}", digits), shown
    return digits


def confirm(organiser: Person, volunteer: str) -> None:
    """The organiser looks at who came, with minutes and beans, and confirms."""
    open_roster(organiser)
    organiser.sees(volunteer, organiser.words("Left", context="roster"))
    organiser.look("roster")
    organiser.press(organiser.words("Confirm"))
    minutes = organiser.count("%(number)s minute", "%(number)s minutes", 105, number=105)
    organiser.sees(volunteer, "09:05–10:50", minutes, f"+{organiser.beans(35)}")
    organiser.look("confirm")
    organiser.press(organiser.words("Confirm"))
    done = organiser.count(
        "%(people)s person confirmed: %(beans)s beans are now in public notice.",
        "%(people)s people confirmed: %(beans)s beans are now in public notice.",
        1,
        people=1,
        beans=35,
    )
    organiser.sees(done)
    organiser.look("confirmed")


# --- The volunteer ----------------------------------------------------------------------------------------
def join(volunteer: Person, *, name: str) -> None:
    """From the front door to an account, with a phone number and the consent, and to a home in the tree."""
    volunteer.go("/")
    volunteer.look("front-door")
    volunteer.press(volunteer.words("Join as a volunteer"))
    page = volunteer.page
    page.fill("[name=name]", name)
    page.fill("[name=phone]", "138 1234 5678")
    page.fill("[name=password1]", NEW_PASSWORD)
    page.fill("[name=password2]", NEW_PASSWORD)
    page.check("[name=consent]")
    volunteer.look("sign-up")
    volunteer.press(volunteer.words("Create my account"))
    volunteer.look("home-new")
    choose_home(volunteer)


def choose_home(volunteer: Person) -> None:
    volunteer.go("/me/")
    volunteer.follow(volunteer.words("My profile"))
    volunteer.choose("home", "春风第一网格")
    volunteer.look("profile")
    volunteer.press(volunteer.words("Save", context="button"))
    volunteer.sees(volunteer.words("Your profile has been saved."))


def find_activity(volunteer: Person) -> None:
    """By grid and by date; the card already says what it brings."""
    volunteer.go("/")
    volunteer.follow(volunteer.words("Activities", context="tab"))
    volunteer.choose("grid", "春风第一网格")
    page = volunteer.page
    page.locator("details.more summary").first.click()
    page.fill("[name=from_day]", "2026-11-23")
    volunteer.press(volunteer.words("Find"))
    volunteer.sees(TITLE, f"+{volunteer.beans(40)}")
    volunteer.look("found")
    volunteer.follow(TITLE)


def sign_up(volunteer: Person) -> None:
    """Beans and hours are read before; then the seat is taken."""
    hours = volunteer.words("hours of service")
    notice = volunteer.count(
        "after %(days)s day of public notice", "after %(days)s days of public notice", 3, days=3
    )
    volunteer.sees(TITLE, hours, volunteer.beans(40), notice)
    volunteer.look("activity")
    row = volunteer.main.locator(".card .row").filter(has_text=SWEEPING)
    row.get_by_role("button").click()
    volunteer.page.wait_for_load_state()
    volunteer.sees(volunteer.words("You are signed up as “%(position)s”. Thank you!", position=SWEEPING))
    volunteer.look("signed-up")


def check_in(volunteer: Person, code: str) -> None:
    volunteer.go("/")
    volunteer.look("home-before-check-in")
    volunteer.press(volunteer.words("I am here: check in"))
    type_code(volunteer, f"{code[:3]} {code[3:]}")
    volunteer.sees(volunteer.words("You have checked in. Welcome!"))
    volunteer.look("checked-in")


def check_out(volunteer: Person, code: str) -> None:
    volunteer.go("/")
    volunteer.press(volunteer.words("I am leaving: check out"))
    type_code(volunteer, code)
    volunteer.sees(volunteer.words("You have checked out. Thank you!"))
    volunteer.look("checked-out")


def type_code(volunteer: Person, code: str) -> None:
    volunteer.page.fill("[name=code]", code)
    volunteer.page.locator("main form").get_by_role("button").click()
    volunteer.page.wait_for_load_state()
    volunteer.look_around()


def read_pending(volunteer: Person) -> None:
    """The record stands with its actual minutes; the beans are on their way, with their reason."""
    volunteer.go("/me/records/")
    volunteer.sees(TITLE)
    volunteer.look("records")
    volunteer.go("/me/wallet/")
    volunteer.sees(TITLE, volunteer.words("In public notice", context="statement"), "+35")
    volunteer.look("wallet-pending")
    volunteer.follow(TITLE)
    minutes = volunteer.count("%(n)s minute", "%(n)s minutes", 105, n=105)
    volunteer.sees(volunteer.words("Why", context="heading of an explanation"), "105", minutes, "09:05–10:50")
    volunteer.look("line-award")


def read_available(volunteer: Person) -> None:
    volunteer.go("/me/wallet/")
    arrived = volunteer.words("Arrived: %(what)s", what=TITLE)
    volunteer.sees("35", arrived)
    volunteer.look("wallet-available")


def read_every_reason(volunteer: Person, lines: int) -> None:
    """Every line of the statement opens, and says why."""
    volunteer.go("/me/wallet/")
    links = volunteer.main.locator("a.row[href^='/me/wallet/']")
    assert links.count() == lines
    for address in [link.get_attribute("href") for link in links.all()]:
        volunteer.go(address or "")
        why = volunteer.words("Why", context="heading of an explanation")
        voucher = volunteer.words("The voucher")
        assert why in volunteer.text() or voucher in volunteer.text(), volunteer.text()


def redeem_haircut(volunteer: Person) -> str:
    """An appointment on Saturday at three. The code on the voucher."""
    volunteer.go("/rewards/")
    volunteer.look("rewards")
    volunteer.follow("理发一次")
    volunteer.look("haircut")
    volunteer.page.get_by_role("radio").first.check(force=True)
    volunteer.press(volunteer.words("Redeem for %(beans)s", beans=volunteer.beans(20)))
    return read_voucher(volunteer, "voucher-haircut")


def redeem_meal(volunteer: Person) -> str:
    volunteer.go("/rewards/")
    volunteer.follow("社区食堂套餐")
    left = volunteer.words("Afterwards you have %(beans)s left.", beans=volunteer.beans(3))
    volunteer.sees(left)
    volunteer.look("meal")
    volunteer.press(volunteer.words("Redeem for %(beans)s", beans=volunteer.beans(12)))
    return read_voucher(volunteer, "voucher-meal")


def read_voucher(volunteer: Person, what: str) -> str:
    volunteer.sees(volunteer.words("It is yours. Show this voucher when you are there."))
    volunteer.look(what)
    code = volunteer.page.locator(".ticket .code").inner_text()
    assert len(re.sub(r"\W", "", code)) == 12, code
    return code


# --- The desk ---------------------------------------------------------------------------------------------
def hand_over(clerk: Person, code: str, *, reward: str, beans: int) -> None:
    """The clerk types the code as it is read out, looks, hands over, confirms."""
    clerk.go("/desk/")
    clerk.look("desk")
    clerk.page.fill("[name=code]", code.lower())
    clerk.press(clerk.words("Look at the voucher"))
    clerk.sees(clerk.words("Is this right?"), reward)
    clerk.look("scan")
    clerk.press(clerk.words("Confirm: handed over"))
    clerk.sees(clerk.words("Handed over"), reward, clerk.beans(beans))
    clerk.look("handed-over")


def read_statement(clerk: Person, *, reward: str, beans: int) -> None:
    clerk.go("/desk/")
    clerk.press(clerk.words("This month"))
    clerk.sees(reward, clerk.words("still owed"), clerk.beans(beans))
    clerk.look("statement")
