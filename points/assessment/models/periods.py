"""What counts in a community, the periods in which it counts, and the days of everybody in office."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points.assessment.kinds import SOURCES, Function, Kind, Source
from points.grids.models import Role


def random_code() -> str:
    """Eight hexadecimal characters for addresses."""
    return secrets.token_hex(4)


def person_field(name: Any, **options: Any) -> models.ForeignKey[Any, Any]:
    """Somebody who did something: kept as long as the row."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=name,
        **options,
    )


# --- Indicators -----------------------------------------------------------------------------------------
class IndicatorSet(models.Model):
    """The indicators of one community. Published with the first period that uses it, and frozen from then."""

    grid = models.ForeignKey(
        "grids.GridUnit", on_delete=models.PROTECT, related_name="+", verbose_name=_("grid unit")
    )
    name = models.CharField(_("name"), max_length=80)
    prompt_days = models.PositiveSmallIntegerField(
        _("days to confirm attendance in time"),
        default=3,
        help_text=_("A list confirmed within so many days after the end counts as in time."),
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("set of indicators")
        verbose_name_plural = _("sets of indicators")
        constraints = [
            models.UniqueConstraint(fields=["grid", "name"], name="%(app_label)s_%(class)s_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_frozen(self) -> bool:
        return self.published_at is not None


class Indicator(models.Model):
    """One line of a set: so many points for each, up to a cap in a whole period."""

    indicator_set = models.ForeignKey(
        IndicatorSet,
        on_delete=models.CASCADE,
        related_name="indicators",
        verbose_name=_("set of indicators"),
    )
    kind = models.CharField(_("indicator"), max_length=16, choices=Kind.choices)
    function = models.CharField(_("function"), max_length=12, choices=Function.choices)
    weight = models.PositiveSmallIntegerField(_("points for each"), default=5)
    cap = models.PositiveSmallIntegerField(_("at most in a period"), default=20)
    needs_evidence = models.BooleanField(
        _("evidence demanded"), default=False, help_text=_("Only for indicators that are claimed.")
    )

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["function", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator_set", "kind"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message=_("This indicator is in the set already."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values),
                name="%(app_label)s_%(class)s_known",
                violation_error_message=_(
                    "Only what is on the list can be assessed; nothing about residents is."
                ),
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=1) & Q(cap__gte=F("weight")) & Q(cap__lte=1000),
                name="%(app_label)s_%(class)s_points",
                violation_error_message=_("At least one point for each, and a cap between that and 1000."),
            ),
            models.CheckConstraint(
                condition=Q(needs_evidence=False)
                | Q(kind__in=[kind for kind, source in SOURCES.items() if source == Source.CLAIM]),
                name="%(app_label)s_%(class)s_evidence",
                violation_error_message=_("Evidence can be demanded only for what is claimed."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def source(self) -> Source:
        return SOURCES[self.kind]


# --- Periods --------------------------------------------------------------------------------------------
class AssessmentPeriodQuerySet(models.QuerySet["AssessmentPeriod"]):
    def public(self) -> AssessmentPeriodQuerySet:
        """What everybody may read: everything but drafts."""
        return self.exclude(state=AssessmentPeriod.State.DRAFT)


class AssessmentPeriod(models.Model):
    """One assessment of everybody who holds `role` in a subtree, from one day to another."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("assessment period", "Draft")
        OPEN = "open", pgettext_lazy("assessment period", "Running")
        COUNTING = "counting", pgettext_lazy("assessment period", "Being counted and reviewed")
        NOTICE = "notice", pgettext_lazy("assessment period", "In public notice")
        CLOSED = "closed", pgettext_lazy("assessment period", "Closed")

    class Visibility(models.TextChoices):
        NONE = "none", pgettext_lazy("ranking", "No ranking: everybody sees only their own")
        TOP_THIRD = "top_third", pgettext_lazy("ranking", "Only the top third")
        ALL = "all", pgettext_lazy("ranking", "Everybody")

    ROLES = (Role.MICRO_GRID_LEADER, Role.GRID_LEADER, Role.BUILDING_LEADER)

    code = models.CharField(_("code"), max_length=16, unique=True, default=random_code, editable=False)
    title = models.CharField(_("title"), max_length=80)
    grid = models.ForeignKey(
        "grids.GridUnit", on_delete=models.PROTECT, related_name="+", verbose_name=_("grid unit")
    )
    role = models.CharField(
        _("who is assessed"),
        max_length=20,
        choices=[(role.value, role.label) for role in ROLES],
        default=Role.MICRO_GRID_LEADER,
    )
    indicator_set = models.ForeignKey(
        IndicatorSet, on_delete=models.PROTECT, related_name="periods", verbose_name=_("set of indicators")
    )
    from_on = models.DateField(_("first day"))
    to_on = models.DateField(_("last day"))
    notice_days = models.PositiveSmallIntegerField(_("days of public notice"), default=5)
    appeal_days = models.PositiveSmallIntegerField(
        _("days to appeal after the notice"),
        default=10,
        help_text=_("Whoever was away during the notice can still appeal; the score is then corrected."),
    )
    visibility = models.CharField(
        _("ranking"),
        max_length=10,
        choices=Visibility.choices,
        default=Visibility.TOP_THIRD,
        help_text=_("Nobody is shown without having agreed to it, and minors never are."),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False
    )
    tree: models.JSONField[dict[str, str]] = models.JSONField(
        _("units on the opening day"), default=dict, editable=False
    )
    """The code of every unit with the code above it, as they stood when the period was opened."""
    opened_at = models.DateTimeField(_("opened at"), null=True, editable=False)
    counted_at = models.DateTimeField(_("counted at"), null=True, editable=False)
    counted_by = person_field(_("counted by"), null=True, editable=False)
    noticed_at = models.DateTimeField(_("published at"), null=True, editable=False)
    notice_ends_on = models.DateField(_("last day of the notice"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)
    closed_by = person_field(_("closed by"), null=True, editable=False)

    objects = AssessmentPeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment period")
        verbose_name_plural = _("assessment periods")
        ordering = ["-from_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__gte=F("from_on")),
                name="%(app_label)s_%(class)s_dates",
                violation_error_message=_("The last day cannot be before the first."),
            ),
            models.CheckConstraint(
                condition=Q(notice_days__gte=1) & Q(notice_days__lte=60) & Q(appeal_days__lte=90),
                name="%(app_label)s_%(class)s_days",
                violation_error_message=_(
                    "The notice lasts 1 to 60 days; appeals end at most 90 days later."
                ),
            ),
        ]
        indexes = [models.Index(fields=["grid", "-from_on"], name="assessment_period_grid_idx")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("assessment:period", args=[self.code])

    @property
    def days(self) -> int:
        """The length of the period in days, both ends included."""
        return (self.to_on - self.from_on).days + 1

    @property
    def last_appeal_on(self) -> dt.date | None:
        """The last day on which an appeal is taken."""
        return self.notice_ends_on + dt.timedelta(days=self.appeal_days) if self.notice_ends_on else None


class Stint(models.Model):
    """One leader's days on one unit in one period, as they stood when the counting began."""

    period = models.ForeignKey(AssessmentPeriod, on_delete=models.CASCADE, related_name="stints")
    leader = person_field(_("leader"))
    unit_code = models.CharField(_("grid code"), max_length=32)
    unit_name = models.CharField(_("grid unit"), max_length=80)
    from_on = models.DateField(_("from"))
    to_on = models.DateField(_("to"))

    class Meta:
        verbose_name = _("days in office")
        verbose_name_plural = _("days in office")
        constraints = [
            models.UniqueConstraint(
                fields=["period", "unit_code", "from_on"], name="%(app_label)s_%(class)s_one_leader"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit_code} {self.from_on}–{self.to_on}"
