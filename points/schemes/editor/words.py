"""What the fields of the parts are called on the forms, and the words of their choices.

A field without a word of its own shows its name in the file; a test holds that none of the parts does.
"""

from __future__ import annotations

import enum
from collections.abc import Container
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

SECTIONS: dict[str, Any] = {
    "general": _("General"),
    "earning": _("What earns, and how much"),
    "coefficients": _("What counts more or less"),
    "limits": _("Limits"),
    "rounding": _("Rounding"),
    "quality": _("What earns nothing"),
    "hours": _("Kinds of hours"),
    "eligibility": _("Who can take part"),
    "expiry": _("How long points can be used"),
    "uses": _("What points are for"),
    "levels": _("Levels and stars"),
    "counters": _("Counters"),
    "rankings": _("Rankings"),
    "ceilings": _("The most one can hold"),
    "units": _("Units"),
    "conversions": _("Conversions between units"),
    "facts": _("Facts of our own"),
    "left_out": _("Rules left out"),
    "assumed": _("What was assumed"),
}
"""The parts of a scheme in the order in which a person thinks of them."""
HINTS: dict[str, Any] = {
    "general": _("The name of the rules, where they come from, and how long records stand in public notice."),
    "earning": _("For example: volunteer service, 10 beans per hour."),
    "coefficients": _("For example: care and visits count 1.5 times."),
    "limits": _("For example: at most 80 beans a day. Limits never shorten the recorded time."),
    "rounding": _("How minutes are counted for points, and how points become whole."),
    "quality": _("When service counts as time, but earns no points."),
    "hours": _("For example: hours entered later count as hours, but earn no points."),
    "eligibility": _("For example: from 18 years on. Empty: everybody."),
    "expiry": _("Empty: points never lapse."),
    "uses": _("For example: goods at a desk, twice a month. Points are never paid out in money."),
    "levels": _("For example: one star from 100 hours on."),
    "counters": _("For example: three no-shows a year pause sign-ups for a month."),
    "rankings": _("For example: the first ten of every month. Only who agreed is named."),
    "ceilings": _("What is above goes to a named place instead. Hours are never capped."),
    "units": _("What this scheme counts beside hours. BEAN is what the ledger pays out as golden beans."),
    "conversions": _("How many of one unit count as how many of another when they are spent."),
    "facts": _("Facts that these rules ask about and the platform does not know by itself."),
    "left_out": _("Rules of the published text that are left out here, and why."),
    "assumed": _("What the published text does not say, and what was taken instead."),
}

