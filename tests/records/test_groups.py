"""Training, commendations and ratings (law L-A3, L-A10 to L-A12); proofs in private, each reading noted."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from points.grids.errors import EvidenceUnreadable
from points.grids.evidence import Paper
from points.grids.models import FileRead, Role
from points.people.models import User
from points.records import errors, groups
from points.records.models import Commendation, Evaluation, TrainingRecord
from tests.factories import make_user
from tests.records.conftest import Morning

DAY = dt.date(2026, 11, 20)
PAPER = Paper("奖状.pdf", "application/pdf", "pdf", b"%PDF-1.4\n%%EOF")
HERE = "GPS 34.75N 113.62E"


@pytest.fixture(autouse=True)
def private(settings: Any, tmp_path: Path) -> Path:
    settings.PRIVATE_ROOT = tmp_path / "private"
    return tmp_path / "private"


@pytest.fixture
def worker(morning: Morning) -> User:
    return make_user(role=Role.COMMUNITY_WORKER, grid=morning.town.community, name="周社工")


def honour(morning: Morning, **more: Any) -> Commendation:
    return Commendation(
        volunteer=morning.volunteer,
        grid=morning.town.grid,
        **{"name": "优秀志愿者", "awarded_on": DAY, "awarded_by": "居委会"} | more,
    )


def photograph() -> bytes:
    """A picture with the camera's notes in it."""
    notes = Image.Exif()
    notes[0x010E] = HERE
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=notes)
    return out.getvalue()


def test_own_commendation_stands_at_once_others_need_proof(morning: Morning, worker: User) -> None:
    assert groups.record_commendation(honour(morning), by=worker).entered_by == worker
    government = honour(morning, name="市级表彰", source=Commendation.Source.GOVERNMENT)
    with pytest.raises(errors.ProofMissing):
        groups.record_commendation(government, by=worker)
    kept = groups.record_commendation(government, by=worker, proof=PAPER)
    assert (kept.proof_name, kept.proof_type) == ("奖状.pdf", "application/pdf")
    with pytest.raises(IntegrityError, match="commendation_proof"), transaction.atomic():
        Commendation.objects.filter(pk=kept.pk).update(proof="")


def test_proof_is_believed_by_its_content_and_loses_the_cameras_notes(
    morning: Morning, worker: User, private: Path
) -> None:
    other = {"source": Commendation.Source.OTHER}
    with pytest.raises(EvidenceUnreadable):
        groups.record_commendation(
            honour(morning, **other), by=worker, proof=SimpleUploadedFile("a.jpg", b"MZ not a picture")
        )
    assert HERE.encode() in photograph()
    upload = SimpleUploadedFile("证书.jpg", photograph(), "image/jpeg")
    kept = groups.record_commendation(honour(morning, **other), by=worker, proof=upload)
    (file,) = [path for path in private.rglob("*") if path.is_file()]
    assert HERE.encode() not in file.read_bytes()
    assert "证书" not in file.name
    assert kept.proof_name == "证书.jpg"


def test_proof_is_read_by_whom_it_concerns_and_the_reading_is_kept(
    morning: Morning, worker: User, client: Client
) -> None:
    kept = groups.record_commendation(
        honour(morning, source=Commendation.Source.OTHER), by=worker, proof=PAPER
    )
    url = reverse("records:proof", args=[kept.pk])
    for stranger in (morning.people(1)[0], make_user(role=Role.AUDITOR, grid=morning.town.other_community)):
        client.force_login(stranger)
        assert client.get(url).status_code == 404
    assert not FileRead.objects.exists()
    client.force_login(morning.volunteer)
    answer = client.get(url)
    assert b"".join(answer.streaming_content) == PAPER.data  # type: ignore[attr-defined]
    assert answer["Cache-Control"] == "private, no-store"
    read = FileRead.objects.get()
    assert (read.by, read.what) == (morning.volunteer, f"commendation:{kept.pk}")


def test_nobody_enters_things_about_themselves(morning: Morning) -> None:
    me = morning.volunteer
    training = TrainingRecord(
        volunteer=me, grid=morning.town.grid, name="急救", content="x", minutes=60, held_by="y", held_on=DAY
    )
    record = morning.record()
    for make in (
        lambda: groups.record_training(training, by=me),
        lambda: groups.record_commendation(honour(morning), by=me),
        lambda: groups.rate_service(Evaluation(record=record, rating=5), by=me),
    ):
        with pytest.raises(errors.OwnGroupRecord):
            make()


def test_volunteer_reads_everything_beside_service(morning: Morning, worker: User, client: Client) -> None:
    training = TrainingRecord(
        volunteer=morning.volunteer,
        grid=morning.town.grid,
        name="社区急救基础",
        content="心肺复苏",
        minutes=90,
        held_by="卫生服务站",
        held_on=DAY,
    )
    groups.record_training(training, by=worker)
    groups.record_commendation(honour(morning), by=worker)
    groups.rate_service(Evaluation(record=morning.record(), rating=4), by=worker)
    client.force_login(morning.volunteer)
    page = client.get(reverse("records:more")).content.decode()
    for text in ("社区急救基础", "卫生服务站", "优秀志愿者", "4 分", "1.5 小时"):
        assert text in page
    assert groups.others_of(morning.volunteer).average == 4


def test_back_office_enters_them_by_the_services(morning: Morning, worker: User, client: Client) -> None:
    client.force_login(worker)
    data = {
        "who": morning.volunteer.username,
        "grid": morning.town.grid.pk,
        "name": "市级表彰",
        "awarded_on": "2026-11-20",
        "awarded_by": "市文明办",
        "source": "government",
    }
    page = client.post(reverse("commendation:add"), data).content.decode()
    assert "民政部令第67号第九条" in page
    assert not Commendation.objects.exists()
    upload = SimpleUploadedFile("证书.jpg", photograph(), "image/jpeg")
    assert client.post(reverse("commendation:add"), data | {"paper": upload}).status_code == 302
    assert Commendation.objects.get().entered_by == worker
    record = morning.record()
    rating = {"number": record.number, "source": "served", "rating": 5, "rated_on": "2026-11-25"}
    assert client.post(reverse("evaluation:add"), rating).status_code == 302
    assert Evaluation.objects.get().record == record
    data = {
        "who": morning.volunteer.username,
        "grid": morning.town.other_grid.pk,
        "name": "急救",
        "content": "心肺复苏",
        "minutes": 60,
        "held_by": "卫生站",
        "held_on": "2026-11-20",
    }
    assert client.post(reverse("training_record:add"), data).status_code == 200  # a foreign unit is no choice
    assert not TrainingRecord.objects.exists()
    data["grid"] = morning.town.grid.pk
    assert client.post(reverse("training_record:add"), data).status_code == 302
    assert TrainingRecord.objects.get().volunteer == morning.volunteer
