"""Refusals of the people room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.refusals import Refusal


class PhoneTaken(Refusal):
    refusal_code = "phone_taken"
    sentence = _("This phone number already belongs to an account. You can sign in with it.")


class PhoneInvalid(Refusal):
    refusal_code = "phone_invalid"
    sentence = _("This does not look like a phone number. Enter digits only, for example 13800001234.")


class EmailTaken(Refusal):
    refusal_code = "email_taken"
    sentence = _("This e-mail address already belongs to an account. You can sign in with it.")


class ConsentNeeded(Refusal):
    refusal_code = "consent_needed"
    sentence = _("Without this consent we may not keep records of your service, and you cannot sign up.")


class NotYours(Refusal):
    refusal_code = "not_yours"
    sentence = _("Only the person themselves can decide this.")


class CardUnknown(Refusal):
    refusal_code = "card_unknown"
    sentence = _("This is not a member card of this site. Type the person's phone number or member number.")


class CardReplaced(Refusal):
    refusal_code = "card_replaced"
    sentence = _("This card was reported lost and replaced. Ask for the new card, or type the member number.")


class GuardianConsentNeeded(Refusal):
    refusal_code = "guardian_consent_needed"
    sentence = _(
        "Whoever is under 14 needs the consent of a parent or guardian first. "
        "They give it at your community, or from their own account: see “What I agreed to”."
    )


class GuardianKnown(Refusal):
    refusal_code = "guardian_known"
    sentence = _("A guardian has agreed already. Revoke that consent first if it is to change.")


class GuardianNotAdult(Refusal):
    refusal_code = "guardian_not_adult"
    sentence = _("Only an adult can agree for a child. Enter your year of birth in your profile first.")


class NotUnderFourteen(Refusal):
    refusal_code = "not_under_14"
    sentence = _("This person is not under 14, or has not told the year of birth: no guardian is needed.")


class BirthYearFixed(Refusal):
    refusal_code = "birth_year_fixed"
    sentence = _("Your community can correct the year of birth of somebody under 14. Please ask there.")


class ClosingUnderWay(Refusal):
    refusal_code = "closing_under_way"
    sentence = _("This account is being closed at this moment. Nothing can be changed any more.")


class StillHasTasks(Refusal):
    refusal_code = "still_has_tasks"
    sentence = _(
        "You still have a task here (%(task)s). Ask your community to end it, then close your account."
    )


class WrongPassword(Refusal):
    refusal_code = "wrong_password"
    sentence = _("This is not your password. Nothing has been changed.")


class TooManyCopies(Refusal):
    refusal_code = "too_many_copies"
    sentence = _("%(number)s copies a day are enough. Please come back tomorrow.")


class UnknownTerm(Refusal):
    refusal_code = "unknown_term"
    sentence = _("A term is a whole number of days, at least one, for one of these: %(codes)s.")
