"""What points are for, levels, counters and rankings, in plain words."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy

from points.schemes import words
from points.schemes.conditions import fact_name, spell
from points.schemes.decide import HOURS_NAME
from points.schemes.levels import listed
from points.schemes.parts.basics import Period
from points.schemes.parts.earning import HOURS
from points.schemes.parts.redemption import Calendar, Quota, Use, UseKind, Validity
from points.schemes.parts.scheme import Rules

WEEKDAYS = {
    "mon": pgettext_lazy("weekday", "Monday"),
    "tue": pgettext_lazy("weekday", "Tuesday"),
    "wed": pgettext_lazy("weekday", "Wednesday"),
    "thu": pgettext_lazy("weekday", "Thursday"),
    "fri": pgettext_lazy("weekday", "Friday"),
    "sat": pgettext_lazy("weekday", "Saturday"),
    "sun": pgettext_lazy("weekday", "Sunday"),
}


def _period(period: Period) -> str:
    return words.spoken(words.word("period", period.value))


def validity(value: Validity) -> str:
    """How long points can be spent."""
    if value.months is not None:
        sentence = ngettext(
            "Beans can be spent for %(months)s month. Hours stay for ever.",
            "Beans can be spent for %(months)s months. Hours stay for ever.",
            value.months,
        )
        return sentence % {"months": value.months}
    if value.until is None:
        return gettext("Beans do not expire. Hours stay for ever.")
    month, day = (int(part) for part in value.until.split("-"))
    told = {"day": f"{month}月{day}日" if words.in_chinese() else f"{day} {words.MONTHS[month - 1]}"}
    if not value.years:
        return gettext("Beans can be spent until the next %(day)s. Hours stay for ever.") % told
    later = ngettext(
        "Beans can be spent until %(day)s, %(years)s year later. Hours stay for ever.",
        "Beans can be spent until %(day)s, %(years)s years later. Hours stay for ever.",
        value.years,
    )
    return later % {**told, "years": value.years}


def levels(rules: Rules) -> list[str]:
    lines = []
    for ladder in rules.levels:
        name = words.said(ladder.name)
        for step in ladder.steps:
            told = {
                "ladder": name,
                "step": words.said(step.name),
                "needs": words.spoken(listed(rules, step.needs)),
            }
            sentence = gettext("%(ladder)s, %(step)s: from %(needs)s on.") % told
            if step.benefit is not None:
                sentence += f" {words.said(step.benefit)}"
            lines.append(sentence)
        if ladder.steps and ladder.period is not Period.EVER:
            fresh = gettext("%(ladder)s: counted afresh for %(period)s.")
            lines.append(fresh % {"ladder": name, "period": _period(ladder.period)})
        if ladder.steps and ladder.falls:
            lines.append(
                gettext("%(ladder)s: a level falls when what it needs is no longer there.") % {"ladder": name}
            )
        for cycle in ladder.cycles:
            told = {
                "every": words.spoken(listed(rules, {cycle.of: cycle.every})),
                "prize": words.said(cycle.prize),
            }
            lines.append(gettext("For every %(every)s: %(prize)s.") % told)
    return lines


def counters(rules: Rules) -> list[str]:
    return [
        gettext("%(name)s: from %(threshold)s in %(period)s on: %(effect)s")
        % {
            "name": words.said(each.name),
            "threshold": each.threshold,
            "period": _period(each.period),
            "effect": words.said(each.effect),
        }
        for each in rules.counters
    ]


def rankings(rules: Rules) -> list[str]:
    lines = []
    for each in rules.rankings:
        told = {"name": words.said(each.name), "places": each.places, "period": _period(each.period)}
        told["measure"] = fact_name(rules, each.of)
        lines.append(gettext("%(name)s: the first %(places)s by %(measure)s in %(period)s.") % told)
        if each.quotas:
            shares = pgettext("list", ", ").join(f"{role} {places}" for role, places in each.quotas.items())
            lines.append(gettext("%(name)s, places by role: %(shares)s.") % {**told, "shares": shares})
    return lines


# --- Uses -----------------------------------------------------------------------------------------------
def benefits_and_uses(rules: Rules) -> list[str]:
    """Every way of using points, with its conditions, days, limits and prices."""
    lines = []
    for use in rules.uses:
        lines += _use(rules, use)
    return lines


def _use(rules: Rules, use: Use) -> list[str]:
    name = words.said(use.name)
    unit = HOURS_NAME if use.unit == HOURS else rules.unit_name(use.unit)
    parts = []
    if not use.spends:
        parts.append(gettext("shown, not spent"))
    if use.value is not None:
        points = words.spoken(words.amount(use.value.points, unit))
        yuan = words.number(use.value.yuan)
        if use.value.up_to is not None:
            yuan = f"{yuan}–{words.number(use.value.up_to)}"
        parts.append(gettext("%(points)s = %(yuan)s yuan") % {"points": points, "yuan": yuan})
    if use.at_least:
        least = words.spoken(words.amount(use.at_least, unit))
        parts.append(gettext("at least %(least)s at a time") % {"least": least})
    if use.step > 1:
        parts.append(gettext("in multiples of %(step)s") % {"step": use.step})
    parts += [spell(rules, condition) for condition in use.when]
    parts += [_quota(each) for each in use.quotas]
    if use.calendar is not None:
        parts += _calendar(use.calendar)
    parts += [
        gettext("%(points)s go with every %(per)s")
        % {
            "points": words.spoken(words.amount(each.points, rules.unit_name(each.unit))),
            "per": words.number(each.per),
        }
        for each in use.also
    ]
    if use.per_merchant:
        parts.append(gettext("at one shop only what was not shown there before"))
    if use.passes_to_helper:
        parts.append(gettext("goes to whoever helps"))
    if not use.refund and use.spends and use.kind is UseKind.GOODS:
        parts.append(gettext("nothing is given back for points"))
    holders = [words.spoken(words.word("holder", holder.value)) for holder in use.accounts]
    if [holder.value for holder in use.accounts] != ["person"]:
        parts.append(gettext("from: %(accounts)s") % {"accounts": pgettext("list", ", ").join(holders)})
    sentence = name
    if parts:
        sentence += pgettext("between name and text", ": ") + pgettext("list", "; ").join(parts)
    lines = [sentence + pgettext("end of sentence", ".")]
    for benefit in use.benefits:
        choose = pgettext("list", ", ").join(words.said(each) for each in benefit.choose)
        told = {"name": name, "start": words.number(benefit.start), "yuan": words.number(benefit.yuan)}
        told |= {"measure": fact_name(rules, use.benefits_of), "choose": choose}
        lines.append(
            gettext("%(name)s from %(start)s (%(measure)s) on: one of %(choose)s, worth %(yuan)s yuan.")
            % told
        )
    if use.voucher is not None:
        lines.append(_voucher(use.voucher))
    return lines


def _voucher(value: Validity) -> str:
    if value.months is not None:
        sentence = ngettext(
            "The voucher is valid for %(months)s month.",
            "The voucher is valid for %(months)s months.",
            value.months,
        )
        return sentence % {"months": value.months}
    if value.until is None:
        return gettext("The voucher is valid for ever.")
    return gettext("The voucher is valid until %(day)s.") % {"day": value.until}


def _quota(quota: Quota) -> str:
    told = {
        "most": words.number(quota.most),
        "counted": words.spoken(words.word("counted", quota.of.value)),
        "period": _period(quota.per),
    }
    if quota.each_item:
        return gettext("at most %(most)s %(counted)s of one item in %(period)s") % told
    return gettext("at most %(most)s %(counted)s in %(period)s") % told


def _calendar(calendar: Calendar) -> list[str]:
    parts = []
    comma = pgettext("list", ", ")
    if calendar.months:
        months = comma.join(str(month) for month in calendar.months)
        parts.append(gettext("in the months %(months)s") % {"months": months})
    if calendar.days:
        days = comma.join(str(day) for day in calendar.days)
        parts.append(gettext("on the days %(days)s of a month") % {"days": days})
    if calendar.weekdays:
        parts.append(comma.join(str(WEEKDAYS[day.value]) for day in calendar.weekdays))
    if calendar.hours:
        parts.append(comma.join(calendar.hours))
    if calendar.closed:
        closed = ngettext("closed on %(days)s holiday", "closed on %(days)s holidays", len(calendar.closed))
        parts.append(closed % {"days": len(calendar.closed)})
    return parts
