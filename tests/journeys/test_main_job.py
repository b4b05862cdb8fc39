"""The whole main job on a phone in Chinese: an organiser, a volunteer, two desks and an auditor.

Five people, each with a browser of their own (issue 2, step 3). The town's clock is moved; nothing else is
done for them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cms.demo import covers
from points.ledger.verify import verify
from points.people.models import User
from tests.journeys import back_office
from tests.journeys import main_job as job
from tests.journeys.conftest import MoveClock, Stage, run_due
from tests.journeys.person import NewPerson

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_main_job(
    stage: Stage, person: NewPerson, move_clock: MoveClock, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    organiser, volunteer = person("organiser"), person("volunteer")
    barber, cook, auditor = person("barber"), person("cook"), person("auditor")

    # Friday: an activity, an announcement, a new volunteer
    organiser.sign_in("zhouxiaotong")
    job.create_activity(organiser, picture=covers.draw("courtyard"))
    alt_text = covers.alt_text("courtyard")
    back_office.announce(organiser, picture=covers.draw("courtyard"), alt_text=alt_text)
    back_office.read_announcement(volunteer, alt_text=alt_text)
    job.join(volunteer, name="王秀兰")
    job.find_activity(volunteer)
    job.sign_up(volunteer)

    # Monday: five minutes late, ten minutes early home
    move_clock("2026-11-23 09:05")
    job.check_in(volunteer, job.read_code(organiser))
    move_clock("2026-11-23 10:50")
    job.check_out(volunteer, job.read_code(organiser))
    move_clock("2026-11-23 11:10")
    job.confirm(organiser, "王秀兰")
    job.read_pending(volunteer)

    # Friday 00:00 the notice is over
    run_due()
    member = User.objects.get(name="王秀兰")
    assert member.phone == job.PHONE
    move_clock("2026-11-26 23:50")
    run_due()
    volunteer.go("/me/wallet/")
    volunteer.does_not_see(volunteer.words("Arrived: %(what)s", what=job.TITLE))
    move_clock("2026-11-27 00:10")
    run_due()
    job.read_available(volunteer)

    # Vouchers, and the desks
    haircut = job.redeem_haircut(volunteer)
    meal = job.redeem_meal(volunteer)
    barber.sign_in("chenhongmei")
    cook.sign_in("zhaodeshun")
    move_clock("2026-11-28 12:00")
    job.hand_over(cook, meal, reward="社区食堂套餐", beans=12)
    move_clock("2026-11-28 15:30")
    job.hand_over(barber, haircut, reward="理发一次", beans=20)
    job.read_statement(cook, reward="社区食堂套餐", beans=12)
    job.read_statement(barber, reward="理发一次", beans=20)
    job.read_every_reason(volunteer, lines=6)

    # The auditor trusts nobody
    auditor.sign_in("heshouxin")
    back_office.drill(auditor, name="王*兰")
    back_office.export(auditor, tmp_path)
    report = verify()
    assert report.ok, report
