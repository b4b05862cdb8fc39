"""Two checkers at once: one decides, the other is told; the thing is done once.

The second connection starts only while the first is inside its transaction, and the first commits only once
PostgreSQL itself says that the second waits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from points.grids import approvals
from points.grids.approvals import Kind, approve, refuse, request_approval, withdraw
from points.grids.models import ApprovalRequest, Role
from points.grids.policies import Action
from points.refusals import Refusal
from tests.factories import make_grid_tree, make_user

pytestmark = [pytest.mark.postgres, pytest.mark.race, pytest.mark.django_db(transaction=True)]


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("second", ["approve", "refuse", "withdraw"])
def test_a_request_is_decided_once(monkeypatch: pytest.MonkeyPatch, second: str) -> None:
    done: list[str] = []
    monkeypatch.setattr(approvals, "KINDS", {})
    approvals.register(
        Kind(
            code="gift",
            label="Gift",
            sentences={},
            maker_action=Action.ORGANISE,
            checker_action=Action.MANAGE_PEOPLE,
            approve=lambda request, by: done.append("done") or "gift:1",
            needs_evidence=False,
        )
    )
    town = make_grid_tree()
    maker = make_user(role=Role.ORGANISER, grid=town.grid)
    checkers = [make_user(role=Role.COMMUNITY_WORKER, grid=town.community) for _each in range(2)]
    request = request_approval("gift", subject="user:1", grid=town.grid, payload={}, summary="", by=maker)
    acts: dict[str, Callable[[], Any]] = {
        "approve": lambda: approve(request, by=checkers[1]),
        "refuse": lambda: refuse(request, by=checkers[1], reason="no"),
        "withdraw": lambda: withdraw(request, by=maker),
    }
    codes: list[str] = []

    def run() -> None:
        try:
            acts[second]()
        except Refusal as refusal:
            codes.append(refusal.refusal_code)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    waited = False
    with transaction.atomic():
        approve(request, by=checkers[0])
        thread.start()
        deadline = time.monotonic() + 10
        while thread.is_alive() and time.monotonic() < deadline:
            waited = somebody_waits()
            if waited:
                break
            time.sleep(0.02)
    thread.join(20)
    assert waited
    assert (codes, done) == (["already_decided"], ["done"])
    assert ApprovalRequest.objects.get().decided_by == checkers[0]
