"""A record in words: why it earned what it did, and what happens next, in the reader's language."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext

from points import clock
from points.records.models import ServiceRecord
from points.schemes.rules import Line


def explain(record: ServiceRecord) -> list[str]:
    """The rule version, its steps, and what happens next. No query with `scheme_version__scheme` selected."""
    return [*reasons(record), *what_next(record)]


def reasons(record: ServiceRecord) -> list[str]:
    """The reckoning, step by step, from the inputs kept in the record."""
    if record.scheme_version is None:
        return [gettext("No scheme of beans was in force here on that day: the hours count.")]
    kept = record.inputs.get("award", record.inputs)  # before rules had parts the lines stood on top
    lines = [Line(line["code"], line["params"]).text for line in kept.get("lines", ())]
    name = {"scheme": record.scheme_version.scheme.name, "number": record.scheme_version.number}
    return [*lines, gettext("By the rules of “%(scheme)s”, version %(number)s.") % name]


def what_next(record: ServiceRecord) -> list[str]:
    """What the volunteer can expect now."""
    if record.state == ServiceRecord.State.SUPERSEDED:
        return [gettext("Replaced by a correction.")]
    if record.state == ServiceRecord.State.HELD:
        return [
            gettext("Somebody who did not confirm it decides. Until then its beans wait; nothing is lost.")
        ]
    if record.awaiting_budget:
        waiting = ngettext(
            "The budget is used up for now: %(beans)s bean waits for the next one. Nothing is lost.",
            "The budget is used up for now: %(beans)s beans wait for the next one. Nothing is lost.",
            record.beans,
        )
        return [waiting % {"beans": record.beans}, *([_notice(record)] if is_in_notice(record) else [])]
    if is_in_notice(record):
        return [_notice(record), *([_arrival(record)] if record.beans else [])]
    if record.state == ServiceRecord.State.IN_NOTICE:
        return [gettext("The public notice is over. The record becomes final shortly.")]
    if record.beans and record.scheme_version:
        return [gettext("The record is final and the beans can be spent.")]
    return [gettext("The record is final.")]


def is_in_notice(record: ServiceRecord) -> bool:
    return record.state == ServiceRecord.State.IN_NOTICE and record.notice_ends_at > clock.now()


def _notice(record: ServiceRecord) -> str:
    return gettext("In public notice until %(day)s.") % {"day": written_day(record.notice_last_day)}


def _arrival(record: ServiceRecord) -> str:
    sentence = ngettext(
        "From %(day)s on the %(beans)s bean can be spent.",
        "From %(day)s on the %(beans)s beans can be spent.",
        record.beans,
    )
    return sentence % {"day": written_day(timezone.localdate(record.notice_ends_at)), "beans": record.beans}


def written_day(day: dt.date) -> str:
    """`11月25日`, `25 November`; with the year when it is not this one."""
    with_year = day.year != clock.today().year
    if (get_language() or "").startswith("zh"):
        return (f"{day.year}年" if with_year else "") + f"{day.month}月{day.day}日"
    return date_format(day, "j F Y" if with_year else "j F")
