"""What people write about records: an objection, a claim, the decision."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points.records.corrections import Facts
from points.records.models import Objection, ServiceRecord
from points.schemes.categories import CATEGORIES

MINUTE = dt.timedelta(minutes=1)


class ObjectionForm(forms.Form):
    claim = forms.ChoiceField(
        label=_("What is wrong?"), choices=Objection.Claim.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("In your words"),
        help_text=_(
            "When was it, how long, who can say so? Write nothing about the health or the home of people who "
            "were helped."
        ),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DecisionForm(forms.Form):
    """What the record should say. Times are local; the minutes follow from them."""

    came_at = forms.DateTimeField(
        label=_("came at"), widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    left_at = forms.DateTimeField(
        label=_("left at"), widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    stayed_longer = forms.BooleanField(
        label=_("Staying after the planned end was agreed: count it"), required=False
    )
    category = forms.ChoiceField(label=_("category"), choices=list(CATEGORIES.items()))
    content = forms.CharField(label=_("what was done"), max_length=200)
    place = forms.CharField(label=_("place"), max_length=160)
    answer = forms.CharField(
        label=_("Answer to the person who objected, and to the volunteer"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, record: ServiceRecord, *args: Any, **kwargs: Any) -> None:
        self.record = record
        now = Facts.of(record)
        kwargs.setdefault("initial", {}).update(
            came_at=timezone.localtime(now.checked_in_at),
            left_at=timezone.localtime(now.checked_out_at),
            stayed_longer=now.allowed_extension_minutes > 0,
            category=now.category,
            content=now.content,
            place=now.place,
        )
        super().__init__(*args, **kwargs)

    def facts(self) -> Facts:
        """The facts as they were entered. A time that was not touched keeps its seconds."""
        data, now = self.cleaned_data, Facts.of(self.record)
        came = _kept(now.checked_in_at, data["came_at"])
        left = _kept(now.checked_out_at, data["left_at"])
        extension = now.allowed_extension_minutes
        if data["stayed_longer"] != (extension > 0) or left != now.checked_out_at:
            beyond = max(int((left - self.record.planned_end) // MINUTE), 0)
            extension = beyond if data["stayed_longer"] else 0
        return Facts(came, left, data["category"], data["content"].strip(), data["place"].strip(), extension)


def _kept(now: dt.datetime, typed: dt.datetime) -> dt.datetime:
    return now if typed == now.replace(second=0, microsecond=0) else typed


class CertificateForm(forms.Form):
    """Of which days; everything when both are empty."""

    first_on = forms.DateField(
        label=pgettext_lazy("first day", "from"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    last_on = forms.DateField(
        label=pgettext_lazy("last day", "to"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )


class CheckForm(forms.Form):
    """The public check of a certificate."""

    number = forms.CharField(label=_("certificate number"), max_length=24)
    code = forms.CharField(label=_("check code"), max_length=16)
