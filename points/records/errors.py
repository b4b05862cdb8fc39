"""What the record room refuses, and why."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.refusals import Refusal


class OwnService(Refusal):
    refusal_code = "own_service"
    sentence = _("Nobody confirms their own service. Please ask a colleague to confirm it.")


class FactMissing(Refusal):
    refusal_code = "fact_missing"
    sentence = _(
        "A service record needs the activity, the place and what was done; “%(fact)s” is missing "
        "(Order 67, article 7)."
    )


class TimesMissing(Refusal):
    refusal_code = "times_missing"
    sentence = _("The check-in or the check-out is missing. Enter both times first.")


class PlanBackwards(Refusal):
    refusal_code = "plan_backwards"
    sentence = _("The planned end must come after the planned start.")


class OutBeforeIn(Refusal):
    refusal_code = "out_before_in"
    sentence = _("The check-out (%(out)s) is before the check-in (%(came)s). Please correct the times.")


class NotYetOver(Refusal):
    refusal_code = "not_yet_over"
    sentence = _("This service ends only at %(out)s. It can be recorded after that.")


class LongerThanADay(Refusal):
    refusal_code = "longer_than_a_day"
    sentence = _("From check-in to check-out are more than 24 hours. Please correct the times.")


class SourceTaken(Refusal):
    refusal_code = "source_taken"
    sentence = _("This attendance has already been recorded for somebody else (record %(number)s).")
