"""The form with which a leader signs the team up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from points import clock, dates
from points.activities.models import Activity, Position
from points.grids.models import Team, TeamMember
from points.people.models import User


class TeamSignupForm(forms.Form):
    position: forms.ModelChoiceField[Position] = forms.ModelChoiceField(
        label=_("Position"), queryset=None, empty_label=None
    )
    members: forms.ModelMultipleChoiceField[TeamMember] = forms.ModelMultipleChoiceField(
        label=_("Who comes along"),
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only those who have agreed to be signed up by you. Everybody is told and can cancel."),
    )
    all_or_none = forms.BooleanField(label=_("Everybody or nobody"), required=False)

    def __init__(self, data: Any = None, *, activity: Activity, team: Team, leader: User) -> None:
        super().__init__(data)
        position: Any = self.fields["position"]
        position.queryset = (
            Position.objects.filter(
                shift__activity=activity,
                shift__starts_at__gt=clock.now(),
                seats_taken__lt=F("capacity"),
            )
            .select_related("shift")
            .order_by("shift__starts_at", "pk")
        )
        position.label_from_instance = lambda each: (
            f"{each.name} · {dates.span(each.shift.starts_at, each.shift.ends_at)}"
        )
        members: Any = self.fields["members"]
        members.queryset = (
            team.members.filter(Q(may_sign_me_up=True) | Q(user=leader), state=TeamMember.State.MEMBER)
            .select_related("user")
            .order_by("-is_leader", "pk")
        )
        members.label_from_instance = lambda member: member.user.display_name
