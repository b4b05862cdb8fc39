"""What this room knows about a person, for that person's own copy: results, claims, appeals as a leader."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from points.assessment.models import Appeal, Claim, Result
from points.people.models import User
from points.people.own_data import Row, Section, register


def _results(user: User) -> Iterator[Row]:
    for row in Result.objects.filter(leader=user).select_related("period").order_by("pk").iterator():
        yield {"period": row.period.title, "days": row.days, "points": row.points, "maximum": row.maximum}


def _claims(user: User) -> Iterator[Row]:
    rows = Claim.objects.filter(leader=user).select_related("period", "indicator")
    for row in rows.order_by("pk").iterator():
        yield {
            "period": row.period.title,
            "indicator": str(row.indicator),
            "on": row.happened_on,
            "text": row.note,
            "state": row.get_state_display(),
            "answer": row.reason,
        }


def _appeals(user: User) -> Iterator[Row]:
    for row in Appeal.objects.filter(leader=user).select_related("result__period").order_by("pk").iterator():
        yield {
            "period": row.result.period.title,
            "text": row.text,
            "state": row.get_state_display(),
            "answer": row.answer,
        }


_PERIOD = {"period": _("Period")}
_SAID = {"text": _("In my words"), "state": _("State"), "answer": _("Answer")}
register(
    Section(
        "scores",
        _("My results as a grid leader"),
        {**_PERIOD, "days": _("Days"), "points": _("Points"), "maximum": _("At most")},
        _results,
        order=70,
    )
)
register(
    Section(
        "score_claims",
        _("What I claimed as a grid leader"),
        {**_PERIOD, "indicator": _("Indicator"), "on": _("Date"), **_SAID},
        _claims,
        order=71,
    )
)
register(Section("score_appeals", _("My appeals as a grid leader"), {**_PERIOD, **_SAID}, _appeals, order=72))
