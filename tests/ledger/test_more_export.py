"""The exports of small books, letter by letter: other people's programs read them, for years."""

from __future__ import annotations

import datetime as dt
import io
import json
from textwrap import dedent
from typing import Any

import pytest
from django.utils import translation

from points import clock
from points.ledger import content, export, sealing, streams
from points.ledger.models import Account, AccountKind, Seal, Transaction
from points.ledger.services import Move, post
from tests.ledger.conftest import Books, beans

SOON = dt.date(2026, 6, 1)


@pytest.fixture
def small(books: Books, clock_at: Any) -> list[Transaction]:
    """A grant, and two days later some beans given and held, with a name that needs quoting."""
    books.ann.number = "7f3k"
    books.ann.save()
    sealing.seal_pending()
    clock_at("2026-03-03 00:30")
    mine, held = books.of(books.ann, "available"), books.of(books.ann, "hold")
    post(
        "gift",
        key="g:1",
        moves=[Move(books.pool, mine, beans(10), None, SOON), Move(mine, held, beans(4))],
        by=books.bo,
        reference='say "thanks" \\ 谢谢',
    )
    post("fulfil", key="f:1", moves=[Move(held, books.pool, beans(4))], by=None)
    post("more", key="m:1", moves=[Move(books.treasury, books.pool, beans(2))], by=None)
    return list(Transaction.objects.order_by("pk"))


def exported(fmt: str) -> str:
    """Whatever language the person at the keyboard reads."""
    out = io.StringIO()
    with translation.override("en"):
        assert export.write(fmt, out) == Transaction.objects.count()
    return out.getvalue()


def zh(kind: str) -> str:
    with translation.override("zh-hans"):
        name = str(AccountKind(kind).label)
    assert not name.isascii()
    return name


def test_beancount_to_the_letter(small: list[Transaction]) -> None:
    grant, gift, fulfil, more = (one.pk for one in small)
    assert exported("beancount") == dedent(f"""\
        ; Jindou ledger. Amounts are whole units; each unit sums to zero.
        option "title" "Jindou"

        2026-03-01 commodity BEAN
          name: "Gold bean"
          zh: "金豆"
        2026-03-01 commodity MINUTE
          name: "Minute of service"
          zh: "分钟"
        2026-03-01 commodity SCORE
          name: "Assessment point"
          zh: "考核分"
        2026-03-01 open Equity:System:TREASURY:Bean BEAN
          code: "system:treasury:bean"
          zh: "{zh("treasury")}"
        2026-03-01 open Assets:Pool:P1:2026 BEAN
          code: "pool:p1:2026"
          zh: "{zh("pool")}"
        2026-03-01 open Assets:Member:7F3K:Available BEAN
          code: "member:7f3k:available"
          zh: "{zh("available")}"
        2026-03-01 open Assets:System:LAPSED:Bean BEAN
          code: "system:lapsed:bean"
          zh: "{zh("lapsed")}"
        2026-03-01 open Assets:Member:7F3K:Hold BEAN
          code: "member:7f3k:hold"
          zh: "{zh("hold")}"

        2026-03-01 * "allotment" ""
          id: "{grant}"
          key: "test:1"
          Equity:System:TREASURY:Bean  -1000 BEAN
          Assets:Pool:P1:2026  1000 BEAN

        2026-03-03 * "gift" "say \\"thanks\\" \\\\ 谢谢"
          id: "{gift}"
          key: "g:1"
          Assets:Pool:P1:2026  -10 BEAN
          Assets:Member:7F3K:Available  10 BEAN
          Assets:Member:7F3K:Available  -4 BEAN
          Assets:Member:7F3K:Hold  4 BEAN

        2026-03-03 * "fulfil" ""
          id: "{fulfil}"
          key: "f:1"
          Assets:Member:7F3K:Hold  -4 BEAN
          Assets:Pool:P1:2026  4 BEAN

        2026-03-03 * "more" ""
          id: "{more}"
          key: "m:1"
          Equity:System:TREASURY:Bean  -2 BEAN
          Assets:Pool:P1:2026  2 BEAN

        2026-03-04 balance Equity:System:TREASURY:Bean  -1002 BEAN
        2026-03-04 balance Assets:Pool:P1:2026  996 BEAN
        2026-03-04 balance Assets:Member:7F3K:Available  6 BEAN
        2026-03-04 balance Assets:System:LAPSED:Bean  0 BEAN
        2026-03-04 balance Assets:Member:7F3K:Hold  0 BEAN
    """)


