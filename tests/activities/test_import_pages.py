"""The pages of an import: from the upload to the report, and every no in a sentence."""

# ruff: noqa: F811  (fixtures of the other file)

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from points import clock
from points.activities import errors, tasks
from points.activities.models import ImportRun
from points.activities.services import import_runs
from points.grids.models import Role
from points.records.models import ServiceRecord
from tests.activities.conftest import Scene
from tests.activities.sheets import xlsx
from tests.activities.test_import_runs import (  # noqa: F401  (fixtures)
    HEAD,
    NOBODY,
    WANG,
    Commits,
    State,
    after,
    checked,
    desk,
    upload,
    worker,
)
from tests.factories import make_user

pytestmark = pytest.mark.usefixtures("budget")


# --- The pages --------------------------------------------------------------------------------------------
def file(*rows: list[str], data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.png", data or xlsx([HEAD, *rows]), "image/png")


def test_pages_from_upload_to_report(scene: Scene, desk: Client, worker: Commits) -> None:
    address = reverse("activities_import", args=[scene.activity.code])
    assert "create_people" not in desk.get(address).content.decode()
    sent = desk.post(address, {"file": file(WANG, NOBODY)})
    run = ImportRun.objects.get()
    assert (sent.status_code, sent["Location"]) == (302, run.get_absolute_url())
    bar = desk.get(run.get_absolute_url()).content.decode()
    assert '<progress max="2" value="0"' in bar
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in bar
    assert "data-refresh" in bar

    assert tasks.run_import(run.pk, run.attempt) == State.CHECKED
    preview = desk.get(run.get_absolute_url()).content.decode()
    assert "<progress" not in preview
    assert "unknown_person" in preview
    assert "would_record" not in preview  # what was refused comes first
    remarks = desk.get(run.get_absolute_url() + "?rows=remarks").content.decode()
    assert "would_record" in remarks  # with a remark: had not signed up
    assert "unknown_person" not in remarks
    do = reverse("activities_import_do", args=[run.code])
    with worker():
        assert desk.post(do, {"do": "import"})["Location"] == run.get_absolute_url()
    assert ServiceRecord.objects.count() == 1
    report = desk.get(run.get_absolute_url() + "?rows=all").content.decode()
    assert "recorded" in report
    listed = desk.get(reverse("activities_imports")).content.decode()
    assert run.get_absolute_url() in listed
    assert run.get_absolute_url() in desk.get(address).content.decode()


def test_page_refuses_a_wrong_file_and_says_why(scene: Scene, desk: Client) -> None:
    address = reverse("activities_import", args=[scene.activity.code])
    response = desk.post(address, {"file": file(data=b"%PDF-1.7")})
    assert response.status_code == 200
    assert [error.code for error in response.context["form"].errors.as_data()["file"]] == ["not_a_sheet"]
    assert desk.post(address, {}).context["form"].errors["file"]


def test_page_of_a_stopped_run_offers_to_go_on(scene: Scene, desk: Client, worker: Commits) -> None:
    run = checked(scene, worker, WANG)
    ImportRun.objects.update(
        state=State.FAILED, failure="import_stopped", import_started_at=clock.now(), rows_done=0
    )
    page = desk.get(run.get_absolute_url()).content.decode()
    assert 'value="import"' in page
    assert 'value="discard"' not in page


def test_pages_say_no_in_a_sentence(scene: Scene, desk: Client) -> None:
    run = upload(scene, WANG)
    do = reverse("activities_import_do", args=[run.code])
    page = desk.post(do, {"do": "discard"}, follow=True)
    assert str(errors.ImportBusy.sentence) in page.content.decode()
    assert desk.post(do, {"do": "anything"}).status_code == 404
    assert desk.get(do).status_code == 405


def test_discard_on_the_page(scene: Scene, desk: Client, worker: Commits) -> None:
    run = checked(scene, worker, WANG)
    sent = desk.post(reverse("activities_import_do", args=[run.code]), {"do": "discard"})
    assert sent["Location"] == reverse("activities_import", args=[scene.activity.code])
    assert desk.get(run.get_absolute_url()).status_code == 404


def test_rows_come_in_pages(scene: Scene, desk: Client, worker: Commits) -> None:
    strangers = [["没有人", f"1391111{n:04}", "9:00", "11:00"] for n in range(120)]
    run = checked(scene, worker, *strangers)
    page = desk.get(run.get_absolute_url())
    assert len(page.context["page"].object_list) == 100
    assert len(desk.get(run.get_absolute_url() + "?p=2").context["page"].object_list) == 20


def test_run_of_somebody_else_is_not_found(scene: Scene, worker: Commits, client: Client) -> None:
    run = checked(scene, worker, WANG)
    addresses = [run.get_absolute_url(), reverse("activities_import_do", args=[run.code])]
    for who in (
        make_user(role=Role.ORGANISER, grid=scene.town.community),  # a colleague
        make_user(role=Role.ORGANISER, grid=scene.town.other_community),
        make_user(is_superuser=True),
    ):
        client.force_login(who)
        assert client.get(addresses[0]).status_code == 404
        assert client.post(addresses[1], {"do": "import"}).status_code == 404
        assert run.get_absolute_url() not in client.get(reverse("activities_imports")).content.decode()
    foreign = reverse("activities_import", args=[scene.activity.code])
    client.force_login(make_user(role=Role.ORGANISER, grid=scene.town.other_community))
    assert client.get(foreign).status_code == 404
    assert client.post(foreign, {"file": file(WANG)}).status_code == 404


def test_list_takes_the_same_queries_at_1_and_15(scene: Scene, desk: Client, worker: Commits) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert desk.get(reverse("activities_imports")).status_code == 200
        return len(seen)

    checked(scene, worker, WANG)
    queries()
    one = queries()
    for _again in range(14):
        upload(scene, WANG)
    assert queries() == one


def test_every_reason_has_a_sentence() -> None:
    for code, refusal in import_runs.STOPPED.items():
        assert str(refusal.sentence), code
