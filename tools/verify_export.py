#!/usr/bin/env python3
"""Check an exported ledger, or a receipt, without trusting the program that wrote it.

    python3 verify_export.py ledger.jsonl                           the whole books, as exported
    python3 verify_export.py --receipt receipt.json [--head HEX]    one receipt; the head as you know it

`manage.py export_ledger --format jsonl` and `manage.py ledger_receipt` write these files.

Standard library only, one pass, constant memory but for one number per account and day. Exit code 1 and the
rows when something is wrong. What is checked: every posting moves a whole positive amount of one unit between
two accounts of that unit; days stand where accounts keep them; the sums by account and day equal the balances
that the export states; nothing is below its floor; every seal's root and head follow from the transactions
in it, and each seal from the one before; nothing is reversed twice.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

NEVER = "9999-12-31"
GENESIS = "0" * 64


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def leaf_of(content: dict[str, Any]) -> bytes:
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return sha(b"\x00", text.encode())


def root_of(level: list[bytes]) -> str:
    while len(level) > 1:
        odd = [level[-1]] if len(level) % 2 else []
        level = [sha(b"\x01", level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)] + odd
    return level[0].hex() if level else sha().hex()


def head_of(previous: str, root: str, count: int) -> str:
    return hashlib.sha256(f"{previous}:{root}:{count}".encode()).hexdigest()


class Books:
    """What one pass over the lines of an export finds."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.accounts: dict[str, dict[str, Any]] = {}
        self.seals: dict[int, dict[str, Any]] = {}
        self.leaves: dict[int, list[bytes]] = defaultdict(list)
        self.sums: dict[tuple[str, str], int] = defaultdict(int)
        self.stated: dict[tuple[str, str], int] = defaultdict(int)
        self.reversed: set[int] = set()
        self.transactions = self.postings = self.unsealed = 0

    def read(self, lines: Iterable[str]) -> None:
        for number, text in enumerate(lines, 1):
            try:
                line = json.loads(text)
                getattr(self, f"on_{line['type']}")(line)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                self.wrong.append(f"line {number}: unreadable ({type(error).__name__}: {error})")
        self.finish()

    def on_format(self, line: dict[str, Any]) -> None:
        if (line["name"], line["version"]) != ("jindou-ledger", 1):
            self.wrong.append(f"unknown format {line['name']} {line['version']}")

    def on_unit(self, line: dict[str, Any]) -> None:
        line["code"]

    def on_account(self, line: dict[str, Any]) -> None:
        self.accounts[line["code"]] = line

    def on_seal(self, line: dict[str, Any]) -> None:
        number = line["number"]
        before = self.seals.get(number - 1)
        if line["previous_head"] != (before["head"] if before else GENESIS) or number != len(self.seals) + 1:
            self.wrong.append(f"seal {number} does not follow the seal before it")
        if line["head"] != head_of(line["previous_head"], line["root"], line["count"]):
            self.wrong.append(f"seal {number}: its head does not follow from its root")
        self.seals[number] = line

    def on_transaction(self, line: dict[str, Any]) -> None:
        content = line["content"]
        name = f"transaction {content['id']}"
        self.transactions += 1
        if content["reverses"] is not None:
            if content["reverses"] in self.reversed:
                self.wrong.append(f"{name}: transaction {content['reverses']} is reversed twice")
            self.reversed.add(content["reverses"])
        if not content["postings"]:
            self.wrong.append(f"{name}: has no posting")
        for posting in content["postings"]:
            self.on_posting(name, posting)
        if line["seal"] is None:
            self.unsealed += 1
        else:
            self.seal_leaf(line["seal"], leaf_of(content))

    def on_posting(self, name: str, posting: dict[str, Any]) -> None:
        self.postings += 1
        amount = posting["amount"]
        row = f"{name}, posting {posting['id']}"
        if type(amount) is not int or amount <= 0:
            self.wrong.append(f"{row}: {amount!r} is not a whole positive amount")
            return
        if posting["source"] == posting["destination"]:
            self.wrong.append(f"{row}: goes nowhere")
        for side, sign in (("source", -1), ("destination", 1)):
            account = self.accounts.get(posting[side])
            if account is None:
                self.wrong.append(f"{row}: no account {posting[side]}")
                continue
            if account["unit"] != posting["unit"]:
                self.wrong.append(f"{row}: {posting[side]} holds {account['unit']}, not {posting['unit']}")
            day = posting[f"{side}_day"]
            if account["tracks_days"] != (day is not None):
                self.wrong.append(f"{row}: its {side} day is wrong")
            self.sums[posting[side], day or NEVER] += sign * amount

    def seal_leaf(self, number: int, leaf: bytes) -> None:
        """Collect a seal's leaves and forget them once the seal is complete."""
        seal = self.seals.get(number)
        if seal is None:
            self.wrong.append(f"seal {number} is missing")
            return
        leaves = self.leaves[number]
        leaves.append(leaf)
        if len(leaves) == seal["count"]:
            if root_of(leaves) != seal["root"]:
                self.wrong.append(f"seal {number}: its transactions no longer give its root")
            seal["seen"] = True
            del self.leaves[number]

    def on_balance(self, line: dict[str, Any]) -> None:
        self.stated[line["account"], line["day"]] += line["amount"]

    def finish(self) -> None:
        for number, seal in self.seals.items():
            if not seal.get("seen"):
                have = len(self.leaves.get(number, ()))
                self.wrong.append(f"seal {number}: {have} of {seal['count']} transactions are there")
        totals: dict[str, int] = defaultdict(int)
        for (code, day), total in sorted(self.sums.items()):
            account = self.accounts.get(code, {})
            totals[account.get("unit", "?")] += total
            sign = account.get("sign")
            if sign is None:
                continue
            if total != self.stated.get((code, day), 0):
                stated = self.stated.get((code, day), 0)
                self.wrong.append(f"{code} on {day}: postings give {total}, the export states {stated}")
            if total * sign < 0:
                self.wrong.append(f"{code} on {day}: {total} is beyond its floor")
        for code, day in self.stated.keys() - self.sums.keys():
            self.wrong.append(f"{code} on {day}: a balance without a posting")
        for unit, total in totals.items():
            if total:
                self.wrong.append(f"{unit} does not sum to zero but to {total}")


