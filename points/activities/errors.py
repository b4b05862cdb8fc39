"""Every "no" of the activities room: a stable code, and a sentence that says why and what to do now."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.activities.errors_check_in import CheckedInElsewhere as CheckedInElsewhere
from points.activities.errors_check_in import NotOnTheList as NotOnTheList
from points.activities.errors_check_in import OwnCheckIn as OwnCheckIn
from points.activities.errors_check_in import QrExpired as QrExpired
from points.activities.errors_check_in import ScanTooOld as ScanTooOld
from points.activities.errors_check_in import WasElsewhere as WasElsewhere
from points.activities.errors_check_in import WrongQr as WrongQr
from points.activities.errors_sign_up import AlreadyAnswered as AlreadyAnswered
from points.activities.errors_sign_up import AlreadyWaiting as AlreadyWaiting
from points.activities.errors_sign_up import AnswerDecided as AnswerDecided
from points.activities.errors_sign_up import AnswerTooLate as AnswerTooLate
from points.activities.errors_sign_up import BirthYearMissing as BirthYearMissing
from points.activities.errors_sign_up import DayOver as DayOver
from points.activities.errors_sign_up import DaysBackwards as DaysBackwards
from points.activities.errors_sign_up import DecisionReasonMissing as DecisionReasonMissing
from points.activities.errors_sign_up import MarkerDecides as MarkerDecides
from points.activities.errors_sign_up import MarkTakenBack as MarkTakenBack
from points.activities.errors_sign_up import MemberNotAgreed as MemberNotAgreed
from points.activities.errors_sign_up import MessageEmpty as MessageEmpty
from points.activities.errors_sign_up import NobodyChosen as NobodyChosen
from points.activities.errors_sign_up import NobodyToTell as NobodyToTell
from points.activities.errors_sign_up import NotAnswered as NotAnswered
from points.activities.errors_sign_up import NotYourMark as NotYourMark
from points.activities.errors_sign_up import OfferGone as OfferGone
from points.activities.errors_sign_up import OfferLapsed as OfferLapsed
from points.activities.errors_sign_up import OfferOpen as OfferOpen
from points.activities.errors_sign_up import Overlap as Overlap
from points.activities.errors_sign_up import OwnAbsence as OwnAbsence
from points.activities.errors_sign_up import PlaceFree as PlaceFree
from points.activities.errors_sign_up import QualificationMissing as QualificationMissing
from points.activities.errors_sign_up import QualificationOver as QualificationOver
from points.activities.errors_sign_up import RepeatNothing as RepeatNothing
from points.activities.errors_sign_up import RepeatTooMany as RepeatTooMany
from points.activities.errors_sign_up import SignupPaused as SignupPaused
from points.activities.errors_sign_up import TooManyMessages as TooManyMessages
from points.activities.errors_sign_up import TooManyShifts as TooManyShifts
from points.activities.errors_sign_up import TooOld as TooOld
from points.activities.errors_sign_up import TooYoung as TooYoung
from points.refusals import Refusal

# --- Signing up -----------------------------------------------------------------------------------------


class ActivityNotOpen(Refusal):
    refusal_code = "activity_not_open"
    sentence = _("This activity is not open for sign-up.")


class ShiftStarted(Refusal):
    refusal_code = "shift_started"
    sentence = _("This shift has already started. Go there and ask the organiser to add you.")


class SignupClosed(Refusal):
    refusal_code = "signup_closed"
    sentence = _("Sign-up for this shift has closed. Call the organiser or choose another shift.")


class ActivityFull(Refusal):
    refusal_code = "activity_full"
    sentence = _("All %(capacity)s seats of “%(position)s” are taken. Choose another position or shift.")


class AlreadySignedUp(Refusal):
    refusal_code = "already_signed_up"
    sentence = _(
        "You already have a seat in this shift, as “%(position)s”. "
        "Cancel that one first if you want to change."
    )


class Clash(Refusal):
    refusal_code = "clash"
    sentence = _(
        "At that time you are signed up for “%(activity)s”. The two overlap by %(minutes)s minutes: "
        "choose another shift or cancel the other one."
    )


# --- Cancelling -----------------------------------------------------------------------------------------


class AlreadyCheckedIn(Refusal):
    refusal_code = "already_checked_in"
    sentence = _("Somebody who has checked in can no longer cancel. Check out when you leave.")


class AlreadyRecorded(Refusal):
    refusal_code = "already_recorded"
    sentence = _("This service has already been recorded. Ask the community for a correction.")


class ShiftOver(Refusal):
    refusal_code = "shift_over"
    sentence = _("This shift is over. The organiser decides what to write down.")


class SeatGone(Refusal):
    refusal_code = "seat_gone"
    sentence = _("This sign-up has been cancelled, so nothing can be changed in it.")


# --- Checking in and out --------------------------------------------------------------------------------


class WrongCode(Refusal):
    refusal_code = "wrong_code"
    sentence = _("That is not the code. Look at the organiser's screen and type the six digits again.")


class CodeExpired(Refusal):
    refusal_code = "code_expired"
    sentence = _("That code has just changed. Type the six digits that are on the screen now.")


class TooManyTries(Refusal):
    refusal_code = "too_many_tries"
    sentence = _("Too many wrong codes. Wait ten minutes, or ask the organiser to tick you in.")


class NothingNow(Refusal):
    refusal_code = "nothing_now"
    sentence = _(
        "You have no sign-up for a shift around now. "
        "Ask the organiser to add you to the list, then try again."
    )


class CheckInTooEarly(Refusal):
    refusal_code = "check_in_too_early"
    sentence = _("Check-in opens %(minutes)s minutes before the shift starts.")


class CheckInOver(Refusal):
    refusal_code = "check_in_over"
    sentence = _("This shift has ended, so nobody can check in any more. Ask the organiser.")


class CheckOutBeforeCheckIn(Refusal):
    refusal_code = "check_out_before_check_in"
    sentence = _("Check in first: there is no check-in for you in this shift yet.")


class TimeInFuture(Refusal):
    refusal_code = "time_in_future"
    sentence = _("That time has not come yet.")


class TimeOutOfRange(Refusal):
    refusal_code = "time_out_of_range"
    sentence = _("That time is too far from the shift. Look at the day and the hour again.")


class OutBeforeIn(Refusal):
    refusal_code = "out_before_in"
    sentence = _("Nobody can leave before coming. Look at the two times again.")


# --- Organising -----------------------------------------------------------------------------------------


class NoShifts(Refusal):
    refusal_code = "no_shifts"
    sentence = _("Add at least one shift before you publish.")


class NoPositions(Refusal):
    refusal_code = "no_positions"
    sentence = _("Every shift needs at least one position with seats before you publish.")


class ShiftsOver(Refusal):
    refusal_code = "shifts_over"
    sentence = _("All shifts are over. Give the activity a time that is still to come, then publish.")


class RiskyNotInsured(Refusal):
    refusal_code = "risky_not_insured"
    sentence = _(
        "Where people could get hurt, volunteers must be insured first (Regulation 685, article 17). "
        "Insure them, tick “insured”, then publish."
    )


class ActivityCancelled(Refusal):
    refusal_code = "activity_cancelled"
    sentence = _("This activity has been cancelled. Make a new one instead.")


class CapacityBelowTaken(Refusal):
    refusal_code = "capacity_below_taken"
    sentence = _(
        "%(taken)s people have already signed up for “%(position)s”. It cannot have fewer seats than that."
    )


class RiskNoteMissing(Refusal):
    refusal_code = "risk_note_missing"
    sentence = _(
        "Where people could get hurt, say in one sentence what the risks are (Regulation 685, article 12), "
        "then publish."
    )


class MeetingIsNoService(Refusal):
    refusal_code = "meeting_is_no_service"
    sentence = _(
        "A residents' meeting is not volunteer service (Order 67, article 19): untick "
        "“counts as volunteer service”, then publish."
    )


class AgesWrong(Refusal):
    refusal_code = "ages_wrong"
    sentence = _("The highest age cannot be below the lowest.")


class HasRegistrations(Refusal):
    refusal_code = "has_registrations"
    sentence = _(
        "People have signed up for “%(name)s”, so it cannot be deleted. Cancel the activity instead."
    )


class ShiftRecorded(Refusal):
    refusal_code = "shift_recorded"
    sentence = _("Service has been recorded for this shift, so its time stays as it is.")


class ShiftEndsBeforeStart(Refusal):
    refusal_code = "shift_ends_before_start"
    sentence = _("A shift ends after it starts.")


class DuplicatePosition(Refusal):
    refusal_code = "duplicate_position"
    sentence = _("Two positions of one shift cannot both be called “%(name)s”.")


class UnknownPerson(Refusal):
    refusal_code = "unknown_person"
    sentence = _(
        "Nobody here has the phone number or user name “%(given)s”. Ask the person to register first."
    )


# --- Confirming -----------------------------------------------------------------------------------------


class ShiftNotStarted(Refusal):
    refusal_code = "shift_not_started"
    sentence = _("This shift has not started yet. Confirm it when people have been there.")


class StillInside(Refusal):
    refusal_code = "still_inside"
    sentence = _(
        "%(name)s has not checked out yet. Confirm after the planned end, or enter the time of leaving."
    )


# --- Reading a sign-in sheet ----------------------------------------------------------------------------


class SheetRefusal(Refusal):
    """A whole sheet is refused; nothing of it was written."""

    refusal_code = "sheet_refused"
    sentence = _("This file cannot be read as a sign-in sheet.")


class FileTooLarge(SheetRefusal):
    refusal_code = "file_too_large"
    sentence = _("The file is larger than %(limit)s MB. Leave out pictures, or cut the sheet in two.")


class UnpacksTooLarge(SheetRefusal):
    refusal_code = "unpacks_too_large"
    sentence = _("Unpacked, this file is larger than %(limit)s MB. It was not opened.")


class NotASheet(SheetRefusal):
    refusal_code = "not_a_sheet"
    sentence = _("This is not a sign-in sheet. Save it as XLSX or CSV in your spreadsheet and send that.")


class UnreadableEncoding(SheetRefusal):
    refusal_code = "unreadable_encoding"
    sentence = _(
        "The characters of this file cannot be read. Save it as XLSX, or as CSV in UTF-8 or GB18030."
    )


class NoHeading(SheetRefusal):
    refusal_code = "no_heading"
    sentence = _(
        "No heading was found in the first 20 rows. One row must name the columns: 姓名, 手机, 签到, 签退 …"
    )


class TooManyRows(SheetRefusal):
    refusal_code = "too_many_rows"
    sentence = _("The sheet has more than %(limit)s rows. Cut it in two.")


class NoRows(SheetRefusal):
    refusal_code = "no_rows"
    sentence = _("There is nobody under the heading of this sheet.")


# --- An import as a piece of work -----------------------------------------------------------------------


class ImportRefusal(Refusal):
    """Why an import cannot go on, or has stopped."""

    refusal_code = "import_refused"
    sentence = _("This import cannot go on.")


class ImportBusy(ImportRefusal):
    refusal_code = "import_busy"
    sentence = _("The sheet is being worked on. Wait until the bar is full.")


class ImportOver(ImportRefusal):
    refusal_code = "import_over"
    sentence = _("This sheet has been imported already. Choose the file again to import it once more.")


class ImportFileGone(ImportRefusal):
    refusal_code = "import_file_gone"
    sentence = _("The file has been deleted; we keep it for seven days at most. Choose it again.")


class ImportNotAllowed(ImportRefusal):
    refusal_code = "import_not_allowed"
    sentence = _("You may no longer import sheets for this activity.")


class ImportStopped(ImportRefusal):
    refusal_code = "import_stopped"
    sentence = _(
        "The work stopped before its end. What was written stands. Start it again: it goes on from there."
    )


class ImportNotHandedOver(ImportRefusal):
    refusal_code = "import_not_handed_over"
    sentence = _("The background work cannot be reached. Nothing was lost; start it again in a few minutes.")
