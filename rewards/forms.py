"""Forms of the shop window and the desk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rewards.models import Reward
from rewards.services.ending import CancelReason

if TYPE_CHECKING:
    from points.grids.models import GridUnit

MINE = "mine"
EVERYWHERE = "all"


class CatalogueForm(forms.Form):
    """What to show: words, kind, place, and only what I can afford. Nothing is required."""

    q = forms.CharField(label=_("Search"), required=False, max_length=40)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    where = forms.ChoiceField(label=_("Where"), required=False)
    afford = forms.BooleanField(label=_("Only what I have beans for"), required=False)

    def __init__(
        self, data: Any, *, places: Iterable[GridUnit], home: GridUnit | None, signed_in: bool
    ) -> None:
        super().__init__(data)
        self.fields["kind"].choices = [("", _("All kinds")), *Reward.Kind.choices]  # type: ignore[attr-defined]
        choices: list[tuple[str, Any]] = [(EVERYWHERE, _("Everywhere"))]
        if home is not None:
            choices.insert(0, (MINE, _("Open to residents where I live")))
        choices += [(place.code, place.name) for place in places]
        self.fields["where"].choices = choices  # type: ignore[attr-defined]
        if not signed_in:
            del self.fields["afford"]


class ScanForm(forms.Form):
    """A typed or scanned voucher code."""

    code = forms.CharField(
        label=_("Voucher code"),
        max_length=300,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "class": "code",
                "enterkeyhint": "go",
            }
        ),
    )


class ProviderCancelForm(forms.Form):
    """Why the provider cannot serve."""

    reason = forms.ChoiceField(label=_("Reason"), choices=CancelReason.choices)
