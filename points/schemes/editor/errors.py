"""What the editor refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.refusals import Refusal


class DraftChanged(Refusal):
    refusal_code = "draft_changed"
    sentence = _("Somebody else has changed this draft meanwhile. Here is its present state.")


class DraftClosed(Refusal):
    refusal_code = "draft_closed"
    sentence = _("This draft is waiting for a decision, or is in force: it can no longer be changed.")


class DraftWrong(Refusal):
    refusal_code = "draft_wrong"
    sentence = _("These rules cannot be put in force yet: %(why)s")


class DayMissing(Refusal):
    refusal_code = "day_missing"
    sentence = _("Please say from which day the new rules are in force.")


class NothingChanged(Refusal):
    refusal_code = "nothing_changed"
    sentence = _("These rules are the same as those in force.")


class DayPast(Refusal):
    refusal_code = "day_past"
    sentence = _("New rules start today or later, not on %(day)s.")
