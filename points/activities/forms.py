"""Forms of the site's activity pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock
from points.activities import finding
from points.activities.models import Absence, Activity
from points.grids.models import GridUnit
from points.people.models import User, VolunteerProfile

EVERYWHERE = "all"
NEAR = "near"


class FilterForm(forms.Form):
    """How the list of activities is narrowed. Every wrong value simply does not narrow."""

    q = forms.CharField(label=_("Words in the title"), required=False, max_length=60)
    grid = forms.ChoiceField(label=_("Where"), required=False)
    when = forms.ChoiceField(
        label=_("When"),
        required=False,
        choices=[
            ("", pgettext_lazy("date filter", "Any time")),
            (finding.TODAY, pgettext_lazy("date filter", "Today")),
            (finding.WEEK, pgettext_lazy("date filter", "This week")),
            (finding.WEEKEND, pgettext_lazy("date filter", "This weekend")),
            (finding.MONTH, pgettext_lazy("date filter", "This month")),
        ],
    )
    from_day = forms.DateField(
        label=_("From this day on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    category = forms.ChoiceField(label=_("Kind"), required=False)
    free = forms.BooleanField(label=_("Only with free places"), required=False)

    def __init__(self, data: Any, *, places: list[GridUnit], near: GridUnit | None) -> None:
        super().__init__(data)
        first = min((place.depth for place in places), default=1)
        choices: list[tuple[str, Any]] = [(EVERYWHERE, _("The whole town"))]
        if near is not None:
            choices.insert(0, (NEAR, _("Near me")))
        for place in places:
            choices.append((place.code, "　" * (place.depth - first) + place.name))
        self.fields["grid"].choices = choices  # type: ignore[attr-defined]
        self.fields["category"].choices = [  # type: ignore[attr-defined]
            ("", pgettext_lazy("activity category", "Any kind")),
            *Activity.Category.choices,
        ]
        self.fields["q"].widget.attrs["type"] = "search"


class CheckForm(forms.Form):
    """The six digits on the organiser's screen, or what the camera read from its QR."""

    code = forms.CharField(
        label=_("Six digits on the organiser's screen"),
        max_length=200,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "class": "digits",
                "autofocus": True,
                "spellcheck": "false",
            }
        ),
    )


class BirthYearForm(forms.ModelForm):  # type: ignore[type-arg]
    """The year of birth and nothing more; asked only by activities for a certain age."""

    birth_year = forms.IntegerField(
        label=_("Year of birth"),
        min_value=1900,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "bday-year"}),
        help_text=_("Only the year. It is used for activities with an age limit."),
    )

    class Meta:
        model = VolunteerProfile
        fields = ["birth_year"]

    def __init__(self, data: Any = None, *, user: User) -> None:
        profile = VolunteerProfile.objects.filter(user=user).first() or VolunteerProfile(user=user)
        super().__init__(data, instance=profile)
        self.fields["birth_year"].widget.attrs["max"] = clock.today().year

    def clean_birth_year(self) -> int:
        year: int = self.cleaned_data["birth_year"]
        if year > clock.today().year:
            raise forms.ValidationError(_("That year has not come yet."))
        return year


class AnswerForm(forms.Form):
    """What somebody says to a mark "did not come"."""

    answer = forms.ChoiceField(
        label=_("What happened?"), choices=Absence.Answer.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Nobody needs to know what illness it was."),
    )


class DecideForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Your decision"),
        choices=[
            (Absence.Decision.LIFTED, _("Lift the mark")),
            (Absence.Decision.UPHELD, _("The mark stays")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=200,
        help_text=_("The person reads it. Needed when the mark stays."),
    )