def check_receipt(paper: dict[str, Any], known_head: str | None) -> list[str]:
    seal, node = paper["seal"], leaf_of(paper["content"])
    for step in paper["path"]:
        beside = bytes.fromhex(step[1:])
        node = sha(b"\x01", beside, node) if step[0] == "L" else sha(b"\x01", node, beside)
    wrong = []
    if node.hex() != seal["root"]:
        wrong.append("the transaction does not lead to the root of its seal")
    if head_of(seal["previous_head"], seal["root"], seal["count"]) != seal["head"]:
        wrong.append("the head of the seal does not follow from its root")
    if known_head and known_head != seal["head"]:
        wrong.append("the seal is not the one you know")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="Check an exported ledger or a receipt.")
    parser.add_argument("file")
    parser.add_argument("--receipt", action="store_true", help="the file is a receipt")
    parser.add_argument("--head", help="the head of the receipt's seal, as you know it from elsewhere")
    options = parser.parse_args()
    with open(options.file, encoding="utf-8") as source:
        if options.receipt:
            paper = json.load(source)
            wrong = check_receipt(paper, options.head)
            summary = f"transaction {paper['content']['id']} in seal {paper['seal']['number']}"
        else:
            books = Books()
            books.read(source)
            wrong = books.wrong
            summary = (
                f"{books.transactions} transactions, {books.postings} postings, "
                f"{len(books.accounts)} accounts, {len(books.seals)} seals "
                f"({books.unsealed} transactions not sealed yet)"
            )
    for row in wrong[:100]:
        print(row, file=sys.stderr)
    print(f"{'WRONG: ' + str(len(wrong)) if wrong else 'Right'}: {summary}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
