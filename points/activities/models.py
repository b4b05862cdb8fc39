"""Activities: what volunteers can join, when, in which position, and who came.

An activity has shifts (a time), a shift has positions (a task with a number of seats), a registration is
one volunteer's seat. `Position.seats_taken` is counted under a lock, never summed on a page. Activities are
domain models, not Wagtail pages: what the public can change must not be rebuilt from a draft.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock
from points.activities.models_check_in import CheckInDevice as CheckInDevice
from points.activities.models_sign_up import Absence as Absence
from points.activities.models_sign_up import CalendarAddress as CalendarAddress
from points.activities.models_sign_up import HeldQualification as HeldQualification
from points.activities.models_sign_up import OrganiserMessage as OrganiserMessage
from points.activities.models_sign_up import Qualification as Qualification
from points.activities.models_sign_up import Series as Series
from points.activities.models_sign_up import SignupRules as SignupRules
from points.activities.models_sign_up import WaitlistEntry as WaitlistEntry
from points.activities.storage import PrivateStorage, random_name

if TYPE_CHECKING:
    from points.grids.models import GridUnit


def random_code() -> str:
    """Eight hexadecimal characters for addresses."""
    return secrets.token_hex(4)


def random_secret() -> str:
    """The seed of a shift's check-in codes."""
    return secrets.token_hex(16)


class ActivityQuerySet(models.QuerySet["Activity"]):
    def public(self) -> ActivityQuerySet:
        """What everybody may see: everything but drafts."""
        return self.exclude(state=Activity.State.DRAFT)

    def open(self) -> ActivityQuerySet:
        """Open for sign-up, with at least one shift still to come."""
        return self.filter(state=Activity.State.OPEN, last_ends_at__gt=clock.now())

    def in_subtree(self, grid: GridUnit) -> ActivityQuerySet:
        return self.filter(grid__path__startswith=grid.path)

    def with_counts(self) -> ActivityQuerySet:
        """Adds `seats`, `taken` and `waiting` (people who came, whose shift is over and not confirmed)."""
        positions = (
            Position.objects.filter(shift__activity=OuterRef("pk")).order_by().values("shift__activity")
        )
        waiting = (
            Registration.objects.unconfirmed()
            .filter(shift__activity=OuterRef("pk"))
            .order_by()
            .values("shift__activity")
        )
        return self.annotate(
            seats=whole_number(positions.annotate(number=Sum("capacity"))),
            taken=whole_number(positions.annotate(number=Sum("seats_taken"))),
            waiting=whole_number(waiting.annotate(number=Count("pk"))),
        )


def whole_number(rows: models.QuerySet[Any, Any]) -> Coalesce:
    """The `number` of a subquery, 0 if it has no row."""
    return Coalesce(Subquery(rows.values("number")), 0, output_field=models.IntegerField())


