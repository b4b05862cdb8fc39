"""Answers in plain words. What is stored is a code with its numbers; the sentence is made when it is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from points.schemes.parts.codec import Text, plain_ratio
from points.schemes.sentences import SENTENCES


def in_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def said(text: Text | None) -> str:
    """A name in the reader's language; the Chinese one where there is no translation."""
    if text is None:
        return ""
    return text.zh if in_chinese() or not text.en else text.en


def number(value: Fraction | int) -> str:
    """20 → `20`, 3/2 → `1.5`, 1/3 → `1/3`."""
    ratio = Fraction(value)
    if ratio.denominator == 1:
        return str(ratio.numerator)
    rest = ratio.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{ratio.numerator}/{ratio.denominator}"
    digits = 1
    while (ratio * 10**digits).denominator != 1:
        digits += 1
    whole = str(abs((ratio * 10**digits).numerator)).rjust(digits + 1, "0")
    return f"{'-' if ratio < 0 else ''}{whole[:-digits]}.{whole[-digits:]}"


def written_factor(percent: int) -> str:
    """100 → `1.0`, 125 → `1.25`, 80 → `0.8`."""
    text = number(Fraction(percent, 100))
    return text if "." in text else f"{text}.0"


# --- Parameters of lines --------------------------------------------------------------------------------
def amount(value: Fraction | int, name: Text) -> dict[str, Any]:
    """So many of a unit, with its name, so that the line reads the same when the unit is long gone."""
    unit = {"zh": name.zh, "en": name.en or name.zh, "one": name.one or name.en or name.zh}
    return {"n": plain_ratio(Fraction(value)), "unit": unit}


def minutes(value: Fraction | int) -> dict[str, Any]:
    return {"minutes": plain_ratio(Fraction(value))}


def named(text: Text | str) -> dict[str, str]:
    if isinstance(text, str):
        return {"zh": text, "en": text}
    return {"zh": text.zh, "en": text.en or text.zh}


def day(value: dt.date) -> dict[str, str]:
    return {"day": value.isoformat()}


def word(kind: str, value: str) -> dict[str, str]:
    """A word of the platform's own lists, put into the reader's language when it is read."""
    return {"word": kind, "value": value}


def spoken(value: Any) -> str:
    """One parameter in the reader's language."""
    if not isinstance(value, Mapping):
        return str(value)
    if "n" in value:
        count = Fraction(value["n"])
        unit = value["unit"]
        if in_chinese():
            return f"{number(count)} {unit['zh']}"
        return f"{number(count)} {unit['one'] if count == 1 else unit['en']}"
    if "minutes" in value:
        return _time(Fraction(value["minutes"]))
    if "day" in value:
        return _day(dt.date.fromisoformat(value["day"]))
    if "word" in value:
        return _word(value["word"], value["value"])
    return str(value["zh"] if in_chinese() else value["en"])


def _time(count: Fraction) -> str:
    if count >= 60 and count % 30 == 0:
        hours = number(count / 60)
        return ngettext("%(hours)s hour", "%(hours)s hours", 1 if count == 60 else 2) % {"hours": hours}
    shown = {"minutes": number(count)}
    return ngettext("%(minutes)s minute", "%(minutes)s minutes", 1 if count == 1 else 2) % shown


def _day(on: dt.date) -> str:
    return (
        f"{on.year}年{on.month}月{on.day}日" if in_chinese() else f"{on.day} {MONTHS[on.month - 1]} {on.year}"
    )


MONTHS = "January February March April May June July August September October November December".split()


def _word(kind: str, value: str) -> str:
    if kind == "category":
        from points.schemes.categories import name_of as category_name

        return category_name(value)
    if kind == "fact":
        from points.schemes.parts.facts import name_of

        return name_of(value)
    return str(WORDS.get(kind, {}).get(value, value))


WORDS: dict[str, dict[str, Promise]] = {
    "period": {
        "activity": _("one activity"),
        "day": _("one day"),
        "week": _("one week"),
        "month": _("one month"),
        "quarter": _("one quarter"),
        "year": _("one year"),
        "ever": _("a whole life"),
    },
    "bucket": {
        "available": pgettext_lazy("bucket", "to be used freely"),
        "donate_only": pgettext_lazy("bucket", "for giving away"),
        "community": pgettext_lazy("bucket", "the community's pool"),
    },
    "holder": {
        "person": pgettext_lazy("holder", "a person's account"),
        "household": pgettext_lazy("holder", "a household's account"),
        "team": pgettext_lazy("holder", "a team's account"),
    },
    "counted": {
        "times": pgettext_lazy("counted", "times"),
        "pieces": pgettext_lazy("counted", "pieces"),
        "points": pgettext_lazy("counted", "points"),
        "yuan": pgettext_lazy("counted", "yuan"),
    },
}


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the reckoning, as a code and its numbers."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence in the reader's language."""
        sentence: Any = SENTENCES[self.code]
        if self.code in OLD:
            return str(sentence % dict(self.params))
        return str(sentence) % {name: spoken(value) for name, value in self.params.items()}

    def __str__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        return {"code": self.code, "params": dict(self.params)}


OLD = frozenset({"rate", "cap"})
"""Codes of the first form, whose sentences count beans in singular and plural."""
