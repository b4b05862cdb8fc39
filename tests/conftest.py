"""What every test stands on: one migrated template database per run, copied for each worker.

Real migrations always run, because the ledger's guards live in them. Those guards refuse DELETE and
TRUNCATE, so Django's way of cleaning up after a transactional test (flush) cannot work here: the database
is put back from the template instead (`tests/databases.py`). It is quicker, too.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.test.testcases import TransactionTestCase
from django.utils import timezone, translation
from pytest_django.plugin import blocking_manager_key

from points import clock
from tests import databases
from tests.browsers import browser, chromium, new_page, phone  # noqa: F401  (fixtures)

hypothesis.settings.register_profile(
    "jindou",
    deadline=None,
    suppress_health_check=[
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.function_scoped_fixture,
        hypothesis.HealthCheck.data_too_large,
    ],
)
hypothesis.settings.load_profile("jindou")

NO_BROWSER = "browser tests need Chromium: apt-get install -y chromium"


def is_worker(config: pytest.Config) -> bool:
    """True in a pytest-xdist worker, false in the process that was started."""
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    if not is_worker(config):
        os.environ["JINDOU_TEST_RUN"] = uuid.uuid4().hex[:8]
        from tools.messages import compile_stale

        compile_stale()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    has_browser = chromium() is not None
    for item in items:
        if item.get_closest_marker("postgres") and not databases.is_postgresql():
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL"))
        if item.get_closest_marker("browser") and not has_browser:
            if os.environ.get("JINDOU_REQUIRE_BROWSER"):
                item.add_marker(pytest.mark.usefixtures("browser"))  # which fails, and says why
            else:
                item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = [
        report for report in terminalreporter.stats.get("skipped", []) if NO_BROWSER in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} SKIPPED: {NO_BROWSER}", red=True, bold=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    for folder in (settings.MEDIA_ROOT, settings.PRIVATE_ROOT):
        shutil.rmtree(folder, ignore_errors=True)
    if not is_worker(session.config):
        with session.config.stash[blocking_manager_key].unblock():
            databases.drop_run_template()


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    """A database of its own for this worker, copied from the template."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    with django_db_blocker.unblock():
        databases.prepare(worker)
    yield
    with django_db_blocker.unblock():
        databases.remove()


@pytest.fixture(scope="session", autouse=True)
def _put_back_from_template() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _self: databases.restore())
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _clean_slate() -> Iterator[None]:
    """Nothing of one test's cache or language reaches the next."""
    cache.clear()
    with translation.override("zh-hans"):
        yield
    cache.clear()


@pytest.fixture
def clock_at() -> Iterator[Callable[[dt.datetime | str], dt.datetime]]:
    """`clock_at("2026-03-01 09:00")` freezes the product's clock (local time) until the test ends."""
    with ExitStack() as stack:

        def freeze(moment: dt.datetime | str) -> dt.datetime:
            if isinstance(moment, str):
                moment = dt.datetime.fromisoformat(moment)
            if timezone.is_naive(moment):
                moment = timezone.make_aware(moment)
            stack.enter_context(clock.at(moment))
            return moment

        yield freeze
