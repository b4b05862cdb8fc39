"""The translation tool finds what a translator would get wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import messages


@pytest.mark.parametrize(
    ("english", "chinese", "fault"),
    [
        ("%(count)s beans", "%(count)s 金豆", ""),
        ("%(count)s beans", "金豆", "placeholders differ"),
        ("%(count)s beans", "%(coutn)s 金豆", "placeholders differ"),
        ("{name} came", "{name}来了", ""),
        ("Hello", " ", "has no translation"),
        ("%s of %s", "%s / %s", "more than one positional"),
        ("at %s", "时间", "positional placeholders differ"),
        ("Come, please", "请来,好吗", "half-width punctuation"),
    ],
)
def test_problem_of_a_translation(english: str, chinese: str, fault: str) -> None:
    found = messages.problem((None, english), chinese)
    assert (fault in found) if fault else not found


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("好,走吧(快)!", "好，走吧（快）！"),
        ("已预订 <b>%(beans)s</b>,核销后才扣", "已预订 <b>%(beans)s</b>，核销后才扣"),
        ("另需: %(note)s", "另需：%(note)s"),
        ("%(a)s (%(b)s)", "%(a)s (%(b)s)"),
        ("时间已过(%(until)s)", "时间已过（%(until)s）"),
        ("可投诉(《办法(试行)》,第%(n)s条)。", "可投诉（《办法（试行）》，第%(n)s条）。"),
        ("每天 9:00–18:00", "每天 9:00–18:00"),
        ("账户 (BEAN)", "账户 (BEAN)"),
    ],
)
def test_chinese_punctuation(typed: str, written: str) -> None:
    assert messages.polish(typed) == written
    assert messages.polish(written) == written


def test_plural_is_measured_by_its_many() -> None:
    assert not messages.problem((None, ("one bean", "%(count)s beans")), "%(count)s 金豆")


def test_merge_reads_contexts_and_plurals(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(
        json.dumps({"Open": "开放", "state\x04Open": "报名中", "one bean|%(count)s beans": "%(count)s 豆"})
    )
    found = messages.read_json([path])
    assert found[(None, "Open")] == "开放"
    assert found[("state", "Open")] == "报名中"
    assert found[(None, ("one bean", "%(count)s beans"))] == "%(count)s 豆"


def test_sentences_come_from_code_and_templates() -> None:
    found = messages.messages_of(messages.collect())
    assert (None, "Simplified Chinese") in found
    assert any("templates/" in place for message in found.values() for place, _line in message.locations)
