"""The core of the main job in English, without JavaScript: every button is a form, every page is whole.

The back office is Wagtail's own and needs JavaScript, so the announcement and the auditor are not in it.
"""

from __future__ import annotations

import pytest

from points.ledger.verify import verify
from tests.journeys import main_job as job
from tests.journeys.conftest import MoveClock, Stage, run_due
from tests.journeys.person import NewPerson

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_main_job_without_javascript(stage: Stage, person: NewPerson, move_clock: MoveClock) -> None:
    organiser, volunteer, barber, cook = (
        person(name, language="en", javascript=False) for name in ("organiser", "volunteer", "barber", "cook")
    )
    organiser.sign_in("zhouxiaotong")
    job.create_activity(organiser)
    job.join(volunteer, name="Wang Xiulan")
    job.find_activity(volunteer)
    job.sign_up(volunteer)

    move_clock("2026-11-23 09:05")
    job.check_in(volunteer, job.read_code(organiser))
    move_clock("2026-11-23 10:50")
    job.check_out(volunteer, job.read_code(organiser))
    move_clock("2026-11-23 11:10")
    job.confirm(organiser, "Wang Xiulan")
    job.read_pending(volunteer)
    move_clock("2026-11-27 00:10")
    run_due()
    job.read_available(volunteer)

    haircut, meal = job.redeem_haircut(volunteer), job.redeem_meal(volunteer)
    barber.sign_in("chenhongmei")
    cook.sign_in("zhaodeshun")
    move_clock("2026-11-28 15:30")
    job.hand_over(barber, haircut, reward="理发一次", beans=20)
    job.hand_over(cook, meal, reward="社区食堂套餐", beans=12)
    job.read_statement(barber, reward="理发一次", beans=20)
    job.read_every_reason(volunteer, lines=6)
    assert verify().ok
