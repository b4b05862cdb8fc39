"""How many shifts this person should have confirmed by now, for the link to the list."""

from __future__ import annotations

from typing import Any

from django import template

from points.activities import overdue
from points.grids import policies

register = template.Library()


@register.simple_tag
def overdue_count(user: Any) -> int:
    return overdue.overdue_count(user) if policies.has_any(user, policies.Action.CONFIRM) else 0
