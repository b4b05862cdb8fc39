"""Everything the ledger refuses, each with its code."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.refusals import Refusal


class NotInTransaction(Refusal):
    refusal_code = "not_in_transaction"
    sentence = _("The ledger writes only inside a database transaction.")


class NoMoves(Refusal):
    refusal_code = "no_moves"
    sentence = _("A transaction needs at least one posting.")


class NotPositive(Refusal):
    refusal_code = "not_positive"
    sentence = _("An amount must be a whole number above zero; %(amount)s is not.")


class TooLarge(Refusal):
    refusal_code = "too_large"
    sentence = _("The amount %(amount)s is too large.")


class SameAccount(Refusal):
    refusal_code = "same_account"
    sentence = _("Nothing can be moved from an account to itself (%(account)s).")


class WrongUnit(Refusal):
    refusal_code = "wrong_unit"
    sentence = _("%(account)s holds %(held)s, not %(moved)s.")


class AccountClosed(Refusal):
    refusal_code = "account_closed"
    sentence = _("The account %(account)s is closed.")


class InsufficientBalance(Refusal):
    refusal_code = "insufficient_balance"
    sentence = _("%(account)s has %(balance)s, %(needed)s are needed.")


class AboveCeiling(Refusal):
    refusal_code = "above_ceiling"
    sentence = _("%(account)s records a debt and cannot rise above zero.")


class DayNotKept(Refusal):
    refusal_code = "day_not_kept"
    sentence = _("%(account)s does not keep expiry days.")


class DayPassed(Refusal):
    refusal_code = "day_passed"
    sentence = _("Beans cannot be given an expiry day that has passed (%(day)s).")


class IdempotencyConflict(Refusal):
    refusal_code = "idempotency_conflict"
    sentence = _("The key %(key)s was used before for something else.")


class AlreadyReversed(Refusal):
    refusal_code = "already_reversed"
    sentence = _("This transaction has been reversed before.")


class KindHalted(Refusal):
    refusal_code = "kind_halted"
    sentence = _("This is paused at the moment while the books are being checked. Please try again later.")


class AlreadyHalted(Refusal):
    refusal_code = "already_halted"
    sentence = _("Transactions of this kind are halted already.")


class BadAccountCode(Refusal):
    refusal_code = "bad_account_code"
    sentence = _("%(account)s is not an account code: small letters, digits, hyphens and colons only.")


class AccountMismatch(Refusal):
    refusal_code = "account_mismatch"
    sentence = _("The account %(account)s exists already with another kind, unit or owner.")


class DayNeeded(Refusal):
    refusal_code = "day_needed"
    sentence = _("In bulk, the expiry day to draw from %(account)s must be named.")


class DuplicateKey(Refusal):
    refusal_code = "duplicate_key"
    sentence = _("The key %(key)s stands twice in one batch.")


class NotSealedYet(Refusal):
    refusal_code = "not_sealed_yet"
    sentence = _("This is not sealed yet. Seals are made every minute; please come back shortly.")


class MonthNotOver(Refusal):
    refusal_code = "month_not_over"
    sentence = _("The books of a month can be closed only after it has ended.")


class TryAgainLater(Refusal):
    refusal_code = "try_again_later"
    sentence = _("The books are very busy at the moment. Nothing was changed; please try again.")
