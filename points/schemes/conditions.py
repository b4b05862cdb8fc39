"""Whether a condition holds, and how it reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from points.schemes import words
from points.schemes.parts.basics import Condition
from points.schemes.parts.codec import Text
from points.schemes.parts.facts import KNOWN, name_of
from points.schemes.parts.scheme import Rules

Ask = Callable[[str], Any]


def unmet(conditions: Sequence[Condition], ask: Ask) -> Condition | None:
    """The first condition that does not hold; `ask` answers with what is known of a fact, or None."""
    return next((condition for condition in conditions if not holds(condition, ask)), None)


def holds(condition: Condition, ask: Ask) -> bool:
    if condition.either:
        return any(holds(inner, ask) for inner in condition.either)
    value = ask(condition.fact)
    if value is None:
        return False
    if condition.is_:
        return str(value) in condition.is_
    if condition.holds is not None:
        return value is condition.holds
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        return False
    factor = Fraction(1)
    if condition.times:
        other = ask(condition.times)
        if isinstance(other, bool) or not isinstance(other, int | Fraction):
            return False
        factor = Fraction(other)
    if condition.at_least is not None and value < condition.at_least * factor:
        return False
    return condition.at_most is None or value <= condition.at_most * factor


def fact_name(rules: Rules, fact: str) -> str:
    """A fact in the reader's language: the scheme's own name, else the platform's."""
    base, _dot, suffix = fact.partition(".")
    own: Text | None = next((each.name for each in rules.facts if each.id == base), None)
    own = own or next((unit.name for unit in rules.units if unit.code == base), None)
    if base == "level":
        own = next((ladder.name for ladder in rules.levels if ladder.id == suffix), None)
        suffix = ""
    if own is None and base not in KNOWN:
        own = next((each.name for each in rules.counters if each.event == base), None)
    name = words.said(own) if own else name_of(base)
    return f"{name} ({words.spoken(words.word('period', suffix))})" if suffix else name


def spell(rules: Rules, condition: Condition) -> str:
    """The condition as a phrase in the reader's language: `age at least 18`."""
    if condition.why is not None:
        return words.said(condition.why)
    if condition.either:
        return pgettext("list", " or ").join(spell(rules, inner) for inner in condition.either)
    name = fact_name(rules, condition.fact)
    if condition.is_:
        from points.schemes.categories import name_of as category_name

        shown = [category_name(each) if condition.fact == "category" else each for each in condition.is_]
        return _("%(fact)s is %(values)s") % {"fact": name, "values": pgettext("list", ", ").join(shown)}
    if condition.holds is not None:
        return name if condition.holds else _("not: %(fact)s") % {"fact": name}
    times = f" × {fact_name(rules, condition.times)}" if condition.times else ""
    parts = []
    if condition.at_least is not None:
        parts.append(_("at least %(number)s") % {"number": words.number(condition.at_least) + times})
    if condition.at_most is not None:
        parts.append(_("at most %(number)s") % {"number": words.number(condition.at_most) + times})
    return f"{name} {pgettext('list', ', ').join(parts)}"


def in_both(rules: Rules, condition: Condition) -> dict[str, str]:
    """The phrase in both languages, to be stored with a line."""
    from django.utils import translation

    with translation.override("zh-hans"):
        chinese = spell(rules, condition)
    with translation.override("en"):
        return {"zh": chinese, "en": spell(rules, condition)}