LABELS: dict[str, Any] = {
    "code": pgettext_lazy("scheme field", "Code"),
    "id": pgettext_lazy("scheme field", "Code"),
    "name": pgettext_lazy("scheme field", "Name"),
    "about": pgettext_lazy("scheme field", "Where the rules come from"),
    "place": pgettext_lazy("scheme field", "Place"),
    "operator": pgettext_lazy("scheme field", "Published by"),
    "published": pgettext_lazy("scheme field", "Published on"),
    "source": pgettext_lazy("scheme field", "Source"),
    "account": pgettext_lazy("scheme field", "Points go to the account of"),
    "notice_days": pgettext_lazy("scheme field", "Days of public notice"),
    "kind": pgettext_lazy("scheme field", "Kind"),
    "base": pgettext_lazy("scheme field", "Opening points that cannot be used"),
    "from": pgettext_lazy("scheme field", "From"),
    "to": pgettext_lazy("scheme field", "To"),
    "points": pgettext_lazy("scheme field", "Points"),
    "gives": pgettext_lazy("scheme field", "Gives"),
    "fact": pgettext_lazy("scheme field", "Fact"),
    "is": pgettext_lazy("scheme field", "Is one of"),
    "holds": pgettext_lazy("scheme field", "Holds"),
    "at_least": pgettext_lazy("scheme field", "At least"),
    "at_most": pgettext_lazy("scheme field", "At most"),
    "times": pgettext_lazy("scheme field", "Times this fact"),
    "either": pgettext_lazy("scheme field", "Or any of these"),
    "why": pgettext_lazy("scheme field", "Sentence for people"),
    "act": pgettext_lazy("scheme field", "Act"),
    "unit": pgettext_lazy("scheme field", "Unit"),
    "units": pgettext_lazy("scheme field", "Units"),
    "service": pgettext_lazy("scheme field", "This is volunteer service (gives hours too)"),
    "rate": pgettext_lazy("scheme field", "A rate"),
    "range": pgettext_lazy("scheme field", "A range to choose from"),
    "table": pgettext_lazy("scheme field", "A table of steps"),
    "when": pgettext_lazy("scheme field", "Only when"),
    "streak": pgettext_lazy("scheme field", "Extra for a streak"),
    "claim": pgettext_lazy("scheme field", "When it must be claimed"),
    "per": pgettext_lazy("scheme field", "Per"),
    "of": pgettext_lazy("scheme field", "Of what"),
    "whole": pgettext_lazy("scheme field", "Only full steps count"),
    "low": pgettext_lazy("scheme field", "Lowest"),
    "high": pgettext_lazy("scheme field", "Highest"),
    "rows": pgettext_lazy("scheme field", "Rows"),
    "every": pgettext_lazy("scheme field", "Every so many"),
    "until": pgettext_lazy("scheme field", "Until"),
    "since": pgettext_lazy("scheme field", "Since"),
    "factor": pgettext_lazy("scheme field", "Factor"),
    "factors": pgettext_lazy("scheme field", "Factors"),
    "within_days": pgettext_lazy("scheme field", "Within so many days"),
    "deadlines": pgettext_lazy("scheme field", "Deadlines"),
    "by": pgettext_lazy("scheme field", "Depends on"),
    "otherwise": pgettext_lazy("scheme field", "Otherwise"),
    "acts": pgettext_lazy("scheme field", "Only these acts"),
    "grades": pgettext_lazy("scheme field", "Proven in these ways"),
    "voided_by": pgettext_lazy("scheme field", "Facts that set it to zero"),
    "percent_of_plan": pgettext_lazy("scheme field", "Least percent of the planned time"),
    "most": pgettext_lazy("scheme field", "At most"),
    "each": pgettext_lazy("scheme field", "Each by itself"),
    "override": pgettext_lazy("scheme field", "A documented decision can lift it"),
    "overflow": pgettext_lazy("scheme field", "What is above goes to"),
    "step": pgettext_lazy("scheme field", "In steps of"),
    "direction": pgettext_lazy("scheme field", "Direction"),
    "least": pgettext_lazy("scheme field", "Counts at least"),
    "scope": pgettext_lazy("scheme field", "Rounded"),
    "minutes": pgettext_lazy("scheme field", "Minutes"),
    "steps": pgettext_lazy("scheme field", "Levels"),
    "needs": pgettext_lazy("scheme field", "Needs"),
    "after": pgettext_lazy("scheme field", "Only after the level"),
    "benefit": pgettext_lazy("scheme field", "Benefit"),
    "period": pgettext_lazy("scheme field", "Counted"),
    "falls": pgettext_lazy("scheme field", "Falls again when the totals fall"),
    "cycles": pgettext_lazy("scheme field", "Prizes that come round"),
    "prize": pgettext_lazy("scheme field", "Prize"),
    "event": pgettext_lazy("scheme field", "Event"),
    "threshold": pgettext_lazy("scheme field", "From so many on"),
    "effect": pgettext_lazy("scheme field", "What happens then"),
    "keeps": pgettext_lazy("scheme field", "What stays"),
    "places": pgettext_lazy("scheme field", "Places"),
    "quotas": pgettext_lazy("scheme field", "Limits of use"),
    "accounts": pgettext_lazy("scheme field", "From the account of"),
    "buckets": pgettext_lazy("scheme field", "Points that can be used"),
    "calendar": pgettext_lazy("scheme field", "When it is open"),
    "months": pgettext_lazy("scheme field", "Months"),
    "days": pgettext_lazy("scheme field", "Days of the month"),
    "weekdays": pgettext_lazy("scheme field", "Weekdays"),
    "hours": pgettext_lazy("scheme field", "Opening hours"),
    "closed": pgettext_lazy("scheme field", "Closed on"),
    "pay": pgettext_lazy("scheme field", "Points pay"),
    "value": pgettext_lazy("scheme field", "Worth"),
    "yuan": pgettext_lazy("scheme field", "Yuan"),
    "up_to": pgettext_lazy("scheme field", "Up to"),
    "also": pgettext_lazy("scheme field", "A second unit is spent as well"),
    "benefits": pgettext_lazy("scheme field", "Benefits by steps"),
    "benefits_of": pgettext_lazy("scheme field", "Steps are measured in"),
    "choose": pgettext_lazy("scheme field", "One of these"),
    "spends": pgettext_lazy("scheme field", "Points are spent (not only shown)"),
    "per_merchant": pgettext_lazy("scheme field", "Counted again at every merchant"),
    "passes_to_helper": pgettext_lazy("scheme field", "Points pass to the helper"),
    "refund": pgettext_lazy("scheme field", "Returned goods give the points back"),
    "voucher": pgettext_lazy("scheme field", "How long a voucher lasts"),
    "years": pgettext_lazy("scheme field", "Years later"),
    "validity": pgettext_lazy("scheme field", "Can be used for"),
    "each_item": pgettext_lazy("scheme field", "Of every item by itself"),
    "rule": pgettext_lazy("scheme field", "Rule"),
}
SPECIAL: dict[tuple[str, str], Any] = {
    ("Rankings", "quotas"): pgettext_lazy("scheme field", "Places by role"),
    ("Ranking", "quotas"): pgettext_lazy("scheme field", "Places by role"),
    ("Note", "why"): pgettext_lazy("scheme field", "Why"),
    ("Validity", "months"): pgettext_lazy("scheme field", "Months from the day it was earned"),
    ("Validity", "until"): pgettext_lazy("scheme field", "Until a day of the year (12-31)"),
    ("MinuteRounding", "step"): pgettext_lazy("scheme field", "In steps of so many minutes"),
    ("MinuteRounding", "least"): pgettext_lazy("scheme field", "Counts at least so many minutes"),
    ("Use", "at_least"): pgettext_lazy("scheme field", "From so many points on"),
    ("Rate", "per"): pgettext_lazy("scheme field", "Per so many"),
    ("Deadline", "until"): pgettext_lazy("scheme field", "Until and including"),
    ("Row", "from"): pgettext_lazy("scheme field", "From so many on"),
    ("Benefit", "from"): pgettext_lazy("scheme field", "From so many on"),
}
FIELD_HINTS: dict[tuple[str, str], Any] = {
    ("Rate", "points"): _("A whole number or a fraction: 10, 1/2, 1.5."),
    ("Rate", "of"): _("hours, times, or the name of a quantity."),
    ("Coefficient", "by"): _("For example category, role, difficulty, activity_level."),
    ("Coefficient", "factors"): _("For example care: 1.5. Kinds of service are named by their codes."),
    ("Condition", "is"): _("Separated by commas."),
    ("Limit", "of"): _("The code of a unit, or hours."),
    ("Calendar", "closed"): _("For example 10-01 every year, or 2027-02-06 once."),
    ("Calendar", "hours"): _("For example 09:00-11:30, 14:00-17:00."),
    ("Benefit", "choose"): _("One on each line: Chinese | English."),
    ("Step", "needs"): _("For example hours: 100."),
}

