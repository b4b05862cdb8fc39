"""The kinds of service a scheme can weigh, with their names.

Activities choose from the same codes (`points.activities.models.Activity.Category`; a test holds the two
together). The names stand here because the rules are explained on this floor.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

CATEGORIES: dict[str, Promise] = {
    "environment": pgettext_lazy("activity category", "Clean surroundings"),
    "care": pgettext_lazy("activity category", "Care and visits"),
    "repair": pgettext_lazy("activity category", "Small repairs"),
    "meals": pgettext_lazy("activity category", "Meals"),
    "safety": pgettext_lazy("activity category", "Safety"),
    "outreach": pgettext_lazy("activity category", "Information"),
    "health": pgettext_lazy("activity category", "Health"),
    "culture": pgettext_lazy("activity category", "Culture and classes"),
    "mediation": pgettext_lazy("activity category", "Mediation"),
    "meeting": pgettext_lazy("activity category", "Residents' meeting"),
}


def name_of(category: str) -> str:
    """The category in the reader's language; an unknown one by its code."""
    return str(CATEGORIES.get(category, category))
