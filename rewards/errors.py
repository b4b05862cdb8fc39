"""Everything the rewards room refuses, each with its code and a sentence that says why and what now."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.refusals import Refusal


# --- Redeeming ------------------------------------------------------------------------------------------
class RewardClosed(Refusal):
    refusal_code = "reward_closed"
    sentence = _("This is not offered at the moment. Your beans are untouched.")


class OutOfStock(Refusal):
    refusal_code = "out_of_stock"
    sentence = _("Somebody was quicker: nothing is left of this. Your beans are untouched.")


class SlotNeeded(Refusal):
    refusal_code = "slot_needed"
    sentence = _("Please choose a time first.")


class NoFreeTime(Refusal):
    refusal_code = "no_free_time"
    sentence = _("All times are taken at the moment. New ones are added regularly, please look again.")


class SlotFull(Refusal):
    refusal_code = "slot_full"
    sentence = _("This time has just been taken. Please choose another one.")


class SlotPassed(Refusal):
    refusal_code = "slot_passed"
    sentence = _("This time has passed. Please choose a later one.")


class LimitReached(Refusal):
    refusal_code = "limit_reached"
    sentence = _(
        "Each person can have this %(limit)s times a month, and you have reached that. "
        "You can redeem it again from the 1st of next month."
    )


class NotForYou(Refusal):
    refusal_code = "not_for_you"
    sentence = _("This is for the residents of %(grid)s only, and your home is elsewhere.")


class HomeNotChosen(NotForYou):
    refusal_code = "not_for_you"
    sentence = _(
        "This is for the residents of %(grid)s. Please choose where you live first, under Me → My profile."
    )


class TooFewBeans(Refusal):
    refusal_code = "too_few_beans"
    sentence = _("This costs %(price)s beans and you have %(available)s: you still need %(missing)s more.")


class KeyUsedByAnother(Refusal):
    refusal_code = "key_used_by_another"
    sentence = _("This form was used before for something else. Please open the page again.")


class NotYours(Refusal):
    refusal_code = "not_yours"
    sentence = _("Only the member can do this.")


# --- Ending ---------------------------------------------------------------------------------------------
class CancelTooLate(Refusal):
    refusal_code = "cancel_too_late"
    sentence = _(
        "This could be cancelled until %(until)s. Please call the provider; if they cannot "
        "serve you, they cancel it and your beans come back."
    )


class NotOpen(Refusal):
    refusal_code = "not_open"
    sentence = _("This voucher has ended already: %(state)s.")


class UnknownReason(Refusal):
    refusal_code = "unknown_reason"
    sentence = _("Please choose one of the reasons.")


# --- Desk -----------------------------------------------------------------------------------------------
class DeskRefusal(Refusal):
    """A refusal at the desk. Each one leaves a `RefusedScan`."""

    refusal_code = "desk_refused"
    sentence = _("This cannot be handed over.")


class NotYourDesk(Refusal):
    refusal_code = "not_your_desk"
    sentence = _("You do not work at this desk.")


class UnknownCode(DeskRefusal):
    refusal_code = "unknown_code"
    sentence = _("No voucher has this code. Please compare all 12 characters with the voucher.")


class OtherProvider(DeskRefusal):
    refusal_code = "other_provider"
    sentence = _("This voucher is for another provider: %(provider)s. Do not hand anything over.")


class AlreadyFulfilled(DeskRefusal):
    refusal_code = "already_fulfilled"
    sentence = _("Already handed over on %(at)s at %(desk)s, by %(by)s. Do not hand it over again.")


class VoucherCancelled(DeskRefusal):
    refusal_code = "voucher_cancelled"
    sentence = _("This voucher was cancelled on %(at)s and its beans went back. Do not hand anything over.")


class VoucherExpired(DeskRefusal):
    refusal_code = "voucher_expired"
    sentence = _("This voucher was valid until %(until)s. The beans go back to the member.")


class TooManyTries(DeskRefusal):
    refusal_code = "too_many_tries"
    sentence = _("Too many wrong codes. Please wait %(minutes)s minutes and try again.")


# --- Slots and settlement -------------------------------------------------------------------------------
class NotAllowed(Refusal):
    refusal_code = "not_allowed"
    sentence = _("You may not do this here.")


class NoAppointments(Refusal):
    refusal_code = "no_appointments"
    sentence = _("Only a service by appointment has times to choose from.")


class BadSlots(Refusal):
    refusal_code = "bad_slots"
    sentence = _("Please give at least one time in the future, and minutes and places above zero.")


class OwnProvider(Refusal):
    refusal_code = "own_provider"
    sentence = _("You work at this provider's desk, so somebody else has to confirm the settlement.")


class MonthNotOver(Refusal):
    refusal_code = "month_not_over"
    sentence = _("This month is not over. It can be settled from %(day)s.")


class NothingToSettle(Refusal):
    refusal_code = "nothing_to_settle"
    sentence = _("Nothing was handed over in this month, so there is nothing to settle.")