class Activity(models.Model):
    """Something to do together, run by one organiser for one unit of the grid tree."""

    class Category(models.TextChoices):
        ENVIRONMENT = "environment", pgettext_lazy("activity category", "Clean surroundings")
        CARE = "care", pgettext_lazy("activity category", "Care and visits")
        REPAIR = "repair", pgettext_lazy("activity category", "Small repairs")
        MEALS = "meals", pgettext_lazy("activity category", "Meals")
        SAFETY = "safety", pgettext_lazy("activity category", "Safety")
        OUTREACH = "outreach", pgettext_lazy("activity category", "Information")
        HEALTH = "health", pgettext_lazy("activity category", "Health")
        CULTURE = "culture", pgettext_lazy("activity category", "Culture and classes")
        MEDIATION = "mediation", pgettext_lazy("activity category", "Mediation")
        MEETING = "meeting", pgettext_lazy("activity category", "Residents' meeting")

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("activity state", "Draft")
        OPEN = "open", pgettext_lazy("activity state", "Open")
        CANCELLED = "cancelled", pgettext_lazy("activity state", "Cancelled")

    code = models.CharField(_("code"), max_length=16, unique=True, default=random_code, editable=False)
    title = models.CharField(_("title"), max_length=120)
    grid = models.ForeignKey(
        "grids.GridUnit", on_delete=models.PROTECT, related_name="activities", verbose_name=_("grid unit")
    )
    category = models.CharField(_("category"), max_length=20, choices=Category.choices)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.DRAFT)
    summary = models.CharField(_("what will be done"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    place = models.CharField(_("meeting place"), max_length=160)
    bring = models.CharField(_("what to bring"), max_length=160, blank=True)
    risk_note = models.CharField(
        _("risks to know about"), max_length=200, blank=True, help_text=_("Regulation 685, article 12.")
    )
    is_risky = models.BooleanField(_("people could get hurt"), default=False)
    is_insured = models.BooleanField(_("volunteers are insured"), default=False)
    is_service = models.BooleanField(
        _("counts as volunteer service"),
        default=True,
        help_text=_("A residents' meeting, for example, does not (Order 67, article 19)."),
    )
    min_age = models.PositiveSmallIntegerField(
        _("from this age"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text=_("Counted by the year of birth. Leave it empty if everybody can join."),
    )
    max_age = models.PositiveSmallIntegerField(
        _("up to this age"), null=True, blank=True, validators=[MaxValueValidator(120)]
    )
    needs = models.ManyToManyField(
        Qualification,
        blank=True,
        related_name="activities",
        verbose_name=_("what volunteers must have"),
        help_text=_("A skill, training or licence (Regulation 685, articles 15 and 16)."),
    )
    series = models.ForeignKey(
        Series,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="activities",
        verbose_name=_("series"),
    )
    organiser = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="organised_activities",
        verbose_name=_("organiser"),
    )
    organization = models.ForeignKey(
        "grids.Organization",
        on_delete=models.PROTECT,
        related_name="activities",
        verbose_name=_("recording unit"),
    )
    contact_phone = models.CharField(_("telephone for questions"), max_length=20, blank=True)
    cover = models.ForeignKey(
        "cms_images.CustomImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("picture"),
    )
    first_starts_at = models.DateTimeField(_("first shift starts"), null=True, editable=False)
    last_ends_at = models.DateTimeField(_("last shift ends"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)
    cancelled_reason = models.CharField(_("why it was cancelled"), max_length=120, blank=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="open") | Q(is_risky=False) | Q(is_insured=True),
                name="%(app_label)s_%(class)s_risky_is_insured",
                violation_error_message=_(
                    "Where people could get hurt, volunteers must be insured first "
                    "(Regulation 685, article 17)."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state="open") | Q(is_risky=False) | ~Q(risk_note=""),
                name="%(app_label)s_%(class)s_risky_is_explained",
                violation_error_message=_(
                    "Where people could get hurt, say in one sentence what the risks are "
                    "(Regulation 685, article 12)."
                ),
            ),
            models.CheckConstraint(
                condition=Q(min_age__isnull=True) | Q(max_age__isnull=True) | Q(max_age__gte=F("min_age")),
                name="%(app_label)s_%(class)s_ages",
                violation_error_message=_("The highest age cannot be below the lowest."),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "first_starts_at"], name="activities_open_idx"),
            models.Index(fields=["grid", "-first_starts_at"], name="activities_grid_idx"),
            models.Index(fields=["organiser", "-first_starts_at"], name="activities_organiser_idx"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("activities:detail", args=[self.code])


class Shift(models.Model):
    """One time of an activity. Sign-up closes when it starts unless an earlier time is given."""

    activity = models.ForeignKey(
        Activity, on_delete=models.CASCADE, related_name="shifts", verbose_name=_("activity")
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    signup_closes_at = models.DateTimeField(_("sign-up closes at"), null=True, blank=True)
    cancel_until = models.DateTimeField(_("can be cancelled until"), null=True, blank=True)
    secret = models.CharField(max_length=32, default=random_secret, editable=False)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="%(app_label)s_%(class)s_ends_after_start",
                violation_error_message=_("A shift ends after it starts."),
            )
        ]
        indexes = [models.Index(fields=["ends_at"], name="activities_shift_ends_idx")]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def planned_minutes(self) -> int:
        """The planned length in minutes."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


class Position(models.Model):
    """A task within a shift, with its seats."""

    shift = models.ForeignKey(
        Shift, on_delete=models.CASCADE, related_name="positions", verbose_name=_("shift")
    )
    name = models.CharField(_("position"), max_length=60)
    capacity = models.PositiveIntegerField(_("seats"), default=10)
    seats_taken = models.PositiveIntegerField(_("seats taken"), default=0, editable=False)

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["shift", "name"], name="%(app_label)s_%(class)s_name"),
            models.CheckConstraint(
                condition=Q(seats_taken__lte=F("capacity")),
                name="%(app_label)s_%(class)s_capacity",
                violation_error_message=_("More people have signed up than that."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def seats_left(self) -> int:
        return self.capacity - self.seats_taken


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def on_paper(self) -> RegistrationQuerySet:
        """Who stands on a sign-in sheet, in its order."""
        return (
            self.filter(state__in=Registration.HOLDS_A_SEAT)
            .select_related("volunteer", "position")
            .order_by("position__id", "volunteer__name", "pk")
        )

    def unconfirmed(self) -> RegistrationQuerySet:
        """Of people who came, whose shift is over, and whom nobody has confirmed yet."""
        return self.filter(
            state=Registration.State.SIGNED_UP,
            checked_in_at__isnull=False,
            shift__ends_at__lte=clock.now(),
        )


class Registration(models.Model):
    """One volunteer's seat in one shift, and whether they came."""

    class State(models.TextChoices):
        SIGNED_UP = "signed_up", pgettext_lazy("registration state", "Signed up")
        CANCELLED = "cancelled", pgettext_lazy("registration state", "Cancelled")
        LATE_CANCELLED = "late_cancelled", pgettext_lazy("registration state", "Cancelled late")
        CALLED_OFF = "called_off", pgettext_lazy("registration state", "Called off by the organiser")
        NO_SHOW = "no_show", pgettext_lazy("registration state", "Did not come")
        EXCUSED = "excused", pgettext_lazy("registration state", "Excused")
        RECORDED = "recorded", pgettext_lazy("registration state", "Recorded")

    class Method(models.TextChoices):
        CODE = "code", pgettext_lazy("check-in method", "Code on the organiser's screen")
        CARD = "card", pgettext_lazy("check-in method", "Member card")
        ROSTER = "roster", pgettext_lazy("check-in method", "Organiser's roster")
        SHEET = "sheet", pgettext_lazy("check-in method", "Sign-in sheet")
        PLANNED_END = "planned_end", pgettext_lazy("check-in method", "Closed at the planned end")

    HOLDS_A_SEAT = (State.SIGNED_UP, State.RECORDED, State.NO_SHOW, State.EXCUSED)

    position = models.ForeignKey(
        Position, on_delete=models.PROTECT, related_name="registrations", verbose_name=_("position")
    )
    shift = models.ForeignKey(
        Shift, on_delete=models.PROTECT, related_name="registrations", verbose_name=_("shift")
    )
    volunteer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="registrations",
        verbose_name=_("volunteer"),
    )
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.SIGNED_UP)
    signed_up_at = models.DateTimeField(_("signed up at"), default=clock.now)
    checked_in_at = models.DateTimeField(_("checked in at"), null=True, blank=True)
    checked_in_by = models.CharField(_("how"), max_length=12, choices=Method.choices, blank=True)
    checked_out_at = models.DateTimeField(_("checked out at"), null=True, blank=True)
    checked_out_by = models.CharField(_("how"), max_length=12, choices=Method.choices, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.UniqueConstraint(
                fields=["shift", "volunteer"],
                condition=Q(state__in=("signed_up", "recorded", "no_show", "excused")),
                name="%(app_label)s_%(class)s_one_seat",
            ),
            models.CheckConstraint(
                condition=Q(checked_out_at__isnull=True)
                | (Q(checked_in_at__isnull=False) & Q(checked_out_at__gte=F("checked_in_at"))),
                name="%(app_label)s_%(class)s_out_after_in",
                violation_error_message=_("Nobody can leave before coming."),
            ),
        ]
        indexes = [
            models.Index(fields=["volunteer", "-signed_up_at"], name="activities_reg_volunteer_idx"),
            models.Index(fields=["shift", "state"], name="activities_reg_shift_idx"),
            models.Index(
                fields=["shift"],
                condition=Q(checked_in_at__isnull=False, checked_out_at__isnull=True),
                name="activities_reg_inside_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer_id} → {self.shift_id}"


class ImportRun(models.Model):
    """One sign-in sheet on its way in: looked at first, imported after a second press.

    The work is done in the background, chunk by chunk, and can be left and found again. `attempt` counts how
    often it was begun and `claim` names whoever works at it: a task delivered twice, or one that was thought
    dead, finds that it no longer has the claim and writes nothing.
    """

    class State(models.TextChoices):
        CHECKING = "checking", pgettext_lazy("import state", "Being checked")
        CHECKED = "checked", pgettext_lazy("import state", "Checked, not imported yet")
        IMPORTING = "importing", pgettext_lazy("import state", "Being imported")
        DONE = "done", pgettext_lazy("import state", "Imported")
        FAILED = "failed", pgettext_lazy("import state", "Stopped")

    WORKING = (State.CHECKING, State.IMPORTING)
    SILENCE = dt.timedelta(minutes=10)
    """Longer than a task may run: whoever says nothing for so long is dead."""

    code = models.CharField(_("code"), max_length=32, unique=True, default=random_secret, editable=False)
    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="imports", verbose_name=_("activity")
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    file = models.FileField(_("file"), storage=PrivateStorage(), upload_to=random_name, blank=True)
    file_name = models.CharField(_("file name"), max_length=120, blank=True)
    options: models.JSONField[dict[str, Any]] = models.JSONField(_("options"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.CHECKING)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    report: models.JSONField[dict[str, Any]] = models.JSONField(_("sums"), default=dict, blank=True)
    rows: models.JSONField[list[Any]] = models.JSONField(_("row by row"), default=list, blank=True)
    failure = models.CharField(_("why it stopped"), max_length=40, blank=True)
    attempt = models.PositiveIntegerField(default=1, editable=False)
    claim = models.CharField(max_length=32, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)
    touched_at = models.DateTimeField(default=clock.now, editable=False)
    import_started_at = models.DateTimeField(_("import started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("import of a sign-in sheet")
        verbose_name_plural = _("imports of sign-in sheets")
        indexes = [models.Index(fields=["uploaded_by", "-created_at"], name="activities_import_mine_idx")]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.created_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("activities_import_run", args=[self.code])

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKING and not self.is_silent

    @property
    def is_silent(self) -> bool:
        """Whoever works at it has not said anything for too long."""
        return self.state in self.WORKING and self.touched_at < clock.now() - self.SILENCE

    @property
    def was_importing(self) -> bool:
        """Whether the second press has been made: from then on rows may have been written."""
        return self.import_started_at is not None

    @property
    def percent(self) -> int:
        return 100 * self.rows_done // self.rows_total if self.rows_total else 0
