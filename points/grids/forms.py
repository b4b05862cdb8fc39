"""Where a person lives: one choice from the tree."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from points import clock
from points.grids.models import GridUnit
from points.grids.services import home_of
from points.people.forms import ProfileForm
from points.people.models import User

TOO_FINE = (GridUnit.Level.MICRO_GRID, GridUnit.Level.COMPOUND, GridUnit.Level.BUILDING)
"""Levels nobody needs to name their home by; a building with a few households says too much."""


class HomeField(forms.ModelChoiceField):
    """Open units down to the grid, in tree order, moved in by depth."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(GridUnit.objects.none(), **kwargs)

    def offer(self, current: GridUnit | None) -> None:
        """Read the choices anew; the present home is among them whatever its level."""
        is_open = Q(closed_on__isnull=True) | Q(closed_on__gt=clock.today())
        wanted = is_open & ~Q(level__in=TOO_FINE)
        if current is not None:
            wanted |= Q(pk=current.pk)
        self.queryset = GridUnit.objects.filter(wanted).order_by("path")

    def label_from_instance(self, unit: GridUnit) -> str:
        return "\u3000" * (unit.depth - 1) + unit.name


class ProfileWithHomeForm(ProfileForm):
    """The profile page: who I am, how I like to read, where I live."""

    home = HomeField(
        label=_("Where I live"),
        required=False,
        empty_label=_("I would rather not say"),
        help_text=_("Used to show you what is going on nearby."),
    )

    field_order = ["name", "phone", "home", "birth_year", "preferred_language", "elder_mode"]

    def __init__(self, data: Any = None, *, instance: User) -> None:
        self.current_home = home_of(instance)
        super().__init__(data, instance=instance, initial={"home": self.current_home})
        self.fields["home"].offer(self.current_home)  # type: ignore[attr-defined]
