"""The grid tree and the people's places in it.

A town is a tree of grid units (街道 → 社区 → 网格 → 微网格; three to six levels). A role
is a row: this person, this role, this subtree, from–to. Rights follow from rows, never from a flag on the
person; `points.grids.policies` is the only place that reads them.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from treebeard.mp_tree import MP_Node

from points import clock
from points.grids.models_teams import Team as Team
from points.grids.models_teams import TeamMember as TeamMember

if TYPE_CHECKING:
    from django.db.models import QuerySet


class GridUnit(MP_Node):  # type: ignore[misc]
    """One node of the town's tree. `code` never changes; a split or merge gives new units new codes."""

    class Level(models.TextChoices):
        DISTRICT = "district", pgettext_lazy("grid level", "District")
        TOWN = "town", pgettext_lazy("grid level", "Town")
        SUBDISTRICT = "subdistrict", pgettext_lazy("grid level", "Subdistrict")
        VILLAGE = "village", pgettext_lazy("grid level", "Village")
        COMMUNITY = "community", pgettext_lazy("grid level", "Community")
        GRID = "grid", pgettext_lazy("grid level", "Grid")
        MICRO_GRID = "micro_grid", pgettext_lazy("grid level", "Micro-grid")
        COMPOUND = "compound", pgettext_lazy("grid level", "Residential compound")
        BUILDING = "building", pgettext_lazy("grid level", "Building")

    class Kind(models.TextChoices):
        RESIDENTIAL = "residential", pgettext_lazy("grid kind", "Residential")
        EXCLUSIVE = "exclusive", pgettext_lazy("grid kind", "Exclusive (market, school, company)")

    code = models.CharField(
        _("grid code"),
        max_length=32,
        unique=True,
        validators=[RegexValidator(r"^[0-9A-Za-z-]+$", _("Letters, digits and hyphens only."))],
    )
    name = models.CharField(_("name"), max_length=80)
    level = models.CharField(_("level"), max_length=12, choices=Level.choices)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.RESIDENTIAL)
    opened_on = models.DateField(_("opened on"), default=clock.today)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    node_order_by: list[str] = []

    class Meta:
        verbose_name = _("grid unit")
        verbose_name_plural = _("grid units")

    def __str__(self) -> str:
        return self.name

    def contains(self, other: GridUnit) -> bool:
        """Whether `other` is this unit or stands below it (a comparison of paths, no query)."""
        return other.path.startswith(self.path)

    def subtree(self) -> QuerySet[GridUnit]:
        """This unit and everything below it."""
        return GridUnit.objects.filter(path__startswith=self.path)


class Role(models.TextChoices):
    """What somebody does for a subtree. `policies.ROLE_ACTIONS` says what each may do."""

    ADMINISTRATOR = "administrator", pgettext_lazy("role", "Administrator")
    AUDITOR = "auditor", pgettext_lazy("role", "Auditor")
    COMMUNITY_WORKER = "community_worker", pgettext_lazy("role", "Community worker")
    ORGANISER = "organiser", pgettext_lazy("role", "Organiser")
    GRID_LEADER = "grid_leader", pgettext_lazy("role", "Grid leader")
    MICRO_GRID_LEADER = "micro_grid_leader", pgettext_lazy("role", "Micro-grid leader")
    BUILDING_LEADER = "building_leader", pgettext_lazy("role", "Building leader")
    LIAISON = "liaison", pgettext_lazy("role", "Liaison")


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    def current(self, on: dt.date | None = None) -> RoleAssignmentQuerySet:
        """Assignments in force on a day (today by default)."""
        day = on or clock.today()
        return self.filter(from_on__lte=day).filter(Q(to_on__isnull=True) | Q(to_on__gte=day))