def test_hledger_to_the_letter(small: list[Transaction]) -> None:
    grant, gift, fulfil, more = (one.pk for one in small)
    assert exported("hledger") == dedent(f"""\
        ; Jindou ledger. Amounts are whole units; each unit sums to zero.

        commodity 1000. BEAN
        commodity 1000. MINUTE
        commodity 1000. SCORE
        account Equity:System:TREASURY:Bean  ; system:treasury:bean, {zh("treasury")}
        account Assets:Pool:P1:2026  ; pool:p1:2026, {zh("pool")}
        account Assets:Member:7F3K:Available  ; member:7f3k:available, {zh("available")}
        account Assets:System:LAPSED:Bean  ; system:lapsed:bean, {zh("lapsed")}
        account Assets:Member:7F3K:Hold  ; member:7f3k:hold, {zh("hold")}

        2026-03-01 * allotment   ; id: {grant}, key: test:1
            Equity:System:TREASURY:Bean  -1000 BEAN
            Assets:Pool:P1:2026  1000 BEAN

        2026-03-03 * gift say "thanks" \\ 谢谢  ; id: {gift}, key: g:1
            Assets:Pool:P1:2026  -10 BEAN
            Assets:Member:7F3K:Available  10 BEAN
            Assets:Member:7F3K:Available  -4 BEAN
            Assets:Member:7F3K:Hold  4 BEAN

        2026-03-03 * fulfil   ; id: {fulfil}, key: f:1
            Assets:Member:7F3K:Hold  -4 BEAN
            Assets:Pool:P1:2026  4 BEAN

        2026-03-03 * more   ; id: {more}, key: m:1
            Equity:System:TREASURY:Bean  -2 BEAN
            Assets:Pool:P1:2026  2 BEAN

        2026-03-04 * balances
            Equity:System:TREASURY:Bean  0 BEAN = -1002 BEAN
            Assets:Pool:P1:2026  0 BEAN = 996 BEAN
            Assets:Member:7F3K:Available  0 BEAN = 6 BEAN
            Assets:System:LAPSED:Bean  0 BEAN = 0 BEAN
            Assets:Member:7F3K:Hold  0 BEAN = 0 BEAN
    """)


def test_jsonl_to_the_letter(small: list[Transaction], books: Books) -> None:
    text = exported("jsonl")
    assert text.isascii()
    assert "谢谢".encode("unicode_escape").decode() in text
    assert text.endswith("}\n")
    assert '", "' not in text
    lines = [json.loads(line) for line in text.splitlines()]
    seal = Seal.objects.get()
    accounts = Account.objects.order_by("pk")

    def account(one: Account) -> dict[str, Any]:
        sign = one.sign if one.kind not in ("treasury", "lapsed") else None
        days = one.kind in ("available", "hold")
        return {
            "type": "account",
            "code": one.code,
            "kind": one.kind,
            "unit": "BEAN",
            "tracks_days": days,
            "sign": sign,
        }

    codes = {one.pk: one.code for one in accounts}
    rows = streams.postings_of(one.pk for one in small)
    assert lines == [
        {
            "type": "format",
            "name": "jindou-ledger",
            "version": 1,
            "exported_at": content.instant(clock.now()),
        },
        {"type": "unit", "code": "BEAN", "name_en": "Gold bean", "name_zh": "金豆"},
        {"type": "unit", "code": "MINUTE", "name_en": "Minute of service", "name_zh": "分钟"},
        {"type": "unit", "code": "SCORE", "name_en": "Assessment point", "name_zh": "考核分"},
        *(account(one) for one in accounts),
        {
            "type": "seal",
            "number": 1,
            "previous_head": "0" * 64,
            "root": seal.root,
            "count": 1,
            "head": seal.head,
        },
        *(
            {
                "type": "transaction",
                "seal": 1 if place == 0 else None,
                "content": content.as_dict(one, rows[one.pk], codes),
            }
            for place, one in enumerate(small)
        ),
        {"type": "balance", "account": "pool:p1:2026", "day": "9999-12-31", "amount": 996},
        {"type": "balance", "account": "member:7f3k:available", "day": "2026-06-01", "amount": 6},
    ]


