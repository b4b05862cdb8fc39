"""Ratings without authors: a signed link per unit and period, answers kept as sums only.

Nothing says who answered, when, or what one person answered. That one telephone answers once is known by a
cookie; of it only a keyed digest is kept beside the sums, without a time, and it is deleted when the counting
begins.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils.crypto import salted_hmac

from points import clock, dates
from points.assessment import errors
from points.assessment.kinds import LEAST_ANSWERS, STARS, Question
from points.assessment.models import AssessmentPeriod, RatingSeen, RatingTally
from points.assessment.scoring import Stars
from points.assessment.services.standing import State, chains_of, lock
from points.grids.models import GridUnit

SALT = "points.assessment.rating"


@dataclass(frozen=True)
class Form:
    """What a link asks about."""

    period: AssessmentPeriod
    unit: GridUnit


def token_for(period: AssessmentPeriod, unit_code: str) -> str:
    """The signed part of the link that is handed out; the same every time."""
    return signing.Signer(salt=SALT, sep="~").sign(f"{period.code}.{unit_code}").replace(".", "_", 1)


def form_of(token: str) -> Form:
    """What a link asks about. Refuses with rating_unknown."""
    try:
        text = signing.Signer(salt=SALT, sep="~").unsign(token.replace("_", ".", 1))
    except signing.BadSignature:
        raise errors.RatingUnknown() from None
    code, _dot, unit_code = text.partition(".")
    period = AssessmentPeriod.objects.public().select_related("grid").filter(code=code).first()
    unit = GridUnit.objects.filter(code=unit_code).first()
    if period is None or unit is None or unit_code not in chains_of(period):
        raise errors.RatingUnknown()
    return Form(period, unit)


def new_device() -> str:
    """The value of a new cookie: random, about nobody."""
    return secrets.token_urlsafe(18)


def has_answered(form: Form, *, device: str) -> bool:
    """Whether an answer about this unit came from the device with this cookie."""
    return RatingSeen.objects.filter(period=form.period, digest=_digest(form, device)).exists()


def demand_running(form: Form) -> None:
    """Refuses with rating_over."""
    period = form.period
    if period.state != State.OPEN or not period.from_on <= clock.today() <= period.to_on:
        raise errors.RatingOver(first=dates.date(period.from_on), last=dates.date(period.to_on))


@transaction.atomic
def answer(form: Form, *, stars: Mapping[str, int], device: str) -> None:
    """Add one answer to the sums. Refuses with rating_over, rating_incomplete, rated_already."""
    period = lock(form.period)
    demand_running(Form(period, form.unit))
    if set(stars) != set(Question.values) or any(not 1 <= given <= STARS for given in stars.values()):
        raise errors.RatingIncomplete()
    try:
        with transaction.atomic():
            RatingSeen.objects.create(period=period, digest=_digest(form, device))
    except IntegrityError:
        raise errors.RatedAlready() from None
    for question, given in stars.items():
        tally, _created = RatingTally.objects.get_or_create(
            period=period, unit_code=form.unit.code, question=question, stars=given
        )
        RatingTally.objects.filter(pk=tally.pk).update(answers=F("answers") + 1)


def stars_of(period: AssessmentPeriod) -> dict[str, Stars]:
    """The sums by unit, however few: for the formula, which counts from five answers up."""
    rows = (
        RatingTally.objects.filter(period=period)
        .values("unit_code")
        .annotate(all=Sum("answers"), stars_given=Sum(F("answers") * F("stars")))
    )
    number = len(Question)
    return {row["unit_code"]: Stars(row["all"] // number, row["stars_given"], number) for row in rows}


def shown(period: AssessmentPeriod, unit_code: str) -> list[tuple[str, int]] | None:
    """(question, mean in tenths of a star), or None below five answers."""
    whole = stars_of(period).get(unit_code)
    if whole is None or whole.answers < LEAST_ANSWERS:
        return None
    rows = (
        RatingTally.objects.filter(period=period, unit_code=unit_code)
        .values("question")
        .annotate(all=Sum("answers"), stars_given=Sum(F("answers") * F("stars")))
    )
    means = {row["question"]: round(10 * row["stars_given"] / row["all"]) for row in rows}
    return [(str(Question(question).label), means[question]) for question in Question.values]


def _digest(form: Form, device: str) -> str:
    return salted_hmac(
        "points.assessment.device",
        f"{form.period.code}:{form.unit.code}:{device}",
        algorithm="sha256",
    ).hexdigest()
