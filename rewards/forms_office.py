"""Forms of the back office of rewards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from points import clock
from points.grids import policies
from points.grids.models import ServicePoint
from rewards.models import OpeningSpan, Provider, Reward, RewardOption, StockChange
from rewards.services.aid import MOST
from rewards.services.slots import WeeklyPlan

if TYPE_CHECKING:
    from points.people.models import User

DATE = {"type": "date"}
TIME = {"type": "time"}


def date_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))


class PlanForm(forms.Form):
    """A weekly plan of times."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days of the week"),
        choices=OpeningSpan.Weekday.choices,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    first = forms.TimeField(label=_("First time of the day"), widget=forms.TimeInput(attrs=TIME))
    until = forms.TimeField(label=_("The last one ends by"), widget=forms.TimeInput(attrs=TIME))
    minutes = forms.IntegerField(label=_("Minutes each"), min_value=5, max_value=600, initial=30)
    capacity = forms.IntegerField(label=_("Places each"), min_value=1, max_value=500, initial=1)
    from_on = date_field(_("From"))
    to_on = date_field(_("To"))

    def plan(self) -> WeeklyPlan:
        """The plan that was typed in."""
        given = dict(self.cleaned_data)
        return WeeklyPlan(**given | {"weekdays": frozenset(given["weekdays"])})


class DaysForm(forms.Form):
    """The first and the last closed day."""

    from_on = date_field(_("First closed day"))
    to_on = date_field(_("Last closed day"))


class StockForm(forms.Form):
    """How many came or went, and why."""

    option = forms.ModelChoiceField(
        label=_("Choice"),
        queryset=RewardOption.objects.none(),
        required=False,
        empty_label=_("The reward itself"),
    )
    change = forms.IntegerField(
        label=_("Plus or minus"),
        min_value=-100_000,
        max_value=100_000,
        help_text=_("20 came: 20. 3 spoiled: -3."),
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=StockChange.Reason.choices)
    note = forms.CharField(label=_("Note"), max_length=100, required=False)

    def __init__(self, data: Any, *, reward: Reward) -> None:
        super().__init__(data)
        options = reward.options.all()
        if options:
            self.fields["option"].queryset = options  # type: ignore[attr-defined]
        else:
            del self.fields["option"]


class AidForm(forms.Form):
    """A batch of aid vouchers. Nothing about who gets one is asked."""

    provider = forms.ModelChoiceField(label=_("Provider"), queryset=Provider.objects.none())
    point = forms.ModelChoiceField(label=_("Handed out at"), queryset=ServicePoint.objects.none())
    title = forms.CharField(
        label=_("What it is for"), max_length=60, help_text=_("For example: one warm meal.")
    )
    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST, initial=10)
    valid_until = date_field(_("Valid until"))

    def __init__(self, data: Any, *, by: User) -> None:
        super().__init__(data)
        action = policies.Action.MANAGE_REWARDS
        providers = Provider.objects.filter(policies.scope(by, action), is_active=True)
        points = ServicePoint.objects.filter(policies.scope(by, action))
        self.fields["provider"].queryset = providers.order_by("name")  # type: ignore[attr-defined]
        self.fields["point"].queryset = points.order_by("name")  # type: ignore[attr-defined]
        self.fields["valid_until"].initial = clock.today
