"""Receipts, month close, and the verifier that works from the export alone."""

from __future__ import annotations

import copy
import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from points.ledger import closing, content, sealing
from points.ledger.models import Assertion, Transaction
from points.ledger.receipts import check, receipt
from points.ledger.verify import verify
from tests.ledger.conftest import Books
from tests.ledger.test_export import busy, exported  # noqa: F401  (fixture)
from tests.ledger.test_guards import without_guards
from tests.ledger.test_posting import refused

TOOL = Path(__file__).parents[2] / "tools" / "verify_export.py"


def outsider(*arguments: str | Path) -> tuple[int, str]:
    """Run the stand-alone verifier as a stranger would: another process, nothing of ours on its path."""
    done = subprocess.run(
        [sys.executable, "-I", str(TOOL), *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 13])
def test_every_leaf_leads_to_the_root(size: int) -> None:
    leaves = [content.leaf(bytes([n])) for n in range(size)]
    for place, leaf in enumerate(leaves):
        assert content.follow(leaf, content.path(leaves, place)) == content.root(leaves)


def test_receipt_is_checked_here_and_by_a_stranger(books: Books, tmp_path: Path) -> None:
    for amount in range(1, 6):
        books.give(books.ann, amount)
    sealing.seal_pending()
    for transaction in Transaction.objects.all():
        paper = json.loads(json.dumps(receipt(transaction)))
        assert check(paper)
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(paper))
    assert outsider("--receipt", file) == (0, f"Right: transaction {paper['content']['id']} in seal 1\n")
    assert outsider("--receipt", file, "--head", "ab" * 32)[0] == 1
    for change in (
        lambda p: p["content"].__setitem__("reason", "x"),
        lambda p: p["content"]["postings"][0].__setitem__("amount", 99),
        lambda p: p["seal"].__setitem__("root", "00" * 32),
        lambda p: p["path"].pop(),
        lambda p: p.pop("seal"),
    ):
        forged = copy.deepcopy(paper)
        change(forged)
        assert not check(forged)


def test_receipt_before_sealing_is_refused(books: Books) -> None:
    with refused("not_sealed_yet"):
        receipt(Transaction.objects.get())
    with pytest.raises(CommandError):
        call_command("ledger_receipt", str(Transaction.objects.get().pk))


def test_stranger_accepts_the_export(busy: Books, tmp_path: Path) -> None:  # noqa: F811
    code, said = outsider(exported("jsonl", tmp_path))
    assert (code, said.split(":")[0]) == (0, "Right")


def replace_once(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"amount":120,', '"amount":121,', "postings give"),
        ('"kind":"allotment"', '"kind":"gift"', "no longer give its root"),
        ('"type":"balance"', '"type":"unit","code":""', "the export states 0"),
        ('"unit":"BEAN"}', '"unit":"MINUTE"}', "holds BEAN, not MINUTE"),
        ('"amount":120,', '"amount":-120,', "not a whole positive amount"),
        ('"root":"', '"root":"0', "its head does not follow"),
        ('"count":', '"count":1', "does not follow"),
        ('"destination_day":"2026', '"destination_day":"2025', "postings give"),
        ('{"type":"seal"', '{"type":"sael"', "unreadable"),
    ],
)
def test_stranger_names_what_was_changed(busy: Books, tmp_path: Path, old: str, new: str, named: str) -> None:  # noqa: F811
    path = exported("jsonl", tmp_path)
    path.write_text(replace_once(path.read_text(encoding="utf-8"), old, new), encoding="utf-8")
    code, said = outsider(path)
    assert code == 1
    assert named in said


def test_both_verifiers_name_a_posting_edited_behind_the_guards(busy: Books, tmp_path: Path) -> None:  # noqa: F811
    without_guards("UPDATE ledger_posting SET amount = 119 WHERE amount = 120")
    assert {"wrong_balance", "wrong_seal"} <= {finding.code for finding in verify().findings}
    code, said = outsider(exported("jsonl", tmp_path))
    assert code == 1
    assert "no longer give its root" in said


def test_month_close_asserts_every_account_once(busy: Books) -> None:  # noqa: F811
    with refused("month_not_over"):
        closing.close_month(dt.date(2026, 3, 1))


def test_closed_month_is_checked_ever_after(busy: Books, clock_at: object) -> None:  # noqa: F811
    clock_at("2026-04-02 03:10")  # type: ignore[operator]
    assert closing.close_last_month() == Assertion.objects.count() > 3
    assert closing.close_last_month() == 0
    assert verify().ok
    without_guards(
        "UPDATE ledger_transaction SET posted_at = '2026-05-01 00:00:00+00' "
        "WHERE id = (SELECT MAX(id) FROM ledger_transaction)"
    )
    assert "wrong_assertion" in {finding.code for finding in verify().findings}
