"""Refusals of the grids room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.refusals import Refusal


class NotAllowed(Refusal):
    refusal_code = "not_allowed"
    sentence = _("You may not do this here.")


class OwnRole(Refusal):
    refusal_code = "own_role"
    sentence = _("Nobody can give themselves a role. Please ask a colleague.")


class RoleExists(Refusal):
    refusal_code = "role_exists"
    sentence = _("This person already has this role here.")


class WrongDates(Refusal):
    refusal_code = "wrong_dates"
    sentence = _("The last day cannot be before the first.")


class PersonInactive(Refusal):
    refusal_code = "person_inactive"
    sentence = _("This account has been deactivated.")


class UnknownParent(Refusal):
    refusal_code = "unknown_parent"
    sentence = _("There is no grid unit with the code %(parent)s above %(code)s.")


class DuplicateCode(Refusal):
    refusal_code = "duplicate_code"
    sentence = _("The grid code %(code)s is already in use.")


class Cycle(Refusal):
    refusal_code = "cycle"
    sentence = _("The grid unit %(code)s would stand below itself.")


class BadUnit(Refusal):
    refusal_code = "bad_unit"
    sentence = _("The grid unit %(code)s is not valid: %(why)s")


class GridClosed(Refusal):
    refusal_code = "grid_closed"
    sentence = _("%(name)s has been closed. Please choose another place.")


# --- Approval requests ------------------------------------------------------------------------------------
class UnknownKind(Refusal):
    refusal_code = "unknown_kind"
    sentence = _("Nobody knows how to decide a request of the kind “%(kind)s”.")


class RequestOpen(Refusal):
    refusal_code = "request_open"
    sentence = _("The same is already waiting for a decision. Please wait for it, or withdraw it first.")


class EvidenceMissing(Refusal):
    refusal_code = "evidence_missing"
    sentence = _("Please add the evidence: a PDF or a picture of the paper.")


class EvidenceUnreadable(Refusal):
    refusal_code = "evidence_unreadable"
    sentence = _("“%(name)s” is not a PDF, JPEG, PNG or WebP file that can be read.")


class EvidenceTooLarge(Refusal):
    refusal_code = "evidence_too_large"
    sentence = _("“%(name)s” is larger than %(limit)s MB.")


class EvidenceTooMany(Refusal):
    refusal_code = "evidence_too_many"
    sentence = _("At most %(limit)s files can stand beside one request.")


class AlreadyDecided(Refusal):
    refusal_code = "already_decided"
    sentence = _("This request is no longer open: %(state)s.")


class RequestExpired(Refusal):
    refusal_code = "request_expired"
    sentence = _("This request was not decided in time. It has to be made again.")


class OwnRequest(Refusal):
    refusal_code = "own_request"
    sentence = _("Nobody decides their own request. Please ask a colleague.")


class SamePerson(Refusal):
    refusal_code = "same_person"
    sentence = _("This account has the same telephone number as the one that asked: two people are needed.")


class SameRole(Refusal):
    refusal_code = "same_role"
    sentence = _("This needs somebody in another role than %(role)s, in which it was asked for.")


class MakerWithoutRight(Refusal):
    refusal_code = "maker_without_right"
    sentence = _("%(name)s may no longer ask for this here. The request can only be sent back.")


class ReasonMissing(Refusal):
    refusal_code = "reason_missing"
    sentence = _("Please write down the reason, so that the colleague knows what to change.")


class NotYourRequest(Refusal):
    refusal_code = "not_your_request"
    sentence = _("Only the person who asked can withdraw a request.")
