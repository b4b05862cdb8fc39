"""YAML files: every mistake with its code and its line; the published JSON Schema; the three commands."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from points.schemes import files
from points.schemes.management.commands.dump_scheme import json_schema
from points.schemes.models import Scheme, SchemeVersion
from points.schemes.rules import Rules
from tests.factories import make_grid_tree, make_user
from tests.schemes.towns import EXAMPLES, town

ROOT = Path(__file__).parents[2]
GOOD = """\
code: good
name: 好办法
earning:
  - id: service
    name: 志愿服务
    rate: {points: 10, per: 1}
"""


def mistakes(text: str) -> list[tuple[int, str]]:
    rules, _other, found = files.read(text)
    assert (rules is None) == bool(found)
    for each in found:
        assert f"line {each.line}" in str(each)
        assert each.refusal.as_text()
    return [(each.line, each.code) for each in found]


def test_good_file_has_no_mistakes() -> None:
    assert mistakes(GOOD) == []


def earning(rest: str) -> str:
    return f"earning:\n  - id: s\n    name: s\n{rest}"


BAD: list[tuple[str, list[tuple[int, str]]]] = [
    # the list
    (earning("    rate: {points: 1/0}\n"), [(4, "bad_rate")]),
    (earning("    unit: GOLD\n    rate: {points: 1}\n"), [(4, "unknown_unit")]),
    ("limits:\n  - {most: 10, per: month}\n  - {most: 20, per: day}\n", [(3, "contradictory_caps")]),
    ("limits:\n  - {most: 10}\n  - {most: 20}\n", [(3, "contradictory_caps")]),
    ("limits:\n  - {of: hours, most: -2}\n", [(2, "negative_number")]),
    (
        "levels:\n  - id: a\n    name: a\n    steps:\n"
        "      - {id: x, name: x, needs: {hours: 1}, after: y}\n"
        "      - {id: y, name: y, needs: {hours: 2}, after: x}\n",
        [(2, "levels_cycle")],
    ),
    # single values
    (earning("    rate: {points: 1e3}\n"), [(4, "bad_rate")]),
    (earning("    rate: {points: -1}\n"), [(4, "negative_number")]),
    (earning("    rate: {points: 1, per: 0}\n"), [(4, "number_out_of_range")]),
    (earning("    rate: {}\n"), [(4, "missing_rule")]),
    (earning("    rate: 10\n"), [(4, "rules_not_an_object")]),
    (earning("    rate: {points: 1}\n    service: maybe\n"), [(5, "not_yes_or_no")]),
    (earning("    rate: {points: 1}\n    claim: {since: 2026-02-30}\n"), [(5, "not_a_day")]),
    (earning("    rate: {points: 1}\n    bonus: 3\n"), [(5, "unknown_rule")]),
    ("earning: many\n", [(1, "not_a_list")]),
    ("notice_days: three\n", [(1, "not_whole")]),
    ("notice_days: 3.5\n", [(1, "not_whole")]),
    ("account: firm\n", [(1, "not_one_of")]),
    ("code: Not A Slug\n", [(1, "bad_code")]),
    ("about: {place: 5}\n", [(1, "not_text")]),
    ("[]\n", [(1, "rules_not_an_object")]),
    ("", [(1, "rules_not_an_object")]),
    # parts together
    (earning(""), [(2, "one_basis")]),
    (earning("    rate: {points: 1}\n    range: {low: 1, high: 2}\n"), [(2, "one_basis")]),
    (earning("    range: {low: 5, high: 2}\n"), [(4, "backwards")]),
    (earning("    rate: {points: 1, at_least: 3, at_most: 2}\n"), [(4, "backwards")]),
    (
        earning("    table: {of: b, rows: [{from: 2, points: 1}, {from: 1, points: 2}]}\n"),
        [(4, "not_rising")],
    ),
    (
        earning("    rate: {points: 1}\n    claim: {since: 2026-02-01, until: 2026-01-31}\n"),
        [(5, "backwards")],
    ),
    (earning("    rate: {points: 1}\n  - {id: s, name: t, rate: {points: 2}}\n"), [(5, "duplicate_id")]),
    (earning("    rate: {points: 1}\n    when: [{fact: moon, holds: true}]\n"), [(5, "unknown_fact")]),
    (earning("    rate: {points: 1}\n    when: [{fact: age}]\n"), [(5, "one_question")]),
    (
        earning("    rate: {points: 1}\n    when: [{fact: age, at_least: 60, at_most: 18}]\n"),
        [(5, "backwards")],
    ),
    ("limits: [{most: 1, acts: [flying]}]\n", [(1, "unknown_act")]),
    (
        "units: [{code: BEAN, name: b}, {code: AA, name: a}]\n"
        "conversions:\n  - {from: AA, to: BEAN}\n  - {from: BEAN, to: AA}\n",
        [(2, "conversion_cycle")],
    ),
    (
        "levels:\n  - id: a\n    name: a\n    steps:\n"
        "      - {id: x, name: x, needs: {hours: 5}}\n      - {id: y, name: y, needs: {hours: 2}}\n",
        [(6, "not_rising")],
    ),
    (
        "levels:\n  - id: a\n    name: a\n    steps:\n"
        "      - {id: x, name: x, needs: {hours: 5}, after: z}\n",
        [(5, "unknown_level")],
    ),
    ("uses:\n  - {id: u, name: u, kind: goods, unit: hours}\n", [(2, "hours_never_fall")]),
    ("uses:\n  - {id: u, name: u, kind: service, passes_to_helper: true}\n", [(2, "only_coins_pass")]),
    ("uses:\n  - {id: u, name: u, kind: transfer}\n", [(2, "transfer_to_anybody")]),
    ("uses:\n  - {id: u, name: u, kind: cash}\n", [(2, "not_one_of")]),
    (
        "units: [{code: BEAN, name: b}, {code: MERIT, name: m, kind: merit}]\n"
        "uses:\n  - {id: u, name: u, kind: goods, unit: MERIT}\n",
        [(3, "merit_is_not_spent")],
    ),
    ("uses:\n  - {id: u, name: u, kind: goods, calendar: {hours: ['17:00-09:00']}}\n", [(2, "backwards")]),
    ("uses:\n  - {id: u, name: u, kind: goods, calendar: {closed: [02-30]}}\n", [(2, "not_a_day")]),
    ("expiry:\n  - validity: {months: 3, until: 12-31}\n", [(2, "one_validity")]),
    ("expiry:\n  - validity: {until: 02-30}\n", [(2, "not_a_day")]),
    # the file itself
    ("code: a\ncode: b\n", [(2, "written_twice")]),
    ("earning: [\n", [(2, "not_yaml")]),
    ("name: &a x\ncode: *a\n", [(2, "not_yaml")]),
    ("effective_from: tomorrow\n", [(1, "not_a_day")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), BAD)
def test_mistake_is_named_with_its_line(text: str, expected: list[tuple[int, str]]) -> None:
    assert mistakes(text) == expected


def test_all_mistakes_of_a_file_are_named_at_once() -> None:
    text = earning("    rate: {points: 1/0}\n") + "notice_days: -1\nlimits: [{most: many}]\n"
    assert mistakes(text) == [(4, "bad_rate"), (5, "negative_number"), (6, "bad_rate")]


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    files.read(text)


NAMES = st.sampled_from(["earning", "rate", "points", "id", "name", "limits", "most", "uses"])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner),
    )
)
def test_any_values_are_answered(data: Any) -> None:
    rules, problems = Rules.examine(data)
    assert (rules is None) == bool(problems)


ACTS = """\
- {on: 2026-03-02, minutes: 120}
- {on: 2026-03-02, minutes: -120}
- {on: 2026-02-28, minutes: 120}
- {on: 2026-03-03, minutes: 60, who: 2}
- {on: yesterday}
- {on: 2026-03-04, act: flying}
"""


def test_acts_are_refused_with_code_and_line() -> None:
    text = earning("    rate: {points: 10}\n    claim: {since: 2026-03-01}\n")
    rules, _other, _found = files.read(text)
    assert rules is not None
    given_out, found = files.read_acts(ACTS, rules)
    assert [(each.line, each.code) for each in found] == [
        (2, "negative_number"),
        (3, "before_counting_starts"),
        (4, "unknown_rule"),
        (5, "not_a_day"),
        (6, "unknown_act"),
    ]
    assert [each.beans for _line, each in given_out] == [20]
    assert [each.code for each in files.read_acts("on: 2026-03-01", rules)[1]] == ["not_a_list"]


def test_exact_numbers_are_kept() -> None:
    rules, _other, _found = files.read(earning("    rate: {points: 1.5, per: 1/2}\n"))
    assert rules is not None
    written = files.write(rules)
    assert "points: 3/2" in written
    assert "per: 1/2" in written


# --- The JSON Schema ------------------------------------------------------------------------------------
def test_published_schema_is_the_one_of_the_parts() -> None:
    assert (ROOT / "docs" / "scheme.schema.json").read_text(encoding="utf-8") == json_schema()


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_schema_accepts_what_we_write(path: Path) -> None:
    described = json.loads(json_schema())
    jsonschema.Draft202012Validator.check_schema(described)
    jsonschema.validate(files.parse(path.read_text(encoding="utf-8")).data, described)
    jsonschema.validate(town(path.stem).to_dict(), described)


@pytest.mark.parametrize("text", ["notice_days: three", "account: firm", "earning: [{id: a}]", "moon: 1"])
def test_schema_refuses_what_we_refuse(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(files.parse(text).data, json.loads(json_schema()))


# --- Commands -------------------------------------------------------------------------------------------
def run(*args: Any, **options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*args, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_check_scheme_says_line_and_reason(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(GOOD, encoding="utf-8")
    bad.write_text(earning("    rate: {points: 1/0}\n"), encoding="utf-8")
    out, _err = run("check_scheme", good, words=True)
    assert "good.yaml: ok" in out
    err = io.StringIO()
    with pytest.raises(CommandError, match="1 mistake"):
        call_command("check_scheme", good, bad, stdout=io.StringIO(), stderr=err)
    assert "bad.yaml: line 4: [bad_rate]" in err.getvalue()
    with pytest.raises(CommandError):
        run("check_scheme", tmp_path / "nothing.yaml")
    acts = tmp_path / "acts.yaml"
    acts.write_text("- {on: 2026-03-02, minutes: 120}\n", encoding="utf-8")
    out, _err = run("check_scheme", good, acts=acts)
    assert "acts.yaml: line 1: 20 BEAN" in out
    acts.write_text("- {on: 2026-03-02, minutes: -1}\n", encoding="utf-8")
    with pytest.raises(CommandError, match="1 mistake"):
        run("check_scheme", good, acts=acts)


@pytest.mark.django_db
def test_load_and_dump(tmp_path: Path, clock_at: Callable[..., Any]) -> None:
    clock_at("2026-11-25 09:00")
    place, by = make_grid_tree(), make_user()
    path = tmp_path / "good.yaml"
    path.write_text(GOOD, encoding="utf-8")
    run("load_scheme", path, grid=place.community.code, effective_from=dt.date(2026, 12, 1), by=by.number)
    version = SchemeVersion.objects.get()
    assert (version.label, version.published_by, version.scheme.name) == ("good:1", by, "好办法")
    assert version.scheme.grid == place.community
    out, _err = run("dump_scheme", "good")
    path.write_text(out.replace("points: 10", "points: 12"), encoding="utf-8")
    with pytest.raises(CommandError, match=r"line \d+: \[overlapping_version\]"):
        run("load_scheme", path)
    run("load_scheme", path, effective_from=dt.date(2027, 1, 1))
    assert [each.number for each in SchemeVersion.objects.order_by("number")] == [1, 2]
    again, _other, _found = files.read(run("dump_scheme", "good", number=1)[0])
    assert again == version.as_rules()
    newest, _other, _found = files.read(run("dump_scheme", "good")[0])
    assert newest == SchemeVersion.objects.get(number=2).as_rules() != again


@pytest.mark.django_db
def test_load_is_refused_with_a_reason(tmp_path: Path) -> None:
    place = make_grid_tree()
    path = tmp_path / "good.yaml"
    path.write_text(GOOD, encoding="utf-8")
    day = dt.date(2026, 12, 1)
    with pytest.raises(CommandError, match="no_grid"):
        run("load_scheme", path, effective_from=day)
    with pytest.raises(CommandError, match="From which day"):
        run("load_scheme", path, grid=place.root.code)
    with pytest.raises(CommandError, match="nobody"):
        run("load_scheme", path, grid=place.root.code, effective_from=day, by="nobody-here")
    Scheme.objects.create(code="other", name="other", grid=place.root)
    with pytest.raises(CommandError, match="grid_taken"):
        run("load_scheme", path, grid=place.root.code, effective_from=day)
    path.write_text(GOOD.replace("code: good\n", ""), encoding="utf-8")
    with pytest.raises(CommandError, match="missing_rule"):
        run("load_scheme", path, grid=place.community.code, effective_from=day)
    path.write_text("notice_days: -1\n", encoding="utf-8")
    with pytest.raises(CommandError, match="Nothing was loaded"):
        run("load_scheme", path, grid=place.community.code, effective_from=day)
    with pytest.raises(CommandError, match="no such scheme"):
        run("dump_scheme", "good")
    assert not SchemeVersion.objects.exists()
