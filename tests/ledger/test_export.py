"""The export, read by programs nobody here wrote: every balance they find is ours."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from points.ledger import export, sealing
from points.ledger.balances import balance
from points.ledger.models import Account, AccountKind
from tests.ledger.conftest import Books


@pytest.fixture
def busy(books: Books) -> Books:
    """Books with every kind of movement a small town makes, sealed in part."""
    for amount, day in ((120, dt.date(2026, 6, 1)), (60, dt.date(2027, 6, 1))):
        books.give(books.ann, amount, day)
    hold = books.of(books.ann, AccountKind.HOLD)
    books.move(books.of(books.ann, AccountKind.AVAILABLE), hold, 130, kind="hold")
    sealing.seal_pending()
    books.move(hold, books.of(books.ann, AccountKind.AVAILABLE), 50, kind="return")
    books.move(books.of(books.bo, AccountKind.DEBT), books.pool, 7, kind="correction")
    return books


def exported(fmt: str, folder: Path) -> Path:
    path = folder / f"ledger.{fmt}"
    with path.open("w", encoding="utf-8") as out:
        export.write(fmt, out)
    return path


def ours() -> dict[str, int]:
    return {
        export.account_name(account): int(balance(account).amount)
        for account in Account.objects.order_by("pk")
    }


def test_beancount_accepts_the_books_and_finds_our_balances(busy: Books, tmp_path: Path) -> None:
    from beancount.core.realization import compute_balance, realize
    from beancount.loader import load_file

    path = exported("beancount", tmp_path)
    checked = subprocess.run(
        [Path(sys.executable).parent / "bean-check", str(path)], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    entries, problems, _options = load_file(str(path))
    assert problems == []
    tree = realize(entries)
    for name, amount in ours().items():
        node = tree
        for part in name.split(":"):
            node = node[part]
        found = {pos.units.currency: int(pos.units.number) for pos in compute_balance(node)}
        assert sum(found.values()) == amount, name


def test_beancount_refuses_books_with_a_changed_amount(busy: Books, tmp_path: Path) -> None:
    path = exported("beancount", tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(" 120 BEAN", " 121 BEAN", 1), encoding="utf-8")
    command = [Path(sys.executable).parent / "bean-check", str(path)]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


@pytest.mark.skipif(shutil.which("hledger") is None, reason="hledger is not installed")
def test_hledger_accepts_the_books_and_finds_our_balances(busy: Books, tmp_path: Path) -> None:
    path = exported("hledger", tmp_path)
    subprocess.run(["hledger", "-f", str(path), "check", "--strict"], check=True, capture_output=True)
    said = subprocess.run(
        ["hledger", "-f", str(path), "balance", "--flat", "--empty", "--no-total", "-O", "json"],
        check=True,
        capture_output=True,
        text=True,
    )
    rows, _total = json.loads(said.stdout)
    found = {row[0]: sum(amount["aquantity"]["decimalMantissa"] for amount in row[3]) for row in rows}
    assert found == ours()


def test_jsonl_says_everything_once(busy: Books, tmp_path: Path) -> None:
    lines = [
        json.loads(line) for line in exported("jsonl", tmp_path).read_text(encoding="utf-8").splitlines()
    ]
    kinds = [line["type"] for line in lines]
    assert kinds[0] == "format"
    totals: dict[str, int] = {}
    for line in lines:
        if line["type"] != "transaction":
            continue
        for row in line["content"]["postings"]:
            totals[row["source"]] = totals.get(row["source"], 0) - row["amount"]
            totals[row["destination"]] = totals.get(row["destination"], 0) + row["amount"]
    stored: dict[str, int] = {}
    for line in lines:
        if line["type"] == "balance":
            stored[line["account"]] = stored.get(line["account"], 0) + line["amount"]
    assert stored == {code: totals[code] for code in stored}
    assert sum(totals.values()) == 0
    assert {line["seal"] for line in lines if line["type"] == "transaction"} == {1, None}


def test_export_of_empty_books_is_readable(db: None) -> None:
    out = io.StringIO()
    assert export.write("beancount", out) == 0
    assert "commodity BEAN" in out.getvalue()


def test_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown format"):
        export.lines("xml")


def test_names_stay_distinct(busy: Books) -> None:
    names = [export.account_name(account) for account in Account.objects.all()]
    assert len(names) == len(set(names))