class RoleAssignment(models.Model):
    """This person has this role for this unit and everything below it, from–to."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="role_assignments",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    grid = models.ForeignKey(
        GridUnit, on_delete=models.PROTECT, related_name="role_assignments", verbose_name=_("grid unit")
    )
    from_on = models.DateField(_("from"), default=clock.today)
    to_on = models.DateField(_("to"), null=True, blank=True)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=models.F("from_on")),
                name="%(app_label)s_%(class)s_dates",
                violation_error_message=_("The last day cannot be before the first."),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "grid"],
                condition=Q(to_on__isnull=True),
                name="%(app_label)s_%(class)s_one_open",
                violation_error_message=_("This person already has this role here."),
            ),
        ]
        indexes = [models.Index(fields=["user", "role"], name="grids_role_user_idx")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.grid}"


class GridMembership(models.Model):
    """Where a volunteer says they live or work. The volunteer's own choice; used to show what is near."""

    class Kind(models.TextChoices):
        HOME = "home", pgettext_lazy("grid membership", "Home")
        WORK = "work", pgettext_lazy("grid membership", "Work")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="grid_memberships",
        verbose_name=_("person"),
    )
    grid = models.ForeignKey(
        GridUnit, on_delete=models.PROTECT, related_name="+", verbose_name=_("grid unit")
    )
    kind = models.CharField(_("kind"), max_length=4, choices=Kind.choices, default=Kind.HOME)
    from_on = models.DateField(_("from"), default=clock.today)
    to_on = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("home or workplace")
        verbose_name_plural = _("homes and workplaces")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=Q(to_on__isnull=True),
                name="%(app_label)s_%(class)s_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.grid_id}"


