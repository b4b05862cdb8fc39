"""The forms of the auditor's room."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from points import clock
from points.grids import policies
from points.grids.models import GridUnit
from points.ledger.models import AccountKind
from points.units import SEEDED

LARGEST = 100_000_000


class AccountFilter(forms.Form):
    """Which accounts to list."""

    q = forms.CharField(label=_("Code contains"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    unit = forms.ChoiceField(label=_("Unit"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("All")), *AccountKind.choices]  # type: ignore[attr-defined]
        self.fields["unit"].choices = [("", _("All"))] + [  # type: ignore[attr-defined]
            (code, code) for code, _en, _zh in SEEDED
        ]


class BudgetForm(forms.Form):
    """How many beans a grid unit may give out in a year. `key` makes one form count once."""

    grid = forms.ModelChoiceField(label=_("Grid unit"), queryset=GridUnit.objects.none())
    year = forms.TypedChoiceField(label=_("Year"), coerce=int)
    amount = forms.IntegerField(label=_("Beans to add"), min_value=1, max_value=LARGEST)
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("key", uuid.uuid4().hex)
        super().__init__(*args, **kwargs)
        this_year = clock.today().year
        self.fields["year"].choices = [  # type: ignore[attr-defined]
            (this_year, this_year),
            (this_year + 1, this_year + 1),
        ]
        units = policies.grids_for(user, "manage_budget").order_by("path")
        self.fields["grid"].queryset = units  # type: ignore[attr-defined]
        self.fields["grid"].label_from_instance = (  # type: ignore[attr-defined]
            lambda unit: "\u3000" * (unit.depth - 1) + unit.name
        )
