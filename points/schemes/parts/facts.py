"""The facts and measures that every scheme may ask about, with their names for people."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

KNOWN: dict[str, Promise] = {
    # about the person
    "age": pgettext_lazy("scheme fact", "age"),
    "residence": pgettext_lazy("scheme fact", "place of residence"),
    "registered": pgettext_lazy("scheme fact", "registered with the real name"),
    "reviewed": pgettext_lazy("scheme fact", "registration reviewed"),
    "in_team": pgettext_lazy("scheme fact", "member of a volunteer team"),
    "with_guardian": pgettext_lazy("scheme fact", "led by a guardian"),
    # about the act
    "filed": pgettext_lazy("scheme fact", "activity filed and published"),
    "category": pgettext_lazy("scheme fact", "kind of service"),
    "activity_level": pgettext_lazy("scheme fact", "level of the activity"),
    "difficulty": pgettext_lazy("scheme fact", "difficulty"),
    "role": pgettext_lazy("scheme fact", "role"),
    "grade": pgettext_lazy("scheme fact", "how it was proven"),
    "evidence": pgettext_lazy("scheme fact", "proof"),
    "verified": pgettext_lazy("scheme fact", "verified"),
    "complaint_upheld": pgettext_lazy("scheme fact", "complaint found to be right"),
    "rating": pgettext_lazy("scheme fact", "rating"),
    # about the use
    "relation": pgettext_lazy("scheme fact", "relation of the person who benefits"),
    "user_age": pgettext_lazy("scheme fact", "age of the person who benefits"),
    "in_need": pgettext_lazy("scheme fact", "in need of help"),
    # measures; with a period (hours.year) counted in it, else over the whole life
    "hours": pgettext_lazy("scheme fact", "hours of service"),
    "times": pgettext_lazy("scheme fact", "times"),
    "sessions": pgettext_lazy("scheme fact", "number of services"),
    "donated": pgettext_lazy("scheme fact", "points given away"),
    "earned": pgettext_lazy("scheme fact", "points earned"),
}


def name_of(fact: str) -> str:
    """The fact in the reader's language; an unknown one by its code."""
    return str(KNOWN.get(fact.partition(".")[0], fact))
