"""A pytest plugin that takes one rule away from the kernel: `-p tests.faults.sabotage`, JINDOU_SABOTAGE=rule.

The random histories of `tests/ledger/test_machine.py` must notice each. They are not made smaller here: that
a difference was found is enough.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis

SQL = Path(__file__).parents[2] / "points" / "ledger" / "sql" / "post_postgresql.sql"


def without_floors(portable: Any) -> None:
    portable._check_floors = lambda *_moves: None


def without_lapse(portable: Any) -> None:
    portable.lapse = lambda *_account: 0


def without_halts(portable: Any) -> None:
    portable.is_halted = lambda _kind: False


def latest_first(portable: Any) -> None:
    days = portable.Books.days
    portable.Books.days = lambda books, account: days(books, account)[::-1]


PORTABLE: dict[str, Callable[[Any], None]] = {
    "no floors": without_floors,
    "no lapse before a debit": without_lapse,
    "no halts": without_halts,
    "latest day first": latest_first,
}
IN_SQL = {
    "no floors": (r"'insufficient_balance'", "NULL"),
    "no lapse before a debit": (r"\bp_today\b(?! date)", "date '0001-01-01'"),
    "no halts": (r"\bAND lifted_at IS NULL", "AND false"),
    "latest day first": (r"\bORDER BY (account_id, )?day\b", r"\g<0> DESC"),
}
"""What is replaced in the function, wherever it stands."""


def pytest_configure(config: Any) -> None:
    del config
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile("sabotage", hypothesis.settings.default, phases=phases)
    hypothesis.settings.load_profile("sabotage")
    from django.db import connection

    from points.ledger import portable
    from tests import databases

    rule = os.environ["JINDOU_SABOTAGE"]
    if connection.vendor != "postgresql":
        PORTABLE[rule](portable)
        return
    old, new = IN_SQL[rule]
    sql, count = re.subn(old, new, SQL.read_text(encoding="utf-8"))
    assert count, f"the function has changed: no {old!r} in it"
    sql = sql.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    prepare = databases.prepare

    def sabotaged(worker: str) -> None:
        prepare(worker)
        with connection.cursor() as cursor:
            cursor.execute(sql)

    databases.prepare = sabotaged
