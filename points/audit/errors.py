"""What the audit room refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.refusals import Refusal


class NotAllowed(Refusal):
    refusal_code = "not_allowed"
    sentence = _("You may not set the budget of %(grid)s.")


class YearOutOfRange(Refusal):
    refusal_code = "year_out_of_range"
    sentence = _("A budget is for this year or the next, not for %(year)s.")
