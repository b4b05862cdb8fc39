"""What stands around a sign-up: a place's rules, waiting lists, answers to "did not come", qualifications.

Kept apart from `models.py`, which holds the activity, its shifts and seats. The numbers in `SignupRules` are
a community's own data; where nobody has written any, the defaults of the columns hold.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock

if TYPE_CHECKING:
    from points.grids.models import GridUnit

STEP = 4
"""Letters of a path per level of the grid tree."""


def random_token() -> str:
    """192 bits nobody can guess: the secret part of a calendar's address."""
    return secrets.token_urlsafe(24)


def random_series_code() -> str:
    return secrets.token_hex(4)


class SignupRules(models.Model):
    """How a place deals with waiting lists and with people who do not come (F-V2, journey J1).

    They hold in the unit's whole subtree; the nearest unit above an activity decides. Beans are never taken:
    volunteering is voluntary (Regulation 685, articles 2 and 3).
    """

    grid = models.OneToOneField(
        "grids.GridUnit", on_delete=models.CASCADE, related_name="signup_rules", verbose_name=_("grid unit")
    )
    no_show_limit = models.PositiveSmallIntegerField(
        _("missed shifts before a pause"),
        default=3,
        validators=[MaxValueValidator(50)],
        help_text=_("Unexcused ones only. 0: never a pause."),
    )
    no_show_window_days = models.PositiveSmallIntegerField(
        _("counted over so many days"), default=90, validators=[MinValueValidator(1), MaxValueValidator(730)]
    )
    pause_days = models.PositiveSmallIntegerField(
        _("length of the pause in days"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    answer_hours = models.PositiveSmallIntegerField(
        _("hours to answer a mark"), default=72, validators=[MinValueValidator(24), MaxValueValidator(720)]
    )
    confirm_hours = models.PositiveSmallIntegerField(
        _("hours to take an offered place"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(168)],
        help_text=_("Shortened by itself when the shift is near."),
    )
    messages_a_day = models.PositiveSmallIntegerField(
        _("organiser's messages a day for one shift"), default=3, validators=[MaxValueValidator(50)]
    )

    class Meta:
        verbose_name = _("sign-up rules")
        verbose_name_plural = _("sign-up rules")
        constraints = [
            models.CheckConstraint(
                condition=Q(answer_hours__gte=24),
                name="%(app_label)s_%(class)s_a_day_to_answer",
                violation_error_message=_("People need at least 24 hours to answer."),
            ),
            models.CheckConstraint(
                condition=Q(confirm_hours__gte=1, pause_days__gte=1, no_show_window_days__gte=1),
                name="%(app_label)s_%(class)s_whole_numbers",
                violation_error_message=_("Hours and days here are at least 1."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.grid)

    @classmethod
    def at(cls, grid: GridUnit) -> SignupRules:
        """The rules in force for this unit: those of the nearest unit above, else the defaults. One query."""
        above = [grid.path[:end] for end in range(STEP, len(grid.path) + 1, STEP)]
        found = cls.objects.filter(grid__path__in=above).select_related("grid").order_by("-grid__path")
        return found.first() or cls()


class Qualification(models.Model):
    """A named skill, training or licence that an activity may ask for (Regulation 685, articles 15, 16)."""

    name = models.CharField(_("name"), max_length=60)
    grid = models.ForeignKey(
        "grids.GridUnit",
        on_delete=models.PROTECT,
        related_name="qualifications",
        verbose_name=_("grid unit"),
        help_text=_("It can be asked for here and in everything below."),
    )
    how = models.CharField(
        _("how to get it"),
        max_length=160,
        blank=True,
        help_text=_("One sentence for those who do not have it yet."),
    )

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["grid", "name"],
                name="%(app_label)s_%(class)s_name",
                violation_error_message=_("There is already one of that name here."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class HeldQualification(models.Model):
    """This volunteer has this qualification, seen by somebody of the unit; it may run out."""

    qualification = models.ForeignKey(
        Qualification, on_delete=models.PROTECT, related_name="holders", verbose_name=_("qualification")
    )
    volunteer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="qualifications",
        verbose_name=_("volunteer"),
    )
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        null=True,
        verbose_name=_("entered by"),
    )
    entered_at = models.DateTimeField(_("entered at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("volunteer's qualification")
        verbose_name_plural = _("volunteers' qualifications")
        constraints = [
            models.UniqueConstraint(
                fields=["qualification", "volunteer"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message=_("This person is already written down; change the date there."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.volunteer} · {self.qualification}"


class Series(models.Model):
    """Activities that were made by repeating one: each stands alone, and knows which come later."""

    code = models.CharField(max_length=16, unique=True, default=random_series_code, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")

    def __str__(self) -> str:
        return self.code


class WaitlistEntry(models.Model):
    """One person's place in the queue for one position.

    An offered place is a seat (it is counted in `Position.seats_taken`) that nobody else can take until
    `confirm_by`; declining it or letting it lapse gives exactly that seat back, once.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("waiting list state", "Waiting")
        OFFERED = "offered", pgettext_lazy("waiting list state", "A place is offered")
        TAKEN = "taken", pgettext_lazy("waiting list state", "Has a place")
        DECLINED = "declined", pgettext_lazy("waiting list state", "Declined")
        LAPSED = "lapsed", pgettext_lazy("waiting list state", "Not answered in time")
        LEFT = "left", pgettext_lazy("waiting list state", "Left the list")
        CLOSED = "closed", pgettext_lazy("waiting list state", "List closed")

    OPEN = (State.WAITING, State.OFFERED)

    position = models.ForeignKey(
        "activities.Position", on_delete=models.PROTECT, related_name="waitlist", verbose_name=_("position")
    )
    shift = models.ForeignKey(
        "activities.Shift", on_delete=models.PROTECT, related_name="waitlist", verbose_name=_("shift")
    )
    volunteer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="waitlist_entries",
        verbose_name=_("volunteer"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    joined_at = models.DateTimeField(_("joined at"), default=clock.now)
    offered_at = models.DateTimeField(_("offered at"), null=True, blank=True)
    confirm_by = models.DateTimeField(_("to be taken before"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    registration = models.ForeignKey(
        "activities.Registration",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("registration"),
    )

    class Meta:
        verbose_name = _("place on a waiting list")
        verbose_name_plural = _("places on waiting lists")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shift", "volunteer"],
                condition=Q(state__in=("waiting", "offered")),
                name="%(app_label)s_%(class)s_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(confirm_by__isnull=False, offered_at__isnull=False),
                name="%(app_label)s_%(class)s_offer_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(confirm_by__isnull=True) | Q(confirm_by__gt=F("offered_at")),
                name="%(app_label)s_%(class)s_time_to_answer",
            ),
            models.CheckConstraint(
                condition=Q(registration__isnull=True) | Q(state="taken"),
                name="%(app_label)s_%(class)s_taken_has_a_seat",
            ),
        ]
        indexes = [
            models.Index(
                fields=["position", "id"],
                condition=Q(state="waiting"),
                name="activities_waiting_idx",
            ),
            models.Index(fields=["confirm_by"], condition=Q(state="offered"), name="activities_offer_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer_id} ⋯ {self.position_id}"

    @property
    def is_lapsed(self) -> bool:
        """Whether the time to take the offered place is over, written down or not."""
        return self.state == self.State.LAPSED or (
            self.state == self.State.OFFERED
            and self.confirm_by is not None
            and self.confirm_by <= clock.now()
        )


class Absence(models.Model):
    """A mark "did not come", what the person says to it, and what somebody else decides.

    The mark counts while the registration still says so and no answer is waiting or was accepted.
    """

    class Answer(models.TextChoices):
        CAME = "came", pgettext_lazy("answer to a mark", "I was there")
        ILL = "ill", pgettext_lazy("answer to a mark", "I was ill, or it was an emergency")
        TOLD = "told", pgettext_lazy("answer to a mark", "I had told the organiser")
        OTHER = "other", pgettext_lazy("answer to a mark", "Something else")

    class Decision(models.TextChoices):
        WAITING = "", pgettext_lazy("decision on an answer", "Not decided")
        LIFTED = "lifted", pgettext_lazy("decision on an answer", "Mark lifted")
        UPHELD = "upheld", pgettext_lazy("decision on an answer", "Mark stays")

    registration = models.OneToOneField(
        "activities.Registration",
        on_delete=models.CASCADE,
        related_name="absence",
        verbose_name=_("registration"),
    )
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("marked by")
    )
    marked_at = models.DateTimeField(_("marked at"), default=clock.now)
    answer_until = models.DateTimeField(_("can be answered until"))
    answer = models.CharField(_("answer"), max_length=8, choices=Answer.choices, blank=True)
    words = models.CharField(_("in the person's own words"), max_length=300, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    decision = models.CharField(
        _("decision"), max_length=8, choices=Decision.choices, blank=True, default=Decision.WAITING
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("missed shift")
        verbose_name_plural = _("missed shifts")
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="%(app_label)s_%(class)s_decided_by",
            ),
            models.CheckConstraint(
                condition=Q(decision="") | Q(answered_at__isnull=False),
                name="%(app_label)s_%(class)s_answered_first",
            ),
        ]
        indexes = [
            models.Index(
                fields=["answered_at"],
                condition=Q(decision="", answered_at__isnull=False),
                name="activities_answer_open_idx",
            )
        ]

    def __str__(self) -> str:
        return f"{self.registration_id} {self.marked_at:%Y-%m-%d}"

    @property
    def is_waiting(self) -> bool:
        """Answered, and nobody has decided yet."""
        return self.answered_at is not None and self.decision == self.Decision.WAITING

    @property
    def can_be_answered(self) -> bool:
        return self.answered_at is None and clock.now() < self.answer_until


class OrganiserMessage(models.Model):
    """What an organiser wrote to everybody of one shift (F-O6). Kept, so that it can be looked up."""

    shift = models.ForeignKey(
        "activities.Shift", on_delete=models.PROTECT, related_name="messages", verbose_name=_("shift")
    )
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("sent by")
    )
    sent_at = models.DateTimeField(_("sent at"), default=clock.now)
    text = models.CharField(_("message"), max_length=300)
    people = models.PositiveIntegerField(_("people told"), default=0)

    class Meta:
        verbose_name = _("organiser's message")
        verbose_name_plural = _("organiser's messages")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.shift_id} {self.sent_at:%Y-%m-%d %H:%M}"


class CalendarAddress(models.Model):
    """The secret address under which a person's own calendar can be read. A new one kills the old one."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="calendar_address",
        verbose_name=_("person"),
    )
    token = models.CharField(max_length=40, unique=True, default=random_token, editable=False)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self) -> str:
        return str(self.user_id)
