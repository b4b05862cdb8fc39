"""What can be done with activities. Import from here: `from points.activities import services`."""

from points.activities.services.absences import (
    answer_absence,
    answers_waiting,
    decide_absence,
    pause_of,
)
from points.activities.services.attendance import (
    CLOSES_AFTER,
    OPENS_BEFORE,
    SCAN_LASTS,
    check_in,
    check_in_scanned,
    check_in_with_code,
    check_out,
    check_out_scanned,
    check_out_with_code,
    close_forgotten,
    correct_times,
    mark_no_show,
    registrations_of_now,
)
from points.activities.services.check_codes import (
    WINDOW_SECONDS,
    check_code,
    check_token,
    scanned_shift,
    seconds_left,
)
from points.activities.services.confirming import Confirmation, confirm_shift
from points.activities.services.devices import forget_devices, note_device, shared_devices
from points.activities.services.forgetting import (
    forget_in_sheets,
    forget_words,
    give_back_seats,
    seats_ahead,
)
from points.activities.services.import_report import ImportReport
from points.activities.services.import_runs import (
    check_again,
    clean_imports,
    discard_import,
    run_import,
    start_import,
    upload_sheet,
)
from points.activities.services.organising import (
    PositionPlan,
    ShiftPlan,
    cancel_activity,
    create_activity,
    publish,
    refresh_times,
    save_activity,
)
from points.activities.services.registration import (
    add_walk_in,
    cancel_registration,
    find_person,
    sign_up,
)
from points.activities.services.repeating import (
    MAX_REPEATS,
    MAX_SHIFTS,
    add_days,
    cancel_this_and_later,
    copy_activity,
    later_in_series,
    repeat_weekly,
    save_this_and_later,
)
from points.activities.services.roster_import import import_roster
from points.activities.services.sheet_reading import read_sheet
from points.activities.services.team_sign_up import TeamSignup, sign_up_team
from points.activities.services.telling import remind, write_to_participants
from points.activities.services.waiting import (
    accept_offer,
    join_waitlist,
    leave_waitlist,
    number_of,
    settle_waitlists,
)

__all__ = [
    "CLOSES_AFTER",
    "MAX_REPEATS",
    "MAX_SHIFTS",
    "OPENS_BEFORE",
    "SCAN_LASTS",
    "WINDOW_SECONDS",
    "Confirmation",
    "ImportReport",
    "PositionPlan",
    "ShiftPlan",
    "TeamSignup",
    "accept_offer",
    "add_days",
    "add_walk_in",
    "answer_absence",
    "answers_waiting",
    "cancel_activity",
    "cancel_registration",
    "cancel_this_and_later",
    "check_again",
    "check_code",
    "check_in",
    "check_in_scanned",
    "check_in_with_code",
    "check_out",
    "check_out_scanned",
    "check_out_with_code",
    "check_token",
    "clean_imports",
    "close_forgotten",
    "confirm_shift",
    "copy_activity",
    "correct_times",
    "create_activity",
    "decide_absence",
    "discard_import",
    "find_person",
    "forget_devices",
    "forget_in_sheets",
    "forget_words",
    "give_back_seats",
    "import_roster",
    "join_waitlist",
    "later_in_series",
    "leave_waitlist",
    "mark_no_show",
    "note_device",
    "number_of",
    "pause_of",
    "publish",
    "read_sheet",
    "refresh_times",
    "registrations_of_now",
    "remind",
    "repeat_weekly",
    "run_import",
    "save_activity",
    "save_this_and_later",
    "scanned_shift",
    "seats_ahead",
    "seconds_left",
    "settle_waitlists",
    "shared_devices",
    "sign_up",
    "sign_up_team",
    "start_import",
    "upload_sheet",
    "write_to_participants",
]
