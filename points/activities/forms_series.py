"""Forms of the organiser's page "the same again", and of a message to participants."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import dates
from points.activities.models import Activity, Shift
from points.activities.services import MAX_REPEATS


def day_field(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **more)


class CopyForm(forms.Form):
    first_on = day_field(_("Day of the first shift"))


class WeeklyForm(forms.Form):
    """Weekly: so many times, or until a day."""

    every_weeks = forms.TypedChoiceField(
        label=_("How often"),
        coerce=int,
        choices=[
            (1, pgettext_lazy("repeat", "every week")),
            (2, pgettext_lazy("repeat", "every second week")),
            (4, pgettext_lazy("repeat", "every fourth week")),
        ],
    )
    times = forms.IntegerField(
        label=_("How many more times"), required=False, min_value=1, max_value=MAX_REPEATS
    )
    until = day_field(_("Or until this day"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        if bool(data.get("times")) == bool(data.get("until")):
            self.add_error("times", _("Fill in one of the two: how many times, or until which day."))
        return data


class DaysForm(forms.Form):
    """A campaign: the same shift on several days."""

    like: forms.ModelChoiceField[Shift] = forms.ModelChoiceField(
        label=_("Like this shift"), queryset=None, empty_label=None
    )
    first_on = day_field(_("From this day"))
    last_on = day_field(_("To this day"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Only on these days of the week"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick none for every day."),
    )

    def __init__(self, data: Any = None, *, activity: Activity, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        like: Any = self.fields["like"]
        like.queryset = activity.shifts.all()
        like.label_from_instance = lambda shift: dates.span(shift.starts_at, shift.ends_at)
        monday = dt.date(2024, 1, 1)
        self.fields["weekdays"].choices = [  # type: ignore[attr-defined]
            (number, dates.weekday(monday + dt.timedelta(days=number))) for number in range(7)
        ]


class MessageForm(forms.Form):
    text = forms.CharField(
        label=_("Message"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Short and plain. Everybody with a seat in this shift gets it as a notice."),
    )
