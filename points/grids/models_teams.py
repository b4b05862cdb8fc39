"""Teams of volunteers (志愿圈圈, S2): who belongs to one, who leads it, which unit guides it.

A team needs a guiding unit (Order 67, article 26). People ask to join and a leader answers; a leader can sign
up only those who have agreed to it.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock


def random_team_code() -> str:
    return secrets.token_hex(4)


class Team(models.Model):
    code = models.CharField(max_length=16, unique=True, default=random_team_code, editable=False)
    name = models.CharField(_("name"), max_length=60)
    grid = models.ForeignKey(
        "grids.GridUnit", on_delete=models.PROTECT, related_name="teams", verbose_name=_("grid unit")
    )
    guided_by = models.ForeignKey(
        "grids.Organization",
        on_delete=models.PROTECT,
        related_name="teams",
        verbose_name=_("guiding unit"),
    )
    about = models.CharField(_("what the team does"), max_length=200, blank=True)
    founded_on = models.DateField(_("founded on"), default=clock.today, editable=False)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["grid", "name"],
                name="%(app_label)s_%(class)s_name",
                violation_error_message=_("There is already a team of that name here."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("teams:team", args=[self.code])


class TeamMember(models.Model):
    """One person in one team, from the request to the leaving."""

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("team member", "Asked to join")
        MEMBER = "member", pgettext_lazy("team member", "Member")
        REFUSED = "refused", pgettext_lazy("team member", "Not taken in")
        LEFT = "left", pgettext_lazy("team member", "Left the team")

    OPEN = (State.ASKED, State.MEMBER)

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members", verbose_name=_("team"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="team_memberships",
        verbose_name=_("person"),
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ASKED)
    is_leader = models.BooleanField(_("leads the team"), default=False)
    may_sign_me_up = models.BooleanField(_("the leader may sign me up"), default=False)
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user"],
                condition=Q(state__in=("asked", "member")),
                name="%(app_label)s_%(class)s_one_open",
            ),
            models.CheckConstraint(
                condition=Q(is_leader=False) | Q(state="member"),
                name="%(app_label)s_%(class)s_leader_is_member",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.team_id}"
