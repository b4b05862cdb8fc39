"""Records on a phone: objected to, decided by somebody else, corrected, certified anew; entered later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from points.grids.models import Role
from points.ledger.verify import verify
from points.people.models import User
from points.records.services import record_service
from tests import factories as make
from tests.journeys.conftest import MoveClock, Stage, run_due
from tests.journeys.person import NewPerson, Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE = "楼院大扫除"
PDF = b"%PDF-1.4\n%%EOF"


@pytest.fixture
def people(stage: Stage) -> dict[str, User]:
    """A volunteer, a neighbour, the worker who did not confirm, and the leader of the grid."""
    home: dict[str, Any] = {"home": stage.town.grid, "password": make.PASSWORD}
    return {
        "volunteer": make.make_user(username="wangxiulan", name="王秀兰", **home),
        "neighbour": make.make_user(username="linju", name="林菊", **home),
        "worker": make.make_user(
            username="sunhuifang",
            name="孙慧芳",
            role=Role.COMMUNITY_WORKER,
            grid=stage.town.community,
            password=make.PASSWORD,
        ),
        "leader": make.make_user(
            username="lijianmin",
            name="李建民",
            role=Role.GRID_LEADER,
            grid=stage.town.community,
            password=make.PASSWORD,
        ),
    }


def serve(stage: Stage, volunteer: User, day: str) -> None:
    """Two hours, confirmed by the organiser."""
    record_service(
        source=f"test:{day}",
        volunteer=volunteer,
        grid=stage.town.grid,
        recording_unit=stage.town.community.organizations.get(),
        activity_name=TITLE,
        activity_reference="a1b2c3d4",
        category="environment",
        content="清扫落叶",
        place="春风一号楼前",
        person_in_charge=stage.organiser,
        planned_start=make.local(f"{day} 09:00"),
        planned_end=make.local(f"{day} 11:00"),
        checked_in_at=make.local(f"{day} 09:00"),
        checked_out_at=make.local(f"{day} 11:00"),
        grade="system_verified",
        by=stage.organiser,
    )


def decide(worker: Person, *, left: str, answer: str) -> None:
    """The worker reads what was said, changes the time of leaving, and answers."""
    worker.go("/admin/objection/")
    worker.follow(TITLE)
    page = worker.page
    page.fill("[name=left_at]", left)
    page.locator("form").filter(has=page.locator("[name=left_at]")).locator("[name=answer]").fill(answer)
    worker.look("decide")
    worker.press(worker.words("Correct the record"))
    worker.sees(worker.words("Upheld: the record was corrected", context="objection state"))


def test_objection_correction_and_a_new_certificate(
    stage: Stage, people: dict[str, User], person: NewPerson, move_clock: MoveClock
) -> None:
    volunteer, neighbour, worker = person("volunteer"), person("neighbour"), person("worker")
    visitor, auditor = person("visitor"), person("auditor")
    move_clock("2026-11-20 12:00")
    serve(stage, people["volunteer"], "2026-11-20")

    # The neighbour reads the public notice, and remembers it differently
    neighbour.sign_in("linju")
    neighbour.go("/notice/?place=all")
    neighbour.sees(TITLE, "王*兰")
    neighbour.press(neighbour.words("Object"), exact=False)
    neighbour.page.get_by_role("radio").nth(1).check()
    neighbour.page.fill("[name=text]", "她十点半就回家做饭了")
    neighbour.look("object")
    neighbour.press(neighbour.words("Send the objection"))
    neighbour.sees(TITLE, neighbour.words("Being looked at", context="objection state"))
    volunteer.sign_in("wangxiulan")
    volunteer.go("/me/records/")
    volunteer.look("records-held")
    volunteer.follow(TITLE)
    volunteer.sees(volunteer.words("This record is being looked at."), "她十点半就回家做饭了")
    volunteer.does_not_see("林菊")
    volunteer.look("record-held")

    # Somebody who did not confirm it decides; nothing was released meanwhile
    move_clock("2026-11-24 09:00")
    run_due()
    worker.sign_in("sunhuifang")
    decide(worker, left="2026-11-20T10:30", answer="物业登记也是十点半离开")
    neighbour.go("/me/objections/")
    neighbour.sees("物业登记也是十点半离开")
    volunteer.go("/me/records/")
    volunteer.follow(TITLE)
    version = volunteer.words("Version %(number)s", number=1)
    volunteer.sees(
        version, volunteer.words("What it said before"), "物业登记也是十点半离开", volunteer.beans(30)
    )
    volunteer.look("record-corrected")

    # Final after a new notice: a certificate, which anybody can check
    move_clock("2026-11-28 00:10")
    run_due()
    number, code = certify(volunteer, "certificate")
    check(visitor, number, code, "This certificate is valid.")
    visitor.sees("王*兰")
    visitor.does_not_see("王秀兰", "春风社区居民委员会")
    visitor.look("check-valid")

    # The auditor asks for a second look; the correction revokes the certificate
    auditor.sign_in("heshouxin")
    auditor.go("/admin/service_record/")
    auditor.page.locator("a[href*='/service_record/inspect/']").first.click()
    auditor.page.wait_for_load_state()
    auditor.press(auditor.words("Ask for a second look"))
    auditor.page.get_by_role("radio").nth(1).check()
    auditor.page.fill("[name=text]", "签到表写的是十点二十")
    auditor.press(auditor.words("Ask for a second look"), within=auditor.page.locator(".office form"))
    auditor.sees("签到表写的是十点二十", auditor.words("Being looked at", context="objection state"))
    other = make.make_user(
        username="zhangliang",
        name="张亮",
        role=Role.COMMUNITY_WORKER,
        grid=stage.town.community,
        password=make.PASSWORD,
    )
    second = person("second-worker")
    second.sign_in(other.username)
    decide(second, left="2026-11-20T10:20", answer="以签到表为准")
    check(visitor, number, code, "This certificate has been revoked.")
    visitor.look("check-revoked")
    volunteer.go(f"/me/certificates/{number}/")
    volunteer.look("certificate-revoked")
    volunteer.press(volunteer.words("Make a new one"))
    volunteer.sees(volunteer.words("Valid", context="certificate"))
    volunteer.look("certificate-new")
    check(visitor, number, code, "This certificate has been revoked.")
    assert verify().ok


def certify(volunteer: Person, picture: str) -> tuple[str, str]:
    """One tap; number and check code as the page shows them."""
    volunteer.go("/me/certificates/")
    volunteer.look("certificates")
    volunteer.press(volunteer.words("Make a certificate"))
    volunteer.look(picture)
    shown = volunteer.main.locator("dd[translate=no]").all_inner_texts()
    return shown[0].strip(), shown[1].strip()


def check(visitor: Person, number: str, code: str, sentence: str) -> None:
    visitor.go("/check/")
    visitor.page.fill("[name=number]", number)
    visitor.page.fill("[name=code]", code.lower())
    visitor.press(visitor.words("Check", context="certificate"))
    visitor.sees(visitor.words(sentence))


def test_hours_entered_later_with_evidence_and_a_second_person(
    stage: Stage,
    people: dict[str, User],
    person: NewPerson,
    move_clock: MoveClock,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"
    move_clock("2026-11-24 12:00")
    volunteer, leader, worker = person("volunteer"), person("leader"), person("worker")
    volunteer.sign_in("wangxiulan")
    volunteer.go("/me/claims/")
    volunteer.look("claims-empty")
    volunteer.press(volunteer.words("Report missing hours"))
    page = volunteer.page
    volunteer.choose("recording_unit", "春风社区居民委员会")
    for name, value in [
        ("activity_name", "帮邻居搬家具"),
        ("content", "搬柜子"),
        ("place", "三号楼"),
        ("day", "2026-11-23"),
        ("came", "14:00"),
        ("left", "15:30"),
        ("reason", "没有发活动，李建民在场"),
    ]:
        page.fill(f"[name={name}]", value)
    volunteer.look("claim")
    volunteer.press(volunteer.words("Send to the leaders"))
    volunteer.sees("帮邻居搬家具", volunteer.words("Waiting for the leader", context="supplement state"))

    # The leader stands by it, with evidence
    leader.sign_in("lijianmin")
    leader.go("/organise/claims/")
    leader.follow("王秀兰")
    leader.press(leader.words("Yes: ask a colleague to approve"))
    leader.page.locator(".errors-top").wait_for()
    upload = {"name": "聊天记录.pdf", "mimeType": "application/pdf", "buffer": PDF}
    leader.page.set_input_files("[name=papers]", upload)  # type: ignore[arg-type]
    leader.look("vouch")
    leader.press(leader.words("Yes: ask a colleague to approve"))
    leader.sees(leader.words("Nothing to check"))

    # Somebody in another role reads the evidence and approves
    worker.sign_in("sunhuifang")
    worker.go("/admin/approvals/")
    worker.follow("帮邻居搬家具")
    worker.sees("聊天记录.pdf", "没有发活动，李建民在场")
    worker.look("approve")
    worker.press(worker.words("Approve"))
    volunteer.go("/me/claims/")
    volunteer.sees(volunteer.words("Recorded", context="supplement state"))
    volunteer.go("/me/records/")
    volunteer.follow("帮邻居搬家具")
    volunteer.sees(volunteer.words("Entered later", context="evidence grade"), volunteer.beans(0))
    volunteer.look("record-supplemented")
    assert verify().ok
