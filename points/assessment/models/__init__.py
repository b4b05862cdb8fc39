"""Assessment of grid leaders: a published list of indicators, counted, reviewed, shown, appealed, explained.

A period assesses everybody who holds one role in one subtree from one day to another:
draft → open (indicators published and frozen) → counting → notice → closed. What counts are facts the system
finds itself, claims with evidence that somebody else reviewed, and ratings without authors. A result is
whole points in the unit SCORE; it is never spendable and nothing turns it into beans (decision in
docs/assessment.md). Facts stay with the code their unit had when the period was opened.
"""

from __future__ import annotations

from points.assessment.models.counted import Claim, ClaimEvidence, Fact, RatingSeen, RatingTally
from points.assessment.models.periods import (
    AssessmentPeriod,
    AssessmentPeriodQuerySet,
    Indicator,
    IndicatorSet,
    Stint,
    random_code,
)
from points.assessment.models.results import Appeal, Result, ResultLine, ScoreChange

__all__ = [
    "Appeal",
    "AssessmentPeriod",
    "AssessmentPeriodQuerySet",
    "Claim",
    "ClaimEvidence",
    "Fact",
    "Indicator",
    "IndicatorSet",
    "RatingSeen",
    "RatingTally",
    "Result",
    "ResultLine",
    "ScoreChange",
    "Stint",
    "random_code",
]
