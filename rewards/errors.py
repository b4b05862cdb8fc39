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
        "Each person can have this %(limit)s times %(period)s, and you have reached that. "
        "You can redeem it again from %(day)s."
    )


class LimitReachedForGood(LimitReached):
    refusal_code = "limit_reached"
    sentence = _("Each person can have this %(limit)s times in all, and you have reached that.")


class AgreementOver(RewardClosed):
    refusal_code = "agreement_over"
    sentence = _("The agreement with %(provider)s is not in force today. Your beans are untouched.")


class ProviderMonthFull(Refusal):
    refusal_code = "provider_month_full"
    sentence = _(
        "%(provider)s can give %(limit)s vouchers a month, and those of this month are gone. "
        "There are new ones from %(day)s."
    )


class TooFewHours(Refusal):
    refusal_code = "too_few_hours"
    sentence = _("This is for volunteers with %(hours)s hours of service or more. You have %(have)s.")


class RulesSayNo(Refusal):
    """The scheme's redemption rules refuse; `context["rule"]` is the code of the reason."""

    refusal_code = "rules_say_no"
    sentence = _("By the rules of “%(scheme)s”: %(reason)s")


class OptionNeeded(Refusal):
    refusal_code = "option_needed"
    sentence = _("Please choose one of the things offered.")


class OptionGone(Refusal):
    refusal_code = "option_gone"
    sentence = _("“%(option)s” is all gone. Please choose another one.")


class SlotTooSoon(Refusal):
    refusal_code = "slot_too_soon"
    sentence = _("This time can be booked until %(hours)s hours before. Please choose a later one.")


class NotForYou(Refusal):
    refusal_code = "not_for_you"
    sentence = _("This is for the residents of %(grid)s only, and your home is elsewhere.")


class HomeNotChosen(NotForYou):
    refusal_code = "not_for_you"
    sentence = _(
        "This is for the residents of %(grid)s. Please choose where you live first, under Me → My profile."
    )


class HomeToGive(NotForYou):
    refusal_code = "not_for_you"
    sentence = _("Please choose where you live first, under Me → My profile: then we know which community.")


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


class MovedEnough(Refusal):
    refusal_code = "moved_enough"
    sentence = _("An appointment can be moved %(times)s times, and that has been used.")


class MoveTooLate(Refusal):
    refusal_code = "move_too_late"
    sentence = _("This could be moved until %(until)s. Please call the provider.")


class SameSlot(Refusal):
    refusal_code = "same_slot"
    sentence = _("That is the time you have already.")


class NoAppointment(Refusal):
    refusal_code = "no_appointment"
    sentence = _("This voucher has no appointment.")


class NotOver(Refusal):
    refusal_code = "not_over"
    sentence = _("This appointment lasts until %(until)s. It can be marked as missed after that.")


class MarkedAlready(Refusal):
    refusal_code = "marked_already"
    sentence = _("This appointment is marked as missed already.")


class AnswerTooLate(Refusal):
    refusal_code = "answer_too_late"
    sentence = _("This cannot be answered any more. Please ask your community.")


class AnswerMissing(Refusal):
    refusal_code = "answer_missing"
    sentence = _("Please write a few words.")


class DecidedAlready(Refusal):
    refusal_code = "decided_already"
    sentence = _("This has been decided already: %(outcome)s.")


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


class HandOverAnnulled(DeskRefusal):
    refusal_code = "hand_over_annulled"
    sentence = _("This confirmation was taken back on %(at)s. Look at the voucher again before handing over.")


class AnnulTooLate(Refusal):
    refusal_code = "annul_too_late"
    sentence = _("You can take back a hand-over for %(minutes)s minutes. Please ask your supervisor now.")


class AlreadySettled(Refusal):
    refusal_code = "already_settled"
    sentence = _("That month has been settled, so nothing of it can be taken back any more.")


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


class DayClosed(Refusal):
    refusal_code = "day_closed"
    sentence = _("%(provider)s is closed on %(day)s. Please leave that day out.")


class PlanTooLong(Refusal):
    refusal_code = "plan_too_long"
    sentence = _("A plan reaches %(days)s days and %(times)s times at most. Please make it shorter.")


class DaysBackwards(Refusal):
    refusal_code = "days_backwards"
    sentence = _("The last day cannot be before the first, and neither can be past.")


# --- Stock, the queue, wishes, giving ---------------------------------------------------------------------
class NoSuchStock(Refusal):
    refusal_code = "no_such_stock"
    sentence = _("The stock of this is not counted. Enter a stock first.")


class StockBelowZero(Refusal):
    refusal_code = "stock_below_zero"
    sentence = _("Only %(left)s are there.")


class NothingChanges(Refusal):
    refusal_code = "nothing_changes"
    sentence = _("Please enter how many came or went.")


class StillThere(Refusal):
    refusal_code = "still_there"
    sentence = _("There is still some of this: you can redeem it now.")


class WishEmpty(Refusal):
    refusal_code = "wish_empty"
    sentence = _("Please write what you would like, in a few words.")


class WishesEnough(Refusal):
    refusal_code = "wishes_enough"
    sentence = _("You can write %(most)s wishes a month. Thank you: they are read.")


class NothingGiven(Refusal):
    refusal_code = "nothing_given"
    sentence = _("Please enter a whole number of beans above zero.")


# --- Aid --------------------------------------------------------------------------------------------------
class AidCount(Refusal):
    refusal_code = "aid_count"
    sentence = _("Between 1 and %(most)s vouchers can be made at a time.")


class AidDates(Refusal):
    refusal_code = "aid_dates"
    sentence = _("Vouchers can be valid until a day within the next %(days)s days.")


class AidUnnamed(Refusal):
    refusal_code = "aid_unnamed"
    sentence = _("Please say what the vouchers are for.")


class AidVoid(DeskRefusal):
    refusal_code = "aid_void"
    sentence = _("This voucher was made void on %(at)s. Do not hand anything over.")


class AidSheetClosed(Refusal):
    refusal_code = "aid_sheet_closed"
    sentence = _("The sheet can be printed on the day of issue only, by whoever issued it.")


class OwnProvider(Refusal):
    refusal_code = "own_provider"
    sentence = _("You work at this provider's desk, so somebody else has to confirm the settlement.")


class MonthNotOver(Refusal):
    refusal_code = "month_not_over"
    sentence = _("This month is not over. It can be settled from %(day)s.")


class NothingToSettle(Refusal):
    refusal_code = "nothing_to_settle"
    sentence = _("Nothing was handed over in this month, so there is nothing to settle.")
