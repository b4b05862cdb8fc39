"""The kernel against a model: random histories, the same results and the same refusals on both engines.

The model knows balances by day, debts, keys, reversals and halts, and nothing of SQL. After each step every
stored balance must equal the model's; at the end the verifier must be content. `JINDOU_RUNS` and
`JINDOU_STEPS` set the size (`make test-long`: 200 runs of 50 steps); the share of accepted steps is checked,
so that a machine that is only ever refused cannot pass for a test.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from points import clock
from points.ledger import accounts, sealing
from points.ledger.corrections import release, take_back
from points.ledger.models import NEVER, Account, Balance, Halt, Posting, Transaction
from points.ledger.services import Entry, Move, halt, lapse_due, lift, post, post_many, reverse
from points.ledger.verify import verify
from points.people.models import User
from points.refusals import Refusal
from tests.ledger.conftest import beans

RUNS = int(os.environ.get("JINDOU_RUNS", "25"))
STEPS = int(os.environ.get("JINDOU_STEPS", "30"))
START = dt.date(2026, 3, 1)
Slot = tuple[str, dt.date]
COUNTED: Counter[str] = Counter()


class Refused(Exception):
    """What the model refuses, by code."""


@dataclass(frozen=True)
class Step:
    """One move of the model: account codes instead of rows."""

    source: str
    destination: str
    amount: int
    source_day: dt.date | None = None
    destination_day: dt.date | None = None


@dataclass
class Model:
    """The books as a dictionary."""

    today: dt.date = START
    amounts: Counter[Slot] = field(default_factory=Counter)
    keys: dict[str, tuple[Any, int]] = field(default_factory=dict)
    reversed: set[int] = field(default_factory=set)
    halted: set[str] = field(default_factory=set)

    def tracks(self, code: str) -> bool:
        return code.endswith((":pending", ":available", ":hold"))

    def stored(self, code: str) -> bool:
        return not code.startswith("system:")

    def days(self, amounts: Counter[Slot], code: str) -> list[dt.date]:
        return sorted(day for (one, day), amount in amounts.items() if one == code and amount > 0)

    def lapse(self, amounts: Counter[Slot], code: str) -> int:
        if not code.endswith(":available"):
            return 0
        due = [day for day in self.days(amounts, code) if day < self.today]
        for day in due:
            amounts[code, day] = 0
        return len(due)

    def plan(self, steps: Sequence[Step], *, mirror: bool = False) -> Counter[Slot]:
        """The balances after some moves, or Refused."""
        after = self.amounts.copy()
        for code in dict.fromkeys(step.source for step in steps):
            self.lapse(after, code)
        changed: list[Slot] = []
        for step in steps:
            for day, part in self.draw(after, step):
                arriving = NEVER
                if self.tracks(step.destination):
                    arriving = step.destination_day or day or NEVER
                    if step.destination.endswith(":available") and arriving < self.today and not mirror:
                        raise Refused("day_passed")
                after[step.source, day or NEVER] -= part
                after[step.destination, arriving] += part
                changed += [(step.source, day or NEVER), (step.destination, arriving)]
        if any(
            self.stored(code) and not code.endswith(":debt") and after[code, d] < 0 for code, d in changed
        ):
            raise Refused("insufficient_balance")
        if any(code.endswith(":debt") and after[code, d] > 0 for code, d in changed):
            raise Refused("above_ceiling")
        return after

    def draw(self, amounts: Counter[Slot], step: Step) -> list[tuple[dt.date | None, int]]:
        if not self.tracks(step.source):
            return [(None, step.amount)]
        if step.source_day is not None:
            return [(step.source_day, step.amount)]
        missing, parts = step.amount, []
        for day in self.days(amounts, step.source):
            part = min(missing, amounts[step.source, day])
            parts.append((day, part))
            missing -= part
            if not missing:
                return parts
        raise Refused("insufficient_balance")


class Books(RuleBasedStateMachine):
    """Rules act on the kernel and on the model, and compare."""

    @initialize()
    def open(self) -> None:
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.model = Model()
        self.number = 0
        self.done: list[tuple[int, list[Step]]] = []
        self.people = [User.objects.create_user(f"m{n}", number=f"m{n}") for n in range(2)]
        found = [accounts.system_account("treasury"), accounts.pool_account("p", 2026)]
        found += [
            accounts.member_account(person, kind)
            for person in self.people
            for kind in ("pending", "available", "hold", "debt")
        ]
        found.append(accounts.provider_account("barber", "payable"))
        self.accounts: dict[str, Account] = {account.code: account for account in found}
        self.allot(400)
        for member in ("m0", "m1"):
            self.award(member, 40)
            self.give(member, 60, START + dt.timedelta(days=20))
            self.give(member, 60, NEVER)

    def teardown(self) -> None:
        if not hasattr(self, "outer"):
            return
        try:
            sealing.seal_pending()
            assert [str(finding) for finding in verify().findings] == []
            empty = Transaction.objects.exclude(pk__in=Posting.objects.values("transaction_id"))
            assert not empty.exists()
        finally:
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    # --- helpers ------------------------------------------------------------------------------------------
    def move(self, step: Step) -> Move:
        source, destination = self.accounts[step.source], self.accounts[step.destination]
        return Move(source, destination, beans(step.amount), step.source_day, step.destination_day)

    def moment(self) -> dt.datetime:
        return timezone.make_aware(dt.datetime.combine(self.model.today, dt.time(9)))

    def compare(self, name: str, act: Callable[[], Any], expect: Callable[[], Any]) -> Any:
        """Do it on both sides: the same refusal, or both accept and the caller's result comes back."""
        try:
            expected, code = expect(), None
        except Refused as refusal:
            expected, code = None, str(refusal)
        with clock.at(self.moment()):
            try:
                result, said = act(), None
            except Refusal as refusal:
                result, said = None, refusal.code
        assert said == code, f"{name}: the kernel says {said or 'yes'}, the model {code or 'yes'}"
        COUNTED["accepted" if code is None else f"refused {code}"] += 1
        if code is None and isinstance(expected, Counter):
            self.model.amounts = expected
        return result

    def post(self, kind: str, steps: list[Step], key: str = "") -> None:
        if not key:
            self.number += 1
            key = f"k{self.number}"
        body = (kind, steps)

        def expect() -> Counter[Slot]:
            if key in self.model.keys:
                if self.model.keys[key][0] != body:
                    raise Refused("idempotency_conflict")
                return self.model.amounts
            if kind in self.model.halted:
                raise Refused("kind_halted")
            return self.model.plan(steps)

        def act() -> Transaction:
            return post(kind, key=key, moves=[self.move(step) for step in steps], by=None)

        written = self.compare(kind, act, expect)
        if written is not None:
            known = self.model.keys.setdefault(key, (body, written.pk))
            assert known[1] == written.pk, "the same key must answer with the first transaction"
            self.done.append((written.pk, steps))

    # --- rules --------------------------------------------------------------------------------------------
    member = st.sampled_from(["m0", "m1"])
    amount = st.integers(1, 40)
    some_day = st.one_of(
        st.just(NEVER), st.integers(-5, 60).map(lambda days: START + dt.timedelta(days=days))
    )

    @rule(amount=st.integers(1, 300))
    def allot(self, amount: int) -> None:
        self.post("allotment", [Step("system:treasury:bean", "pool:p:2026", amount)])

    @rule(member=member, amount=amount)
    def award(self, member: str, amount: int) -> None:
        self.post("award", [Step("pool:p:2026", f"member:{member}:pending", amount)])

    @rule(member=member, amount=amount, day=some_day)
    def give(self, member: str, amount: int, day: dt.date) -> None:
        self.post("gift", [Step("pool:p:2026", f"member:{member}:available", amount, None, day)])

    @rule(member=member, amount=amount, day=st.one_of(st.none(), some_day))
    def hold(self, member: str, amount: int, day: dt.date | None) -> None:
        self.post("hold", [Step(f"member:{member}:available", f"member:{member}:hold", amount, day)])

    @rule(member=member, amount=amount, day=st.one_of(st.none(), some_day))
    def give_back(self, member: str, amount: int, day: dt.date | None) -> None:
        self.post("return", [Step(f"member:{member}:hold", f"member:{member}:available", amount, None, day)])

    @rule(member=member, amount=amount)
    def fulfil(self, member: str, amount: int) -> None:
        self.post("fulfil", [Step(f"member:{member}:hold", "provider:barber:payable", amount)])

    @rule(member=member, amounts=st.lists(amount, min_size=2, max_size=4))
    def several_moves(self, member: str, amounts: list[int]) -> None:
        """One transaction through several accounts, what arrives being spent on at once."""
        chain = ["pool:p:2026", *(f"member:{member}:{kind}" for kind in ("pending", "available", "hold"))]
        chain.append("provider:barber:payable")
        steps = [Step(a, b, n) for a, b, n in zip(chain, chain[1:], amounts, strict=False)]
        self.post("several", steps)

    @rule(member=member, amount=amount)
    def owe(self, member: str, amount: int) -> None:
        self.post("owe", [Step(f"member:{member}:debt", "pool:p:2026", amount)])

    @rule(member=member, amount=amount)
    def pay(self, member: str, amount: int) -> None:
        self.post("pay", [Step("pool:p:2026", f"member:{member}:debt", amount)])

    @rule(data=st.data(), other=st.booleans())
    def same_key(self, data: st.DataObject, other: bool) -> None:
        if not self.model.keys:
            return
        key = data.draw(st.sampled_from(sorted(self.model.keys)))
        kind, steps = self.model.keys[key][0]
        if other:
            steps = [*steps[:-1], Step(steps[-1].source, steps[-1].destination, steps[-1].amount + 1)]
        self.post(kind, steps, key)

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        if not self.done:
            return
        pk, _steps = data.draw(st.sampled_from(self.done))
        original = Transaction.objects.get(pk=pk)
        rows = list(original.postings.select_related("source", "destination").order_by("-pk"))
        mirror = [
            Step(r.destination.code, r.source.code, r.amount, r.destination_day, r.source_day) for r in rows
        ]
        self.number += 1
        key = f"k{self.number}"

        def expect() -> Counter[Slot]:
            if pk in self.model.reversed:
                raise Refused("already_reversed")
            return self.model.plan(mirror, mirror=True)

        if self.compare("undo", lambda: reverse(original, key=key, by=None, reason="test"), expect):
            self.model.reversed.add(pk)

    @rule(member=member, amounts=st.lists(amount, min_size=1, max_size=5), repeat=st.booleans())
    def award_many(self, member: str, amounts: list[int], repeat: bool) -> None:
        self.number += 1
        steps = [Step("pool:p:2026", f"member:{member}:pending", amount) for amount in amounts]
        entries = [Entry(f"b{self.number}:{n}", self.move(step)) for n, step in enumerate(steps)]

        def expect() -> Counter[Slot]:
            if "award" in self.model.halted:
                raise Refused("kind_halted")
            return self.model.plan(steps)

        ids = self.compare("award_many", lambda: post_many("award", entries, by=None), expect)
        if ids and repeat:
            assert post_many("award", entries, by=None) == ids
        if ids:
            self.done += [(pk, [step]) for pk, step in zip(ids, steps, strict=True)]

    @rule(member=member, amount=amount, day=some_day)
    def let_go(self, member: str, amount: int, day: dt.date) -> None:
        """Release after paying what is owed first."""
        self.number += 1
        person = self.people[int(member[1])]
        pending, available, debt = (f"member:{member}:{kind}" for kind in ("pending", "available", "debt"))
        owed = min(amount, -self.model.amounts[debt, NEVER])
        steps = [Step(pending, debt, owed, NEVER)] if owed else []
        steps += [Step(pending, available, amount - owed, NEVER, day)] if amount > owed else []
        self.compare(
            "release",
            lambda: release(person, amount=beans(amount), key=f"k{self.number}", day=day),
            lambda: self.model.plan(steps),
        )

    @rule(member=member, amount=amount, data=st.data())
    def correct(self, member: str, amount: int, data: st.DataObject) -> None:
        """Take back: pending, then available, then debt. Never refused for want of beans."""
        if not self.done:
            return
        self.number += 1
        pk, _steps = data.draw(st.sampled_from(self.done))
        missing, steps = amount, []
        for kind in ("pending", "available"):
            code = f"member:{member}:{kind}"
            for day in self.model.days(self.model.amounts, code):
                if kind == "available" and day < self.model.today:
                    continue
                part = min(missing, self.model.amounts[code, day])
                if part:
                    steps.append(Step(code, "pool:p:2026", part, day))
                missing -= part
        if missing:
            steps.append(Step(f"member:{member}:debt", "pool:p:2026", missing))
        self.compare(
            "correction",
            lambda: take_back(
                self.people[int(member[1])],
                amount=beans(amount),
                to=self.accounts["pool:p:2026"],
                key=f"k{self.number}",
                by=None,
                corrects=Transaction.objects.get(pk=pk),
                reason="test",
            ),
            lambda: self.model.plan(steps),
        )

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        self.model.today += dt.timedelta(days=days)

    @rule()
    def lapse(self) -> None:
        with clock.at(self.moment()):
            lapsed = lapse_due()
        codes = [code for code in self.accounts if code.endswith(":available")]
        assert lapsed == sum(self.model.lapse(self.model.amounts, code) for code in codes)

    @rule(kind=st.sampled_from(["", "", "", "award", "hold"]))
    def stop_or_go(self, kind: str) -> None:
        """Halt a kind, or let it go on; now and then, so that most of a history is not refused."""
        for halted in sorted(self.model.halted) if not kind else []:
            lift(Halt.objects.get(kind=halted, lifted_at=None), by=self.people[0])
            self.model.halted.discard(halted)
        if not kind:
            return
        if kind in self.model.halted:
            lift(Halt.objects.get(kind=kind, lifted_at=None), by=self.people[0])
            self.model.halted.discard(kind)
        else:
            halt(kind, by=None, reason="test")
            self.model.halted.add(kind)

    @rule()
    def seal(self) -> None:
        sealing.seal_pending()

    @invariant()
    def balances_agree(self) -> None:
        if not hasattr(self, "model"):
            return
        rows = Balance.objects.exclude(amount=0).values_list("account__code", "day", "amount")
        ours = {(code, day): amount for (code, day), amount in self.model.amounts.items() if amount}
        stored = {slot: amount for slot, amount in ours.items() if self.model.stored(slot[0])}
        assert {(code, day): amount for code, day, amount in rows} == stored


def test_random_histories_agree_with_the_model(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    COUNTED.clear()
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Books,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize="JINDOU_RUNS" not in os.environ,  # the short run is the same every time
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    total = sum(COUNTED.values())
    with capsys.disabled():
        print(f"\n{total} steps: " + ", ".join(f"{n} {name}" for name, n in COUNTED.most_common()))
    assert COUNTED["accepted"] >= 0.3 * total
    assert len(COUNTED) >= 5, "the machine must meet refusals of several kinds"
