"""Why somebody cannot be checked in or out; read as `errors.…` like all of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.refusals import Refusal


class WrongQr(Refusal):
    refusal_code = "wrong_qr"
    sentence = _("This is not a check-in code of this site. Scan the one on the organiser's screen.")


class QrExpired(Refusal):
    refusal_code = "qr_expired"
    sentence = _(
        "This picture is too old: the code on the screen changes every half minute, so that a forwarded "
        "photograph does not count. Scan the screen itself, or ask the organiser to tick you in."
    )


class ScanTooOld(Refusal):
    refusal_code = "scan_too_old"
    sentence = _("It has been too long since you scanned the code. Please scan it once more.")


class NotOnTheList(Refusal):
    refusal_code = "not_on_the_list"
    sentence = _(
        "You are not on the list of “%(activity)s” at this time. "
        "Ask the organiser to add you, then scan again."
    )


class CheckedInElsewhere(Refusal):
    refusal_code = "checked_in_elsewhere"
    sentence = _("You are still checked in at “%(activity)s” (%(time)s). Check out there first.")


class WasElsewhere(Refusal):
    refusal_code = "was_elsewhere"
    sentence = _(
        "At that time this person was at “%(activity)s” (%(time)s). Nobody is in two places at once: "
        "look at the times again."
    )


class OwnCheckIn(Refusal):
    refusal_code = "own_check_in"
    sentence = _(
        "Whoever runs an activity does not check in or out by themselves. "
        "Ask a colleague to tick you on the list."
    )
