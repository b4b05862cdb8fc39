"""The ground under the tests: guards hold in them, and transactional tests leave nothing behind."""

import threading

import pytest
from django.conf import settings
from django.db import connection

from points.people.models import User


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_transactional_test_leaves_nothing(turn: int) -> None:
    assert not User.objects.filter(username="left-behind").exists()
    User.objects.create(username="left-behind")


@pytest.mark.django_db(transaction=True)
def test_threads_share_the_database() -> None:
    def write(number: int) -> None:
        User.objects.create(username=f"thread-{number}")
        connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(username__startswith="thread-").count() == 8


@pytest.mark.django_db
def test_sqlite_keeps_its_promises() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite only")
    assert settings.DATABASES["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    with connection.cursor() as cursor:
        for pragma, value in (("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 20000)):
            assert cursor.execute(f"PRAGMA {pragma}").fetchone()[0] == value


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgresql_is_the_real_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        assert "PostgreSQL" in cursor.fetchone()[0]
