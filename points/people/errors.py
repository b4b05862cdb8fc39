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
