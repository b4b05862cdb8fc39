"""The forms of this room's phone pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points.assessment.kinds import CLAIMED, Question
from points.assessment.models import AssessmentPeriod, Indicator
from points.grids.evidence import MOST_FILES


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files in one field."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, (list, tuple)) else [data] if data else []
        return [super(FilesField, self).clean(one, initial) for one in given]


class ClaimForm(forms.Form):
    """One thing done on one day."""

    indicator = forms.ModelChoiceField(
        label=_("What is claimed"), queryset=Indicator.objects.none(), empty_label=None
    )
    happened_on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(
        label=_("What you did"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("And where. Nothing about residents: no names, no numbers, no families."),
    )
    papers = FilesField(
        label=_("Evidence"),
        required=False,
        help_text=_(
            "Up to five pictures or PDF files of 5 MB. Show the place or the paper, no faces. "
            "The place and time stored in a picture are removed."
        ),
    )

    def __init__(self, *args: Any, period: AssessmentPeriod, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = period.indicator_set.indicators.filter(kind__in=CLAIMED)
        self.fields["indicator"].queryset = choices  # type: ignore[attr-defined]
        self.fields["indicator"].label_from_instance = (  # type: ignore[attr-defined]
            lambda one: (
                _("%(what)s (evidence needed)") % {"what": one.get_kind_display()}
                if one.needs_evidence
                else one.get_kind_display()
            )
        )
        day = {"min": period.from_on.isoformat(), "max": period.to_on.isoformat()}
        self.fields["happened_on"].widget.attrs.update(day)
        self.fields["papers"].widget.attrs["accept"] = "image/jpeg,image/png,image/webp,application/pdf"

    def clean_papers(self) -> list[Any]:
        papers: list[Any] = self.cleaned_data["papers"]
        if len(papers) > MOST_FILES:
            raise forms.ValidationError(_("At most five files."), code="too_many")
        return papers


class ReviewForm(forms.Form):
    """A reviewer's reason; needed only for a no."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=False,
        help_text=_("Needed when it does not count. The leader reads it."),
    )


class AppealForm(forms.Form):
    text = forms.CharField(
        label=_("What was not counted"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Which day and what. Nothing about residents, please."),
    )


class JudgeForm(forms.Form):
    """How many more things count, and why."""

    added = forms.IntegerField(
        label=_("So many more count"),
        min_value=0,
        max_value=50,
        help_text=_("0 dismisses the appeal."),
    )
    answer = forms.CharField(
        label=_("Answer to the leader"), max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )


STARS = [
    ("5", pgettext_lazy("stars", "5 – yes, very much")),
    ("4", pgettext_lazy("stars", "4 – mostly")),
    ("3", pgettext_lazy("stars", "3 – so-so")),
    ("2", pgettext_lazy("stars", "2 – hardly")),
    ("1", pgettext_lazy("stars", "1 – not at all")),
]


class RatingForm(forms.Form):
    """The short form for residents: one choice for each sentence, nothing to write."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in Question:
            self.fields[question.value] = forms.TypedChoiceField(
                label=question.label, choices=STARS, coerce=int, widget=forms.RadioSelect
            )
