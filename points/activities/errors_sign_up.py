"""Refusals around a sign-up: overlaps, pauses, who may join, waiting lists, marks, repeating, messages.

Read as `errors.…` like all others: `errors.py` gives them on.
"""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from points import dates
from points.refusals import Refusal


class Overlap(Refusal):
    refusal_code = "overlap"
    sentence = _(
        "At that time you are also signed up for “%(activity)s”; the two overlap by %(minutes)s minutes. "
        "If you can manage both, press again."
    )


class SignupPaused(Refusal):
    refusal_code = "signup_paused"
    sentence = _(
        "You were marked as missing %(marks)s times within %(days)s days without telling anybody, so signing "
        "up pauses until %(until)s. Was that wrong? Answer under “My sign-ups”, or call %(phone)s."
    )


# --- Who may join ---------------------------------------------------------------------------------------


class BirthYearMissing(Refusal):
    refusal_code = "birth_year_missing"
    sentence = _(
        "This activity is for people of a certain age. Tell us the year you were born in (nothing more), "
        "then sign up."
    )


class TooYoung(Refusal):
    refusal_code = "too_young"
    sentence = _("This activity is for people from the age of %(age)s. Choose another one; there are plenty.")


class TooOld(Refusal):
    refusal_code = "too_old"
    sentence = _(
        "This activity is hard on the body and only for people up to the age of %(age)s. "
        "Choose another one; there are plenty."
    )


class QualificationMissing(Refusal):
    refusal_code = "qualification_missing"
    sentence = _(
        "This activity needs “%(name)s”, which is not written down for you. %(how)s "
        "If you have it, show it at the community office."
    )


class QualificationOver(Refusal):
    refusal_code = "qualification_over"
    sentence = _(
        "Your “%(name)s” is valid until %(until)s, which is before this shift. Please have it renewed."
    )

    def __init__(self, *, name: str, until: dt.date) -> None:
        super().__init__(name=name, until=dates.date(until))


# --- The waiting list -----------------------------------------------------------------------------------


class PlaceFree(Refusal):
    refusal_code = "place_free"
    sentence = _("There is a free place as “%(position)s”. You need not wait: sign up.")


class AlreadyWaiting(Refusal):
    refusal_code = "already_waiting"
    sentence = _("You already wait for a place in this shift, as “%(position)s”. Leave that list first.")


class OfferOpen(Refusal):
    refusal_code = "offer_open"
    sentence = _(
        "A place as “%(position)s” in this shift is kept for you. Take it, or decline it before you choose "
        "another."
    )


class OfferLapsed(Refusal):
    refusal_code = "offer_lapsed"
    sentence = _(
        "The time to take this place is over, so it goes to the next person. "
        "You can put yourself on the list again."
    )


class OfferGone(Refusal):
    refusal_code = "offer_gone"
    sentence = _("No place is offered to you here any more. Look at the activity again.")


# --- Did not come ---------------------------------------------------------------------------------------


class NotYourMark(Refusal):
    refusal_code = "not_your_mark"
    sentence = _("Only the person who was marked can answer.")


class MarkTakenBack(Refusal):
    refusal_code = "mark_taken_back"
    sentence = _("This mark no longer stands, so there is nothing to answer or decide.")


class AlreadyAnswered(Refusal):
    refusal_code = "already_answered"
    sentence = _("You have already answered. Somebody else than the marker reads it and decides.")


class AnswerTooLate(Refusal):
    refusal_code = "answer_too_late"
    sentence = _("The time to answer here is over. Call the community: %(phone)s. They can still excuse you.")


class NotAnswered(Refusal):
    refusal_code = "not_answered"
    sentence = _("The person has not answered yet, so there is nothing to decide.")


class AnswerDecided(Refusal):
    refusal_code = "answer_decided"
    sentence = _("A colleague has already decided this answer.")


class OwnAbsence(Refusal):
    refusal_code = "own_absence"
    sentence = _("Nobody decides about themselves. Please ask a colleague.")


class MarkerDecides(Refusal):
    refusal_code = "marker_decides"
    sentence = _("You made this mark, so a colleague should decide about the answer.")


class DecisionReasonMissing(Refusal):
    refusal_code = "decision_reason_missing"
    sentence = _("Write one sentence that says why the mark stays; the person reads it.")


# --- The same again -------------------------------------------------------------------------------------


class DayOver(Refusal):
    refusal_code = "day_over"
    sentence = _("That day has passed. Choose today or a later day.")


class DaysBackwards(Refusal):
    refusal_code = "days_backwards"
    sentence = _("The last day is before the first. Look at the two days again.")


class RepeatNothing(Refusal):
    refusal_code = "repeat_nothing"
    sentence = _(
        "There is nothing to add: say how many times or until which day, and look whether these days are "
        "there already."
    )


class RepeatTooMany(Refusal):
    refusal_code = "repeat_too_many"
    sentence = _("At most %(limit)s times at once. Repeat it again when these are over.")


class TooManyShifts(Refusal):
    refusal_code = "too_many_shifts"
    sentence = _("One activity can have at most %(limit)s shifts. Make a second activity for the rest.")


# --- Messages -------------------------------------------------------------------------------------------


class MessageEmpty(Refusal):
    refusal_code = "message_empty"
    sentence = _("Write the message first.")


class NobodyToTell(Refusal):
    refusal_code = "nobody_to_tell"
    sentence = _("Nobody has a seat in this shift, so there is nobody to write to.")


class TooManyMessages(Refusal):
    refusal_code = "too_many_messages"
    sentence = _("That is enough for one day: at most %(limit)s messages for one shift. Use the telephone.")


# --- Teams ----------------------------------------------------------------------------------------------


class NobodyChosen(Refusal):
    refusal_code = "nobody_chosen"
    sentence = _("Choose at least one person of the team.")


class MemberNotAgreed(Refusal):
    refusal_code = "member_not_agreed"
    sentence = _("This member has not agreed to be signed up by the leader. Ask them to tick it.")