def test_a_long_export_goes_on_after_each_part(
    small: list[Transaction], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {fmt: exported(fmt) for fmt in export.FORMATS}
    monkeypatch.setattr(streams, "PART", 2)
    monkeypatch.setattr(streams, "CHUNK", 1)
    first, last = small[0].pk, small[-1].pk
    parts = list(streams.parts())
    assert parts[0] == (first, first + 1)
    assert parts[-1][1] == last
    assert len(parts) > 1
    assert {fmt: exported(fmt) for fmt in export.FORMATS} == whole


def test_the_database_writes_the_same_text_as_python(small: list[Transaction], books: Books) -> None:
    """On PostgreSQL the database writes what is sealed; whatever a key holds, the letters are these."""
    for number, odd in enumerate(("谢谢", 'a"b\\c', "tab\there", "\x7f", "😀", "é/<>&", "\u2028")):
        post(
            "odd",
            key=f"odd:{number}:{odd}",
            moves=[Move(books.pool, books.of(books.ann, "pending"), beans(1))],
            by=None,
            reference=odd,
        )
    everything = list(Transaction.objects.order_by("pk"))
    rows = streams.postings_of(one.pk for one in everything)
    codes = streams.codes_of(rows)
    written = [content.canonical(content.as_dict(one, rows[one.pk], codes)).decode() for one in everything]
    assert [text for _seal, _pk, text in streams.of_all()] == written
    assert [text for *_head, text in streams.of_ids([one.pk for one in everything])] == written
    sealing.seal_pending()
    assert [text for *_head, text in streams.of_seals(1, 99)] == written


def test_a_transaction_that_has_lost_its_postings_is_still_written(small: list[Transaction]) -> None:
    """The export of damaged books shows the damage; it does not fall over."""
    from tests.ledger.test_guards import without_guards

    without_guards(f"DELETE FROM ledger_posting WHERE transaction_id = {small[2].pk}")
    assert f'id: "{small[2].pk}"\n  key: "f:1"\n\n' in exported("beancount")
    assert f"id: {small[2].pk}, key: f:1\n\n" in exported("hledger")
    [empty] = [
        line["content"]["postings"]
        for line in map(json.loads, exported("jsonl").splitlines())
        if line["type"] == "transaction" and line["content"]["id"] == small[2].pk
    ]
    assert empty == []


def test_empty_books_are_dated_today(db: None, clock_at: Any) -> None:
    clock_at("2026-03-03 00:30")
    assert exported("beancount").splitlines()[3] == "2026-03-03 commodity BEAN"
    assert exported("hledger").splitlines()[-1] == "2026-03-04 * balances"


@pytest.mark.parametrize(
    ("code", "kind", "name"),
    [
        ("system:treasury:bean", "treasury", "Equity:System:TREASURY:Bean"),
        ("system:service:minute", "service", "Equity:System:SERVICE:Minute"),
        ("system:assessed:score", "assessed", "Equity:System:ASSESSED:Score"),
        ("member:k3x9:donate-only", "donate_only", "Assets:Member:K3X9:Donate-Only"),
        ("pool:410103-02:2026", "pool", "Assets:Pool:410103-02:2026"),
        ("provider:red-cross:payable", "payable", "Assets:Provider:RED-CROSS:Payable"),
    ],
)
def test_accounts_are_called(code: str, kind: str, name: str) -> None:
    assert export.account_name(Account(code=code, kind=kind)) == name


def test_an_unknown_format_is_told_the_known_ones() -> None:
    with pytest.raises(ValueError) as caught:
        export.lines("xml")
    assert str(caught.value) == "unknown format 'xml': one of beancount, hledger, jsonl"
