"""What is done in the assessment room: one verb for each write."""

from points.assessment.services.appealing import decide_appeal, file_appeal
from points.assessment.services.claiming import decide_claim, submit_claim, withdraw_claim
from points.assessment.services.closing import begin_notice, close_period
from points.assessment.services.counting import (
    begin_counting,
    count_again,
    decide_fact,
    reverse_fact,
    waiting,
)
from points.assessment.services.rating import answer, form_of, token_for
from points.assessment.services.results import compute
from points.assessment.services.setting_up import (
    copy_set,
    discard_period,
    open_period,
    remove_indicator,
    save_indicator,
    save_period,
    save_set,
)

__all__ = [
    "answer",
    "begin_counting",
    "begin_notice",
    "close_period",
    "compute",
    "copy_set",
    "count_again",
    "decide_appeal",
    "decide_claim",
    "decide_fact",
    "discard_period",
    "file_appeal",
    "form_of",
    "open_period",
    "remove_indicator",
    "reverse_fact",
    "save_indicator",
    "save_period",
    "save_set",
    "submit_claim",
    "token_for",
    "waiting",
    "withdraw_claim",
]
