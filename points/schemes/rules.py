"""The door of the rules: the parts of a scheme and the pure functions over plain values.

`award(rules, act, history)`, `decide(rules, request)`, `level(rules, ladder, totals)`,
`expiry_of(rules, on)`, `rank(rules, ranking, entries)`, `standing(rules, events, on)`. Same values, same
answer, today and in ten years; no database, no clock, no floats. Every answer explains itself in lines: a
code with its numbers, stored as such and put into words when somebody reads it, in their language.
"""

from __future__ import annotations

from points.schemes.award import Amount, Award, award, estimate, service
from points.schemes.decide import Decision, decide
from points.schemes.expiry import NEVER, expiry_of
from points.schemes.facts import SERVICE, SYSTEM_VERIFIED, Act, History, Request, Used
from points.schemes.levels import Entry, level, rank, standing
from points.schemes.parts.basics import Bucket, Period
from points.schemes.parts.scheme import BEAN, SUPPLEMENTED, Rules, stored
from points.schemes.tally import Tally, looks_back_to
from points.schemes.words import Line, written_factor

__all__ = [
    "BEAN",
    "NEVER",
    "SERVICE",
    "SUPPLEMENTED",
    "SYSTEM_VERIFIED",
    "Act",
    "Amount",
    "Award",
    "Bucket",
    "Decision",
    "Entry",
    "History",
    "Line",
    "Period",
    "Request",
    "Rules",
    "Tally",
    "Used",
    "award",
    "decide",
    "estimate",
    "expiry_of",
    "level",
    "looks_back_to",
    "rank",
    "service",
    "standing",
    "stored",
    "written_factor",
]