CHOICES: dict[str, Any] = {
    "Period.activity": pgettext_lazy("scheme choice", "per activity"),
    "Period.day": pgettext_lazy("scheme choice", "per day"),
    "Period.week": pgettext_lazy("scheme choice", "per week"),
    "Period.month": pgettext_lazy("scheme choice", "per month"),
    "Period.quarter": pgettext_lazy("scheme choice", "per quarter"),
    "Period.year": pgettext_lazy("scheme choice", "per year"),
    "Period.ever": pgettext_lazy("scheme choice", "over the whole life"),
    "Direction.down": pgettext_lazy("scheme choice", "down"),
    "Direction.half_up": pgettext_lazy("scheme choice", "to the nearest"),
    "Direction.up": pgettext_lazy("scheme choice", "up"),
    "UnitKind.thanks": pgettext_lazy(
        "scheme choice", "thanks: given by a budget, spent for goods and services"
    ),
    "UnitKind.coin": pgettext_lazy("scheme choice", "time coin: passes from the person helped to the helper"),
    "UnitKind.merit": pgettext_lazy("scheme choice", "merit: ranked and shown, never spent"),
    "Holder.person": pgettext_lazy("scheme choice", "the person"),
    "Holder.household": pgettext_lazy("scheme choice", "the household"),
    "Holder.team": pgettext_lazy("scheme choice", "the team"),
    "Bucket.available": pgettext_lazy("scheme choice", "free use"),
    "Bucket.donate_only": pgettext_lazy("scheme choice", "only to be given away"),
    "Bucket.community": pgettext_lazy("scheme choice", "the community's pool"),
    "Bucket.dropped": pgettext_lazy("scheme choice", "nobody: not handed out"),
    "Rhythm.times": pgettext_lazy("scheme choice", "times in a row"),
    "Rhythm.day": pgettext_lazy("scheme choice", "days in a row"),
    "Rhythm.week": pgettext_lazy("scheme choice", "weeks in a row"),
    "Rhythm.month": pgettext_lazy("scheme choice", "months in a row"),
    "Scope.activity": pgettext_lazy("scheme choice", "each activity by itself"),
    "Scope.running": pgettext_lazy("scheme choice", "the running total"),
    "UseKind.goods": pgettext_lazy("scheme choice", "goods"),
    "UseKind.service": pgettext_lazy("scheme choice", "service"),
    "UseKind.discount": pgettext_lazy("scheme choice", "discount"),
    "UseKind.voucher": pgettext_lazy("scheme choice", "voucher"),
    "UseKind.transfer": pgettext_lazy("scheme choice", "transfer within the family"),
    "UseKind.donation": pgettext_lazy("scheme choice", "donation"),
    "Weekday.mon": pgettext_lazy("scheme choice", "Monday"),
    "Weekday.tue": pgettext_lazy("scheme choice", "Tuesday"),
    "Weekday.wed": pgettext_lazy("scheme choice", "Wednesday"),
    "Weekday.thu": pgettext_lazy("scheme choice", "Thursday"),
    "Weekday.fri": pgettext_lazy("scheme choice", "Friday"),
    "Weekday.sat": pgettext_lazy("scheme choice", "Saturday"),
    "Weekday.sun": pgettext_lazy("scheme choice", "Sunday"),
    "Counted.times": pgettext_lazy("scheme choice", "times"),
    "Counted.pieces": pgettext_lazy("scheme choice", "pieces"),
    "Counted.points": pgettext_lazy("scheme choice", "points"),
    "Counted.yuan": pgettext_lazy("scheme choice", "yuan of value"),
    "Pay.whole": pgettext_lazy("scheme choice", "the whole price"),
    "Pay.reduction": pgettext_lazy("scheme choice", "the reduction only"),
}


