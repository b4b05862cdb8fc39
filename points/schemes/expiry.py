"""Until when something can be used."""

from __future__ import annotations

import calendar
import datetime as dt

from points.schemes import words
from points.schemes.parts.redemption import Validity
from points.schemes.parts.scheme import BEAN, Rules
from points.schemes.words import Line

NEVER = dt.date.max
"""The expiry day of what never expires; the ledger's own `NEVER`."""


def last_day(validity: Validity, on: dt.date) -> dt.date:
    """The last day on which what was made `on` that day can be used, or `NEVER`.

    Months are counted in the calendar; a day the month does not have becomes its last (31 August + 6 months
    = 28 or 29 February). A calendar day that is over in that year means the next one.
    """
    if validity.months is not None:
        return add_months(on, validity.months)
    if validity.until is None:
        return NEVER
    month, day = (int(part) for part in validity.until.split("-"))
    year = on.year + validity.years
    if on > dt.date(on.year, month, day):
        year += 1
    return NEVER if year >= dt.MAXYEAR else dt.date(year, month, day)


def add_months(on: dt.date, months: int) -> dt.date:
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    if year > dt.MAXYEAR:
        return NEVER
    return dt.date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))


def expiry_of(rules: Rules, on: dt.date, unit: str = BEAN) -> dt.date:
    """The last day on which points of a unit that are released `on` that day can be spent, or `NEVER`."""
    for each in rules.expiry:
        if not each.units or unit in each.units:
            return last_day(each.validity, on)
    return NEVER


def expiry_line(rules: Rules, on: dt.date, unit: str = BEAN) -> Line:
    """Until when they can be used, as a line that explains itself."""
    until = expiry_of(rules, on, unit)
    return Line("expires_never") if until == NEVER else Line("expires", {"day": words.day(until)})


def is_lapsed(rules: Rules, made_on: dt.date, on: dt.date, unit: str = BEAN) -> bool:
    """Whether points of `made_on` are gone on another day."""
    return on > expiry_of(rules, made_on, unit)