class Organization(models.Model):
    """A residents' committee, volunteer organisation or partner; may be the recording unit (law L-A27)."""

    class Kind(models.TextChoices):
        COMMITTEE = "committee", pgettext_lazy("organisation kind", "Residents' committee")
        VOLUNTEER = "volunteer", pgettext_lazy("organisation kind", "Volunteer organisation")
        TEAM = "team", pgettext_lazy("organisation kind", "Volunteer team")
        PARTNER = "partner", pgettext_lazy("organisation kind", "Partner organisation")

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    grid = models.ForeignKey(
        GridUnit, on_delete=models.PROTECT, related_name="organizations", verbose_name=_("grid unit")
    )
    guided_by = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="guides",
        verbose_name=_("guiding unit"),
    )
    phone = models.CharField(_("telephone"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.UniqueConstraint(fields=["grid", "name"], name="%(app_label)s_%(class)s_name"),
            models.CheckConstraint(
                condition=~Q(kind="team") | Q(guided_by__isnull=False),
                name="%(app_label)s_%(class)s_team_is_guided",
                violation_error_message=_("A team needs a guiding unit (Order 67, article 26)."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ServicePoint(models.Model):
    """A place people can walk into: check-in place, redemption desk, proxy desk."""

    name = models.CharField(_("name"), max_length=80)
    grid = models.ForeignKey(
        GridUnit, on_delete=models.PROTECT, related_name="service_points", verbose_name=_("grid unit")
    )
    address = models.CharField(_("address"), max_length=160)
    opening_hours = models.CharField(_("opening hours"), max_length=160, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("service point")
        verbose_name_plural = _("service points")
        constraints = [models.UniqueConstraint(fields=["grid", "name"], name="%(app_label)s_%(class)s_name")]

    def __str__(self) -> str:
        return self.name


class ApprovalRequestQuerySet(models.QuerySet["ApprovalRequest"]):
    def waiting(self) -> ApprovalRequestQuerySet:
        """Requests that somebody can still decide."""
        return self.filter(state=ApprovalRequest.State.PENDING, expires_at__gt=clock.now())

    def stale(self, now: dt.datetime | None = None) -> ApprovalRequestQuerySet:
        """Requests that nobody decided in time and that still say pending."""
        return self.filter(state=ApprovalRequest.State.PENDING, expires_at__lte=now or clock.now())


class ApprovalRequest(models.Model):
    """Four eyes: one person asks (the maker), another decides (the checker), with the evidence beside it.

    What is asked for is a `kind`, a reference to its subject and plain values; `points.grids.approvals`
    knows, for every kind, who may ask, who may decide and what an approval does.
    """

    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("approval request", "Waiting")
        APPROVED = "approved", pgettext_lazy("approval request", "Approved")
        REFUSED = "refused", pgettext_lazy("approval request", "Sent back")
        EXPIRED = "expired", pgettext_lazy("approval request", "Expired")
        WITHDRAWN = "withdrawn", pgettext_lazy("approval request", "Withdrawn")

    kind = models.SlugField(_("kind"), max_length=40, db_index=False)
    subject = models.CharField(_("subject"), max_length=120, help_text=_("For example scheme:peicun."))
    grid = models.ForeignKey(
        GridUnit, on_delete=models.PROTECT, related_name="+", verbose_name=_("grid unit")
    )
    payload: models.JSONField[dict[str, Any]] = models.JSONField(_("what is asked for"), default=dict)
    summary_code = models.SlugField(_("summary"), max_length=40, db_index=False)
    summary_params: models.JSONField[dict[str, Any]] = models.JSONField(
        _("values of the summary"), default=dict, blank=True
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    made_as = models.CharField(_("role of the asker"), max_length=20, choices=Role.choices)
    made_phone = models.CharField(max_length=64, blank=True, editable=False)
    """A keyed digest of the maker's telephone number on that day: moving the number to a second account
    does not make two people of one."""
    made_at = models.DateTimeField(_("asked at"), default=clock.now)
    expires_at = models.DateTimeField(_("to be decided before"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PENDING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision_reason = models.CharField(_("reason"), max_length=500, blank=True)
    outcome = models.CharField(
        _("what came of it"), max_length=120, blank=True, help_text=_("For example scheme_version:peicun:3.")
    )

    objects = ApprovalRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval request")
        verbose_name_plural = _("approval requests")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(state="pending"),
                name="%(app_label)s_%(class)s_one_open",
                violation_error_message=_("The same is already waiting for a decision."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("made_by")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Nobody decides their own request."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "refused"], decided_by__isnull=False)
                | (~Q(state__in=["approved", "refused"]) & Q(decided_by__isnull=True)),
                name="%(app_label)s_%(class)s_decided_by",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True)
                | (~Q(state="pending") & Q(decided_at__isnull=False)),
                name="%(app_label)s_%(class)s_decided_at",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "expires_at"], name="grids_approval_due_idx"),
            models.Index(fields=["kind", "subject", "-made_at"], name="grids_approval_subject_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def is_waiting(self) -> bool:
        """Whether somebody can still decide it."""
        return self.state == self.State.PENDING and self.expires_at > clock.now()


def private_storage() -> Storage:
    """Files that no web server hands out: only a view that has checked the reader does."""
    return storages["private"]


class ApprovalEvidence(models.Model):
    """One paper or picture beside a request, checked by its content and stored under a random name."""

    request = models.ForeignKey(
        ApprovalRequest, on_delete=models.PROTECT, related_name="evidence", verbose_name=_("approval request")
    )
    file = models.FileField(_("file"), upload_to="approvals/%Y/%m/", storage=private_storage, max_length=160)
    name = models.CharField(_("file name"), max_length=100)
    content_type = models.CharField(_("kind of file"), max_length=40)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")

    def __str__(self) -> str:
        return self.name


class FileRead(models.Model):
    """Somebody opened a private file: who, when, which (law L-A24). Written by the view that hands it out."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("read by")
    )
    at = models.DateTimeField(_("read at"), default=clock.now)
    what = models.CharField(_("file"), max_length=60, help_text=_("For example approval_evidence:12."))

    class Meta:
        verbose_name = _("reading of a private file")
        verbose_name_plural = _("readings of private files")
        indexes = [models.Index(fields=["what", "-at"], name="grids_file_read_idx")]

    def __str__(self) -> str:
        return f"{self.by_id} {self.what}"
