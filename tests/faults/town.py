"""Books with work for a background task: `python -m tests.faults.town WHAT COUNT`, a process of its own."""

from __future__ import annotations

import datetime as dt
import os
import sys


def unsealed(count: int) -> None:
    """Transactions that wait for their seal."""
    from django.db import transaction
    from djmoney.money import Money

    from points.ledger.accounts import pool_account, system_account
    from points.ledger.services import Entry, Move, post_many

    move = Move(system_account("treasury"), pool_account("faults", 2026), Money(1, "BEAN"))
    with transaction.atomic():
        post_many("allotment", [Entry(f"u:{n}", move) for n in range(count)], by=None)


def overdue(count: int) -> None:
    """Members with beans whose day has passed, last month."""
    from django.db import transaction
    from djmoney.money import Money

    from points import clock
    from points.ledger.accounts import member_account, system_account
    from points.ledger.services import Move, post
    from points.people.models import User

    with clock.at(dt.datetime(2026, 1, 10, tzinfo=dt.UTC)):
        source = system_account("forfeit")
        for number in range(count):
            person = User.objects.create_user(f"o{number}", number=f"o{number}")
            move = Move(
                source,
                member_account(person, "available"),
                Money(5, "BEAN"),
                None,
                dt.date(2026, 2, 1),
            )
            with transaction.atomic():
                post("gift", key=f"o:{number}", moves=[move], by=None)


def in_notice(count: int) -> None:
    """Records of service whose public notice is long over; their beans are pending."""
    from points import clock
    from tests.factories import local, make_volunteer
    from tests.records.conftest import allot, build_morning

    with clock.at(local("2026-01-10 13:00")):
        morning = build_morning()
        allot(morning.town.community, 1_000_000)
        for _record in range(count):
            morning.record(
                volunteer=make_volunteer(),
                planned_start=local("2026-01-10 09:00"),
                planned_end=local("2026-01-10 11:00"),
                checked_in_at=local("2026-01-10 08:55"),
                checked_out_at=local("2026-01-10 11:10"),
            )


def main() -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    {"unsealed": unsealed, "overdue": overdue, "in_notice": in_notice}[sys.argv[1]](int(sys.argv[2]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
