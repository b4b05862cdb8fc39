"""Certificates: made of final records of one unit, checked by anybody, revoked and replaced (F-V7)."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from points.grids.models import Role
from points.people.models import Notice, User
from points.records import certificates, errors, objections
from points.records.certificates import Verdict, check, issue_certificate
from points.records.models import Certificate, Objection, ServiceRecord
from points.records.services import release_due
from tests.factories import local, make_organization, make_user
from tests.records.conftest import Morning
from tests.records.test_objections import times

AFTER = "2026-11-29 00:00"
NO_ZBAR = "reading the QR needs zbar-tools and poppler-utils: apt-get install -y zbar-tools poppler-utils"
needs_zbar = pytest.mark.skipif(not (shutil.which("zbarimg") and shutil.which("pdftoppm")), reason=NO_ZBAR)


@pytest.fixture
def final(morning: Morning, clock_at: Callable[..., Any]) -> ServiceRecord:
    record = morning.record()
    clock_at(AFTER)
    release_due()
    record.refresh_from_db()
    return record


@pytest.fixture
def worker(morning: Morning) -> User:
    return make_user(role=Role.COMMUNITY_WORKER, grid=morning.town.community, name="周社工")


def issue(morning: Morning, **more: Any) -> Certificate:
    return issue_certificate(morning.volunteer, unit=morning.unit, by=morning.volunteer, **more)


# --- Making ---------------------------------------------------------------------------------------------
def test_certificate_copies_final_records_of_one_unit(morning: Morning, final: ServiceRecord) -> None:
    other = make_organization(grid=morning.town.community, name="另一家")
    morning.record(recording_unit=other)
    in_notice = morning.record()
    made = issue(morning)
    assert (made.minutes, made.first_on, made.last_on) == (120, final.served_on, final.served_on)
    assert list(made.records.all()) == [final]
    assert in_notice.number not in str(made.snapshot)
    says = made.snapshot
    assert says["person"] == {"name": "王小明", "number": morning.volunteer.number}
    assert says["unit"]["name"] == morning.unit.name
    assert says["records"][0]["content"] == "清扫楼道"
    assert says["records"][0]["person_in_charge"] == "李组织"
    assert re.fullmatch(r"C[0-9A-F]{10}", made.number)
    assert len(made.check_code) == 8


def test_nothing_final_nothing_to_certify(morning: Morning, final: ServiceRecord) -> None:
    other = make_organization(grid=morning.town.community, name="另一家")
    with pytest.raises(errors.NothingToCertify):
        issue_certificate(morning.volunteer, unit=other, by=morning.volunteer)
    with pytest.raises(errors.NothingToCertify):
        issue(morning, first_on=local("2026-11-26 00:00").date())
    assert issue(morning, last_on=final.served_on).minutes == 120


def test_certificate_is_made_by_its_volunteer(morning: Morning, final: ServiceRecord) -> None:
    with pytest.raises(errors.NotYourCertificate):
        issue_certificate(morning.volunteer, unit=morning.unit, by=morning.organiser)


def test_record_being_looked_at_is_not_certified(morning: Morning, final: ServiceRecord) -> None:
    objections.object_to(final, claim=Objection.Claim.TOO_MANY, text="不对", by=morning.organiser)
    with pytest.raises(errors.NothingToCertify):
        issue(morning)


# --- Revoked and replaced -------------------------------------------------------------------------------
def test_correction_revokes_and_a_new_one_takes_its_place(
    morning: Morning, final: ServiceRecord, worker: User
) -> None:
    made = issue(morning)
    objection = objections.object_to(
        final,
        claim=Objection.Claim.TOO_MANY,
        text="提前走了",
        by=make_user(role=Role.AUDITOR, grid=morning.town.root),
    )
    assert check(made.number, made.check_code).verdict == Verdict.VALID
    objections.uphold(objection, times(final, "08:55", "10:30"), answer="提前走了", by=worker)
    made.refresh_from_db()
    assert (made.is_valid, made.revoked_why) == (False, Certificate.Why.RECORD_CHANGED)
    assert made.minutes == 120  # what it said stays
    assert check(made.number, made.check_code).verdict == Verdict.REVOKED
    assert Notice.objects.filter(user=morning.volunteer, kind="certificate_revoked").count() == 1
    new = issue(morning, replaces=made)
    assert (new.replaces, new.minutes) == (made, 90)
    assert check(new.number, new.check_code).verdict == Verdict.VALID
    with pytest.raises(errors.CertificateReplaced):
        issue(morning, replaces=made)


def test_replacing_a_valid_one_revokes_it(morning: Morning, final: ServiceRecord) -> None:
    made = issue(morning)
    issue(morning, replaces=made)
    made.refresh_from_db()
    assert made.revoked_why == Certificate.Why.REPLACED


def test_nobody_replaces_somebody_elses(morning: Morning, final: ServiceRecord) -> None:
    made = issue(morning)
    other = morning.people(1)[0]
    ServiceRecord.objects.filter(pk=final.pk).update(volunteer=other)
    with pytest.raises(errors.NotYourCertificate):
        issue_certificate(other, unit=morning.unit, by=other, replaces=made)


# --- Checking -------------------------------------------------------------------------------------------
def test_check_tells_a_masked_name_and_nothing_more(
    morning: Morning, final: ServiceRecord, client: Client
) -> None:
    made = issue(morning)
    response = client.get(reverse("records:check_number", args=[made.number]), {"code": made.check_code})
    page = response.content.decode()
    assert "王*明" in page
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in page
    for secret in ("王小明", morning.volunteer.number, morning.unit.name, "环境卫生", "清扫", final.number):
        assert secret not in page


def test_wrong_code_wrong_number_and_a_changed_copy_are_unknown(
    morning: Morning, final: ServiceRecord
) -> None:
    made = issue(morning)
    assert check(made.number, "00000000") == certificates.Answer(Verdict.UNKNOWN)
    assert check("C0000000000", made.check_code) == certificates.Answer(Verdict.UNKNOWN)
    typed = f" {made.number.lower()} ", f"{made.check_code[:4]} {made.check_code[4:].lower()}"
    assert check(*typed).verdict == Verdict.VALID
    made.snapshot["records"][0]["minutes"] = 999
    made.save(update_fields=["snapshot"])
    assert check(made.number, made.check_code).verdict == Verdict.UNKNOWN


def test_number_without_code_tells_nothing(morning: Morning, final: ServiceRecord, client: Client) -> None:
    made = issue(morning)
    page = client.get(reverse("records:check_number", args=[made.number])).content.decode()
    assert "notice jade" not in page
    assert "王*明" not in page


def test_closed_account_keeps_its_certificates_without_a_name(
    morning: Morning, final: ServiceRecord, client: Client
) -> None:
    made = issue(morning)
    assert certificates.forget_person(morning.volunteer) == 1
    assert check(made.number, made.check_code) == certificates.Answer(Verdict.VALID, "")
    page = client.get(reverse("records:check"), {"number": made.number, "code": made.check_code})
    assert "王" not in page.content.decode().split("<main", 1)[1].split("</main>", 1)[0]


def test_check_is_limited(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("points.records.rates.time.time", lambda: 1_000_000.0)
    answers = [
        client.get(reverse("records:check"), {"number": "C1", "code": f"{n}"}).status_code for n in range(22)
    ]
    assert answers == [200] * 20 + [429] * 2


# --- The paper ------------------------------------------------------------------------------------------
def read_qr(folder: Path, pdf: bytes) -> str:
    """What zbar reads from the last page, rendered as a printer would."""
    (folder / "c.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "150", "-png", folder / "c.pdf", folder / "page"], check=True)
    page = sorted(folder.glob("page*.png"))[-1]
    found = subprocess.run(["zbarimg", "-q", "--raw", page], check=True, capture_output=True, text=True)
    return found.stdout.strip()


@needs_zbar
def test_qr_on_the_paper_leads_to_the_check_page(
    morning: Morning, final: ServiceRecord, client: Client, tmp_path: Path
) -> None:
    made = issue(morning)
    client.force_login(morning.volunteer)
    response = client.get(reverse("records:certificate_pdf", args=[made.number]))
    assert response["Content-Type"] == "application/pdf"
    address = urlsplit(read_qr(tmp_path, response.content))
    assert address.netloc == "testserver"
    page = Client().get(f"{address.path}?{address.query}").content.decode()
    assert "notice jade" in page
    assert "王*明" in page


@needs_zbar
def test_paper_says_what_the_law_wants(
    morning: Morning, final: ServiceRecord, client: Client, tmp_path: Path
) -> None:
    for hour in range(40):  # long enough for a second page
        ServiceRecord.objects.create(
            **{
                field: getattr(final, field)
                for field in (
                    "volunteer grid recording_unit activity_name category content place person_in_charge "
                    "served_on planned_start planned_end minutes grade state confirmed_by notice_ends_at"
                ).split()
            },
            source=f"test:{hour}",
        )
    made = issue(morning)
    client.force_login(morning.volunteer)
    pdf = client.get(reverse("records:certificate_pdf", args=[made.number])).content
    (tmp_path / "c.pdf").write_bytes(pdf)
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "c.pdf", "-"], check=True, capture_output=True, text=True
    ).stdout
    for fact in ("王小明", morning.unit.name, "清扫楼道", made.number, made.check_code, "李组织", "82 小时"):
        assert fact in text, fact
    assert read_qr(tmp_path, pdf).endswith(made.check_code)


def test_revoked_certificate_is_not_printed(morning: Morning, final: ServiceRecord, client: Client) -> None:
    made = issue(morning)
    issue(morning, replaces=made)
    client.force_login(morning.volunteer)
    assert client.get(reverse("records:certificate_pdf", args=[made.number])).status_code == 302


# --- Pages ----------------------------------------------------------------------------------------------
def test_one_tap_makes_a_certificate(morning: Morning, final: ServiceRecord, client: Client) -> None:
    client.force_login(morning.volunteer)
    page = client.get(reverse("records:certificates")).content.decode()
    assert morning.unit.name in page
    response = client.post(reverse("records:issue", args=[morning.unit.pk]))
    made = Certificate.objects.get()
    assert response["Location"] == reverse("records:certificate", args=[made.number])
    assert made.check_code in client.get(response["Location"]).content.decode()
    client.force_login(morning.organiser)
    assert client.get(response["Location"]).status_code == 404


def test_list_takes_the_same_queries_with_many(
    morning: Morning, final: ServiceRecord, client: Client
) -> None:
    client.force_login(morning.volunteer)
    issue(morning)

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("records:certificates")).status_code == 200
        return len(seen)

    count()
    one = count()
    for _each in range(10):
        issue(morning)
    assert count() == one