def label(part: str, name: str) -> str:
    """What the field is called on a form."""
    return str(SPECIAL.get((part, name)) or LABELS.get(name) or name)


def hint(part: str, name: str) -> str:
    return str(FIELD_HINTS.get((part, name), ""))


def choices(kind: type[enum.StrEnum], chosen: Container[Any]) -> list[tuple[str, str, bool]]:
    """(value, words, chosen) of every choice."""
    return [
        (each.value, str(CHOICES.get(f"{kind.__name__}.{each.value}", each.value)), each.value in chosen)
        for each in kind
    ]


def yes_no(given: Any) -> list[tuple[str, str, bool]]:
    return [
        ("", "–", given is None),
        ("true", gettext("Yes"), given is True),
        ("false", gettext("No"), given is False),
    ]


def part_title(part: str, number: int) -> str:
    """The heading of one row of a list."""
    return f"{number}."


def title(data: Any, number: int) -> str:
    """What one item of a list is called in a row: its name, else what tells it apart."""
    if not isinstance(data, dict):
        return f"{number}."
    name = data.get("name")
    if isinstance(name, dict):
        name = name.get("zh")
    keys = ("id", "code", "by", "rule", "fact", "most", "from")
    found = name or next((data[key] for key in keys if data.get(key) not in (None, "")), "")
    return str(found) or f"{number}."
