"""What the assessment room refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.refusals import Refusal


class NotAllowed(Refusal):
    refusal_code = "not_allowed"
    sentence = _("You may not do this here.")


# --- Setting up -----------------------------------------------------------------------------------------
class IndicatorsFrozen(Refusal):
    refusal_code = "indicators_frozen"
    sentence = _(
        "“%(name)s” has been published with a period and can no longer be changed. "
        "Make a copy for the next period."
    )


class NoIndicators(Refusal):
    refusal_code = "no_indicators"
    sentence = _("“%(name)s” has no indicators yet.")


class ForeignIndicators(Refusal):
    refusal_code = "foreign_indicators"
    sentence = _("“%(name)s” belongs to another part of the town.")


class NotADraft(Refusal):
    refusal_code = "not_a_draft"
    sentence = _("This period has been opened: its days, indicators and rules stay as they were published.")


class NobodyToAssess(Refusal):
    refusal_code = "nobody_to_assess"
    sentence = _("Nobody holds this role here in these days.")


class TwoLeaders(Refusal):
    refusal_code = "two_leaders"
    sentence = _("%(unit)s has two leaders on %(day)s. Please end one of the two roles first.")


class PeriodOverlaps(Refusal):
    refusal_code = "period_overlaps"
    sentence = _("“%(title)s” already assesses the same role here on some of these days.")


class PeriodState(Refusal):
    refusal_code = "period_state"
    sentence = _("This cannot be done now: the period is at the step “%(state)s”.")


class PeriodNotOver(Refusal):
    refusal_code = "period_not_over"
    sentence = _("The period runs until %(day)s. Counting begins the day after.")


# --- Claims and facts -----------------------------------------------------------------------------------
class NotAClaim(Refusal):
    refusal_code = "not_a_claim"
    sentence = _("“%(indicator)s” is not claimed: the system counts it, or residents rate it.")


class ClaimOutsidePeriod(Refusal):
    refusal_code = "claim_outside_period"
    sentence = _("%(day)s is not within this period.")


class ClaimOutsideOffice(Refusal):
    refusal_code = "claim_outside_office"
    sentence = _("On %(day)s you were not the leader here.")


class ClaimTooEarly(Refusal):
    refusal_code = "claim_too_early"
    sentence = _("%(day)s has not come yet.")


class ClaimEvidenceMissing(Refusal):
    refusal_code = "evidence_missing"
    sentence = _("“%(indicator)s” needs evidence: please add a picture or a PDF.")


class ClaimNamesPeople(Refusal):
    refusal_code = "claim_names_people"
    sentence = _(
        "This looks like a telephone or identity number. Please write what you did, and nothing about people."
    )


class ClaimEmpty(Refusal):
    refusal_code = "claim_empty"
    sentence = _("Please write in one sentence what was done.")


class ClaimTwice(Refusal):
    refusal_code = "claim_twice"
    sentence = _("You have claimed the same for the same day already.")


class ClaimDecided(Refusal):
    refusal_code = "claim_decided"
    sentence = _("This claim is no longer open: %(state)s.")


class OwnClaim(Refusal):
    refusal_code = "own_claim"
    sentence = _("Nobody reviews their own claims. Please ask a colleague.")


class OwnFact(Refusal):
    refusal_code = "own_fact"
    sentence = _("Nobody confirms their own facts. Please ask a colleague.")


class FactDecided(Refusal):
    refusal_code = "fact_decided"
    sentence = _("Somebody has already looked at this.")


class ReviewerGains(Refusal):
    refusal_code = "reviewer_gains"
    sentence = _("You are assessed in this period yourself, so you cannot decide about it.")


class ReasonNeeded(Refusal):
    refusal_code = "reason_missing"
    sentence = _("Please write down the reason, so that the leader understands.")


class StillToReview(Refusal):
    refusal_code = "still_to_review"
    sentence = _("%(number)s claims or facts still wait for a review.")


# --- Ratings --------------------------------------------------------------------------------------------
class RatingUnknown(Refusal):
    refusal_code = "rating_unknown"
    sentence = _("This link is not valid. Please scan the code again.")


class RatingOver(Refusal):
    refusal_code = "rating_over"
    sentence = _("Answers are taken from %(first)s to %(last)s.")


class RatedAlready(Refusal):
    refusal_code = "rated_already"
    sentence = _("An answer has already been given from this telephone. Thank you!")


class RatingIncomplete(Refusal):
    refusal_code = "rating_incomplete"
    sentence = _("Please answer every question with one to five stars.")


# --- Notice, closing, appeals ---------------------------------------------------------------------------
class NoticeRunning(Refusal):
    refusal_code = "notice_running"
    sentence = _("The public notice runs until %(day)s.")


class AppealNotYet(Refusal):
    refusal_code = "appeal_not_yet"
    sentence = _("There is no result yet to appeal against.")


class AppealOver(Refusal):
    refusal_code = "appeal_over"
    sentence = _("Appeals were taken until %(day)s. Please speak to your community.")


class AppealOpen(Refusal):
    refusal_code = "appeal_open"
    sentence = _("Your appeal on this line is waiting for a decision.")


class AppealOnRatings(Refusal):
    refusal_code = "appeal_on_ratings"
    sentence = _("Ratings are given without names, so nobody can look at them again.")


class AppealDecided(Refusal):
    refusal_code = "appeal_decided"
    sentence = _("This appeal has been decided: %(state)s.")


class OwnAppeal(Refusal):
    refusal_code = "own_appeal"
    sentence = _("Nobody decides their own appeal.")


class NotThirdPerson(Refusal):
    refusal_code = "not_third_person"
    sentence = _("You counted or reviewed this result. An appeal is decided by somebody else.")
