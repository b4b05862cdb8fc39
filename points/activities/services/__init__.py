"""What can be done with activities. Import from here: `from points.activities import services`."""

from points.activities.services.attendance import (
    CLOSES_AFTER,
    OPENS_BEFORE,
    check_code,
    check_in,
    check_in_with_code,
    check_out,
    check_out_with_code,
    close_forgotten,
    correct_times,
    mark_no_show,
    registrations_of_now,
    seconds_left,
)
from points.activities.services.confirming import Confirmation, confirm_shift
from points.activities.services.forgetting import forget_in_sheets, give_back_seats, seats_ahead
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
from points.activities.services.roster_import import import_roster
from points.activities.services.sheet_reading import read_sheet

__all__ = [
    "CLOSES_AFTER",
    "OPENS_BEFORE",
    "Confirmation",
    "ImportReport",
    "PositionPlan",
    "ShiftPlan",
    "add_walk_in",
    "cancel_activity",
    "cancel_registration",
    "check_again",
    "check_code",
    "check_in",
    "check_in_with_code",
    "check_out",
    "check_out_with_code",
    "clean_imports",
    "close_forgotten",
    "confirm_shift",
    "correct_times",
    "create_activity",
    "discard_import",
    "find_person",
    "forget_in_sheets",
    "give_back_seats",
    "import_roster",
    "mark_no_show",
    "publish",
    "read_sheet",
    "refresh_times",
    "registrations_of_now",
    "run_import",
    "save_activity",
    "seats_ahead",
    "seconds_left",
    "sign_up",
    "start_import",
    "upload_sheet",
]
