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


# --- Objections and corrections -------------------------------------------------------------------------
class NoticeOver(Refusal):
    refusal_code = "notice_over"
    sentence = _(
        "The public notice of this record has ended. The volunteer can still ask for a correction, and the "
        "community's office can look at it again."
    )


class ObjectionOpen(Refusal):
    refusal_code = "objection_open"
    sentence = _("This record is being looked at already. Please wait for the answer.")


class RecordReplaced(Refusal):
    refusal_code = "record_replaced"
    sentence = _("This version of the record has been replaced by a correction. Please look at the new one.")


class WordsMissing(Refusal):
    refusal_code = "words_missing"
    sentence = _("Please write a sentence: whoever reads it must understand what is meant.")


class NotYourObjection(Refusal):
    refusal_code = "not_your_objection"
    sentence = _("Only the person who objected can take the objection back.")


class ObjectionDecided(Refusal):
    refusal_code = "objection_decided"
    sentence = _("This objection has been closed already: %(state)s.")


class DeciderInvolved(Refusal):
    refusal_code = "decider_involved"
    sentence = _(
        "You confirmed this record, served in it, or objected yourself. Somebody else has to decide it."
    )


class NothingCorrected(Refusal):
    refusal_code = "nothing_corrected"
    sentence = _("Nothing would change. Correct what is wrong, or do not uphold the objection.")


# --- Certificates ---------------------------------------------------------------------------------------
class NothingToCertify(Refusal):
    refusal_code = "nothing_to_certify"
    sentence = _(
        "There is no final record of this unit in these days yet. Records become final when their public "
        "notice is over."
    )


class NotYourCertificate(Refusal):
    refusal_code = "not_your_certificate"
    sentence = _("A certificate is made for the volunteer whose records it contains.")


class CertificateReplaced(Refusal):
    refusal_code = "certificate_replaced"
    sentence = _("There is already a newer certificate in its place: %(number)s.")


# --- Hours entered later --------------------------------------------------------------------------------
class VouchesForSelf(Refusal):
    refusal_code = "vouches_for_self"
    sentence = _("Nobody enters or approves their own hours. Please ask a colleague.")


class SupplementClosed(Refusal):
    refusal_code = "supplement_closed"
    sentence = _("These hours have been dealt with already: %(state)s.")


class NoMinutes(Refusal):
    refusal_code = "no_minutes"
    sentence = _("Nothing of this lies within the planned time. Please look at the times again.")


class AboveActivity(Refusal):
    refusal_code = "above_activity"
    sentence = _(
        "The activity was planned for %(planned)s minutes in all; %(counted)s are recorded already and "
        "%(wanted)s more would be too many."
    )


class ApproverLimit(Refusal):
    refusal_code = "approver_limit"
    sentence = _(
        "You have let %(used)s minutes through this month; %(wanted)s more would pass your limit of "
        "%(limit)s. A colleague can decide this."
    )


class AlreadyRecorded(Refusal):
    refusal_code = "already_recorded"
    sentence = _("There is already a record of this person for that time (%(number)s).")


class InTheFuture(Refusal):
    refusal_code = "in_the_future"
    sentence = _("Only what is over can be entered.")


class ProofMissing(Refusal):
    refusal_code = "proof_missing"
    sentence = _(
        "What others awarded is recorded on proof: please add the certificate as a picture or PDF "
        "(Order 67, article 9)."
    )


class OwnGroupRecord(Refusal):
    refusal_code = "own_group_record"
    sentence = _("Nobody enters a training, a commendation or a rating for themselves.")
