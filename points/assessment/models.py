"""Assessment of grid leaders: a published list of indicators, counted, reviewed, shown, appealed, explained.

A period assesses everybody who holds one role in one subtree from one day to another:
draft → open (indicators published and frozen) → counting → notice → closed. What counts are facts the system
finds itself, claims with evidence that somebody else reviewed, and ratings without authors. A result is
whole points in the unit SCORE; it is never spendable and nothing turns it into beans (decision in
docs/assessment.md). Facts stay with the code their unit had when the period was opened.
"""

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

from points import clock
from points.assessment.kinds import SOURCES, Function, Kind, Question, Source
from points.grids.models import Role, private_storage


def random_code() -> str:
    """Eight hexadecimal characters for addresses."""
    return secrets.token_hex(4)


def person_field(name: str, **options: Any) -> models.ForeignKey[Any, Any]:
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


# --- What counts ----------------------------------------------------------------------------------------
class Fact(models.Model):
    """Something the system found: an activity, a meeting, a list confirmed in time.

    What nobody but the leader vouches for waits until somebody else has looked at it.
    """

    class State(models.TextChoices):
        COUNTED = "counted", pgettext_lazy("fact", "Counted")
        WAITING = "waiting", pgettext_lazy("fact", "Waits for a second look")
        STRUCK = "struck", pgettext_lazy("fact", "Does not count")

    period = models.ForeignKey(AssessmentPeriod, on_delete=models.CASCADE, related_name="facts")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    leader = person_field(_("leader"))
    reference = models.CharField(_("what was found"), max_length=80)
    title = models.CharField(_("title"), max_length=120)
    unit_code = models.CharField(_("grid code"), max_length=32)
    happened_on = models.DateField(_("date"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.COUNTED)
    decided_by = person_field(_("decided by"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        ordering = ["happened_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "indicator", "reference"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("leader")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Nobody confirms their own facts."),
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Claim(models.Model):
    """What a leader says was done: one thing, one day, with evidence where the indicator demands it."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", pgettext_lazy("claim", "Waits for review")
        ACCEPTED = "accepted", pgettext_lazy("claim", "Accepted")
        REJECTED = "rejected", pgettext_lazy("claim", "Not accepted")
        WITHDRAWN = "withdrawn", pgettext_lazy("claim", "Withdrawn")

    period = models.ForeignKey(AssessmentPeriod, on_delete=models.CASCADE, related_name="claims")
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="+", verbose_name=_("indicator")
    )
    leader = person_field(_("leader"))
    happened_on = models.DateField(_("date"))
    note = models.CharField(_("what was done"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.SUBMITTED)
    submitted_at = models.DateTimeField(_("submitted at"), default=clock.now)
    reviewed_by = person_field(_("reviewed by"), null=True)
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["-happened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("leader")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Nobody reviews their own claims."),
            )
        ]
        indexes = [models.Index(fields=["period", "state"], name="assessment_claim_state_idx")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.happened_on}"


class ClaimEvidence(models.Model):
    """One paper or picture beside a claim, checked by its content, without the camera's notes."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="evidence")
    file = models.FileField(_("file"), upload_to="claims/%Y/%m/", storage=private_storage, max_length=160)
    name = models.CharField(_("file name"), max_length=100)
    content_type = models.CharField(_("kind of file"), max_length=40)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")

    def __str__(self) -> str:
        return self.name


class RatingTally(models.Model):
    """How often each number of stars was given for a unit in a period: sums only, no answer of anybody."""

    period = models.ForeignKey(AssessmentPeriod, on_delete=models.CASCADE, related_name="tallies")
    unit_code = models.CharField(_("grid code"), max_length=32)
    question = models.CharField(_("question"), max_length=10, choices=Question.choices)
    stars = models.PositiveSmallIntegerField(_("stars"))
    answers = models.PositiveIntegerField(_("answers"), default=0)

    class Meta:
        verbose_name = _("ratings")
        verbose_name_plural = _("ratings")
        constraints = [
            models.UniqueConstraint(
                fields=["period", "unit_code", "question", "stars"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(stars__gte=1) & Q(stars__lte=5), name="%(app_label)s_%(class)s_stars"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_code} {self.question} {self.stars}: {self.answers}"


class RatingSeen(models.Model):
    """A device has answered for a unit: a keyed digest without a time, deleted when the counting begins."""

    period = models.ForeignKey(AssessmentPeriod, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("device that has answered")
        verbose_name_plural = _("devices that have answered")
        constraints = [
            models.UniqueConstraint(fields=["period", "digest"], name="%(app_label)s_%(class)s_once")
        ]

    def __str__(self) -> str:
        return self.digest[:8]


# --- Results --------------------------------------------------------------------------------------------
class Result(models.Model):
    """One leader's points in one period. `points` is what the books say once the period is closed."""

    period = models.ForeignKey(
        AssessmentPeriod,
        on_delete=models.CASCADE,
        related_name="results",
        verbose_name=_("assessment period"),
    )
    leader = person_field(_("leader"))
    units = models.CharField(_("grid units"), max_length=200)
    days = models.PositiveSmallIntegerField(_("days in office"))
    points = models.PositiveIntegerField(_("points"))
    maximum = models.PositiveIntegerField(_("points that were possible"))
    transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        constraints = [
            models.UniqueConstraint(fields=["period", "leader"], name="%(app_label)s_%(class)s_once"),
            models.CheckConstraint(
                condition=Q(points__lte=F("maximum")), name="%(app_label)s_%(class)s_within"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leader} {self.points}"


class ResultLine(models.Model):
    """One indicator of one result: how many counted, and what that gave."""

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="lines")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    count = models.PositiveIntegerField(_("counted"))
    points = models.PositiveIntegerField(_("points"))
    maximum = models.PositiveIntegerField(_("points that were possible"))

    class Meta:
        verbose_name = _("line of a result")
        verbose_name_plural = _("lines of results")
        constraints = [
            models.UniqueConstraint(fields=["result", "indicator"], name="%(app_label)s_%(class)s_once")
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.points}/{self.maximum}"


class ScoreChange(models.Model):
    """A score that changed after it was published, and why: visible to its owner, posted when closed."""

    class Cause(models.TextChoices):
        FACT = "fact_reversed", pgettext_lazy("why a score changed", "A fact turned out not to hold")
        APPEAL = "appeal", pgettext_lazy("why a score changed", "An appeal was upheld")

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="changes")
    cause = models.CharField(_("why"), max_length=16, choices=Cause.choices)
    reference = models.CharField(_("what it rests on"), max_length=80)
    before = models.PositiveIntegerField(_("before"))
    after = models.PositiveIntegerField(_("after"))
    by = person_field(_("decided by"))
    at = models.DateTimeField(_("when"), default=clock.now)
    transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("change of a score")
        verbose_name_plural = _("changes of scores")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class Appeal(models.Model):
    """A leader says that something was not counted; a third person decides."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("appeal", "Waits for a decision")
        UPHELD = "upheld", pgettext_lazy("appeal", "Upheld")
        DISMISSED = "dismissed", pgettext_lazy("appeal", "Dismissed")

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="appeals")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    leader = person_field(_("leader"))
    text = models.CharField(_("what was not counted"), max_length=400)
    filed_at = models.DateTimeField(_("filed at"), default=clock.now)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    added = models.PositiveSmallIntegerField(_("so many more count"), default=0)
    decided_by = person_field(_("decided by"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    answer = models.CharField(_("answer"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["result", "indicator"],
                condition=Q(state="open"),
                name="%(app_label)s_%(class)s_one_open",
                violation_error_message=_("Your appeal on this line is waiting for a decision."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("leader")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Nobody decides their own appeal."),
            ),
            models.CheckConstraint(
                condition=Q(state="upheld", added__gte=1) | (~Q(state="upheld") & Q(added=0)),
                name="%(app_label)s_%(class)s_added",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leader_id} {self.indicator_id}"
