"""Four eyes: who may ask, who may decide, and everything that is refused on the way."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from points import clock
from points.grids import approvals, evidence, services
from points.grids.approvals import Kind, approve, expire_stale, refuse, request_approval, withdraw
from points.grids.models import ApprovalRequest, FileRead, GridUnit, Role
from points.grids.policies import Action
from points.refusals import Refusal
from tests.factories import Town, make_grid_tree, make_user

pytestmark = pytest.mark.django_db
State = ApprovalRequest.State
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


class Stop(Refusal):
    refusal_code = "stop"
    sentence = "Stop."


def paper(name: str = "公告.pdf", data: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def photo(form: str = "JPEG", size: tuple[int, int] = (40, 20), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "gold").save(out, form, **more)
    return out.getvalue()


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A kind `gift`: organisers ask, community workers decide; what was done is written down."""
    found: list[str] = []
    monkeypatch.setattr(approvals, "KINDS", dict(approvals.KINDS))

    def give(request: ApprovalRequest, by: Any) -> str:
        if request.payload.get("stop"):
            raise Stop()
        GridUnit.objects.filter(pk=request.grid_id).update(name="approved")
        found.append(f"gave {request.subject}")
        return f"gift:{request.subject}"

    def check(request: ApprovalRequest) -> None:
        if request.payload.get("never"):
            raise Stop()

    common = {
        "label": "Gift",
        "sentences": {"gift": "%(beans)s beans for %(who)s"},
        "maker_action": Action.ORGANISE,
        "approve": give,
        "check": check,
        "close": lambda request: found.append(f"{request.state} {request.subject}"),
    }
    approvals.register(Kind(code="gift", checker_action=Action.MANAGE_PEOPLE, **common))
    approvals.register(
        Kind(
            code="loose",
            checker_action=Action.ORGANISE,
            other_role=False,
            needs_evidence=False,
            days=2,
            **common,
        )
    )
    return found


@pytest.fixture
def town() -> Town:
    return make_grid_tree()


def ask(town: Town, by: Any = None, *, kind: str = "gift", subject: str = "user:1", **more: Any) -> Any:
    by = by or make_user(role=Role.ORGANISER, grid=town.community)
    values = {
        "grid": town.grid,
        "payload": {"beans": 5},
        "summary": "gift",
        "params": {"beans": 5, "who": "王*"},
        "files": [paper()],
        **more,
    }
    return request_approval(kind, subject=subject, by=by, **values)


def refused(code: str) -> Any:
    return pytest.raises(Refusal, check=lambda refusal: refusal.refusal_code == code)


def worker(town: Town) -> Any:
    return make_user(role=Role.COMMUNITY_WORKER, grid=town.community)


# --- Asking ---------------------------------------------------------------------------------------------
def test_request_keeps_maker_role_values_and_paper(town: Town, done: list[str]) -> None:
    request = ask(town)
    assert (request.state, request.made_as) == (State.PENDING, Role.ORGANISER)
    assert request.expires_at - request.made_at == dt.timedelta(days=14)
    assert approvals.summary_of(request) == "5 beans for 王*"
    kept = request.evidence.get()
    assert (kept.name, kept.content_type, kept.size) == ("公告.pdf", evidence.PDF, len(PDF))
    assert kept.file.read() == PDF
    assert "公告" not in kept.file.name
    with pytest.raises(ValueError, match="no address"):
        _ = kept.file.url


def test_asking_for_an_unknown_kind_is_refused(town: Town) -> None:
    with refused("unknown_kind"):
        ask(town, kind="nothing")


@pytest.mark.parametrize("role", [Role.LIAISON, Role.AUDITOR])
def test_asking_without_the_right_is_refused(town: Town, done: list[str], role: str) -> None:
    with refused("not_allowed"):
        ask(town, make_user(role=role, grid=town.community))


def test_asking_elsewhere_is_refused(town: Town, done: list[str]) -> None:
    with refused("not_allowed"):
        ask(town, make_user(role=Role.ORGANISER, grid=town.other_community))


def test_asking_without_evidence_is_refused(town: Town, done: list[str]) -> None:
    with refused("evidence_missing"):
        ask(town, files=[])
    assert not ApprovalRequest.objects.exists()


def test_asking_twice_for_the_same_is_refused(town: Town, done: list[str]) -> None:
    maker = make_user(role=Role.ORGANISER, grid=town.community)
    ask(town, maker)
    with refused("request_open"):
        ask(town, maker)
    ask(town, maker, subject="user:2")
    assert ApprovalRequest.objects.count() == 2


def test_what_could_never_be_approved_is_refused_at_once(town: Town, done: list[str]) -> None:
    with refused("stop"):
        ask(town, payload={"never": True})
    assert not ApprovalRequest.objects.exists()


def test_a_stale_request_does_not_stand_in_the_way(town: Town, done: list[str], clock_at: Any) -> None:
    clock_at("2026-11-01 09:00")
    maker = make_user(role=Role.ORGANISER, grid=town.community)
    old = ask(town, maker)
    clock_at("2026-11-20 09:00")
    new = ask(town, maker)
    old.refresh_from_db()
    assert (old.state, new.state) == (State.EXPIRED, State.PENDING)
    assert done == ["expired user:1"]


# --- Evidence -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", b"<html>%PDF-1.4</html>"),
        ("a.pdf", b"%PDF-1.4 cut off"),
        ("a.jpg", PDF[1:]),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        ("a.gif", photo("GIF")),
        ("a.jpg", photo()[:200]),
        ("a.txt", b""),
    ],
)
def test_evidence_is_believed_by_its_content(name: str, data: bytes) -> None:
    with refused("evidence_unreadable"):
        evidence.check(name, data)


def test_large_evidence_is_refused() -> None:
    large = PDF[:-7] + b" " * evidence.LARGEST + b"%%EOF\n"
    with refused("evidence_too_large"):
        evidence.check("a.pdf", large)
    with refused("evidence_too_large"):
        evidence.check_all([paper(data=large)])


def test_more_papers_than_five_are_refused() -> None:
    with refused("evidence_too_many"):
        evidence.check_all([paper()] * 6)


def test_a_huge_picture_in_a_small_file_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    with refused("evidence_unreadable"):
        evidence.check("bomb.png", out.getvalue())


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_pictures_lose_what_the_camera_wrote(form: str) -> None:
    notes = Image.Exif()
    notes[0x010F] = "SECRETCAMERA"
    notes[0x0112] = 6  # on its side
    data = photo(form, exif=notes)
    assert b"SECRETCAMERA" in data
    kept = evidence.check("../../照片\x00.jpg", data)
    assert b"SECRETCAMERA" not in kept.data
    with Image.open(io.BytesIO(kept.data)) as drawn:
        assert drawn.size == (20, 40)
        assert not drawn.getexif()
        assert not {"exif", "comment", "xmp"} & set(drawn.info)
    assert "/" not in kept.name


def test_a_palette_picture_is_kept() -> None:
    out = io.BytesIO()
    Image.new("P", (9, 9)).save(out, "PNG")
    assert evidence.check("a.png", out.getvalue()).content_type == "image/png"


# --- Deciding -------------------------------------------------------------------------------------------
def test_approval_does_the_thing_in_the_same_transaction(town: Town, done: list[str]) -> None:
    checker = worker(town)
    request = approve(ask(town), by=checker, reason=" fine ")
    assert (request.state, request.decided_by, request.outcome) == (State.APPROVED, checker, "gift:user:1")
    assert request.decision_reason == "fine"
    assert done == ["gave user:1"]
    town.grid.refresh_from_db()
    assert town.grid.name == "approved"


def test_a_refusal_of_the_doing_leaves_the_request_open(town: Town, done: list[str]) -> None:
    request = ask(town, payload={"stop": True})
    with refused("stop"):
        approve(request, by=worker(town))
    request.refresh_from_db()
    assert (request.state, request.decided_by) == (State.PENDING, None)
    assert done == []


def test_own_request_is_refused(town: Town, done: list[str]) -> None:
    both = make_user(role=Role.ORGANISER, grid=town.community)
    make_user.give(both, Role.COMMUNITY_WORKER, town.community)
    request = ask(town, both)
    for act in (approve, refuse):
        with refused("own_request"):
            act(request, by=both, reason="x")


def test_second_account_with_the_same_telephone_is_refused(town: Town, done: list[str]) -> None:
    maker = make_user(role=Role.ORGANISER, grid=town.community, phone="13800001234")
    request = ask(town, maker)
    second = worker(town)
    second.phone = "+8613800001234"
    second.save()
    with refused("same_person"):
        approve(request, by=second)
    maker.phone = None  # moved over to the second account since
    maker.save()
    second.phone = "13800001234"
    second.save()
    with refused("same_person"):
        approve(request, by=second)


def test_telephone_added_later_counts_too(town: Town, done: list[str]) -> None:
    maker = make_user(role=Role.ORGANISER, grid=town.community)
    request = ask(town, maker)
    maker.phone = "13800001234"
    maker.save()
    second = worker(town)
    second.phone = "+8613800001234"
    second.save()
    with refused("same_person"):
        approve(request, by=second)
    approve(request, by=worker(town))


def test_checker_in_the_same_role_is_refused_unless_the_kind_allows(town: Town, done: list[str]) -> None:
    maker, colleague = (make_user(role=Role.COMMUNITY_WORKER, grid=town.community) for _ in range(2))
    with refused("same_role"):
        approve(ask(town, maker), by=colleague)
    assert approve(ask(town, maker, kind="loose"), by=colleague).state == State.APPROVED


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.LIAISON, Role.AUDITOR])
def test_deciding_without_the_right_is_refused(town: Town, done: list[str], role: str) -> None:
    request = ask(town)
    for act in (approve, refuse):
        with refused("not_allowed"):
            act(request, by=make_user(role=role, grid=town.community), reason="x")


def test_deciding_for_another_community_is_refused(town: Town, done: list[str]) -> None:
    with refused("not_allowed"):
        approve(ask(town), by=make_user(role=Role.COMMUNITY_WORKER, grid=town.other_community))


def test_right_lost_while_open_is_refused(town: Town, done: list[str]) -> None:
    checker = worker(town)
    request = ask(town)
    page = approvals.waiting_for(checker)
    assert page.exists()  # the roles are kept on the instance now
    services.end_role(checker.role_assignments.get(), by=None)
    with refused("not_allowed"):
        approve(request, by=checker)


def test_maker_without_the_right_any_more_can_only_be_sent_back(town: Town, done: list[str]) -> None:
    maker = make_user(role=Role.ORGANISER, grid=town.community)
    request = ask(town, maker)
    services.end_role(maker.role_assignments.get(), by=None)
    with refused("maker_without_right"):
        approve(request, by=worker(town))
    assert refuse(request, by=worker(town), reason="left").state == State.REFUSED


def test_a_closed_account_asked_for_nothing(town: Town, done: list[str]) -> None:
    maker = make_user(role=Role.ORGANISER, grid=town.community)
    request = ask(town, maker)
    maker.is_active = False
    maker.save()
    with refused("maker_without_right"):
        approve(request, by=worker(town))


def test_deciding_twice_is_refused(town: Town, done: list[str]) -> None:
    request = ask(town)
    approve(request, by=worker(town))
    for act in (approve, refuse):
        with refused("already_decided"):
            act(request, by=worker(town), reason="x")
    with refused("already_decided"):
        withdraw(request, by=request.made_by)
    assert done == ["gave user:1"]


def test_sending_back_needs_a_reason(town: Town, done: list[str]) -> None:
    request = ask(town)
    with refused("reason_missing"):
        refuse(request, by=worker(town), reason="  ")
    assert refuse(request, by=worker(town), reason="no notice").decision_reason == "no notice"
    assert done == ["refused user:1"]


def test_only_the_maker_withdraws(town: Town, done: list[str]) -> None:
    request = ask(town)
    with refused("not_your_request"):
        withdraw(request, by=worker(town))
    assert withdraw(request, by=request.made_by).state == State.WITHDRAWN
    assert done == ["withdrawn user:1"]


def test_a_stale_request_cannot_be_decided(town: Town, done: list[str], clock_at: Any) -> None:
    clock_at("2026-11-01 09:00")
    checker, request = worker(town), ask(town)
    clock_at("2026-11-15 09:00")
    assert not approvals.waiting_for(checker).exists()
    with refused("request_expired"):
        approve(request, by=checker)
    with refused("request_expired"):
        withdraw(request, by=request.made_by)


def test_stale_requests_expire_once(town: Town, done: list[str], clock_at: Any) -> None:
    clock_at("2026-11-01 09:00")
    request, other = ask(town), ask(town, subject="user:2")
    approve(other, by=worker(town))
    assert expire_stale() == 0
    clock_at("2026-11-15 09:01")
    call_command("run_due", verbosity=0)
    assert expire_stale() == 0
    request.refresh_from_db()
    assert (request.state, request.decided_by) == (State.EXPIRED, None)
    assert done == ["gave user:2", "expired user:1"]


def test_the_database_refuses_one_person_for_two(town: Town, done: list[str]) -> None:
    request = ask(town)
    rows = ApprovalRequest.objects.filter(pk=request.pk)
    for wrong in (
        {"state": State.APPROVED, "decided_at": clock.now(), "decided_by": request.made_by},
        {"state": State.APPROVED, "decided_at": clock.now()},
        {"state": State.EXPIRED, "decided_by": worker(town), "decided_at": clock.now()},
        {"state": State.EXPIRED},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_two_kinds_of_one_name_are_our_mistake(done: list[str]) -> None:
    with pytest.raises(ValueError, match="gift"):
        approvals.register(approvals.KINDS["gift"])


# --- The inbox ------------------------------------------------------------------------------------------
INBOX = reverse("approvals:inbox")


def test_inbox_shows_what_waits_for_me(client: Client, town: Town, done: list[str]) -> None:
    maker, checker = make_user(role=Role.ORGANISER, grid=town.community), worker(town)
    request = ask(town, maker)
    client.force_login(checker)
    answer = client.get(INBOX)
    assert [row.request for row in answer.context["rows"]] == [request]
    assert "5 beans for 王*" in answer.content.decode()
    assert "待我审批 (1)" in answer.content.decode() or "(1)" in answer.content.decode()
    client.force_login(maker)
    assert client.get(INBOX).context["rows"] == []
    assert [row.request for row in client.get(INBOX, {"show": "mine"}).context["rows"]] == [request]
    client.force_login(make_user(role=Role.COMMUNITY_WORKER, grid=town.other_community))
    for show in ("waiting", "mine", "all", "nonsense"):
        assert client.get(INBOX, {"show": show}).context["rows"] == []


def test_auditor_reads_but_does_not_decide(client: Client, town: Town, done: list[str]) -> None:
    request = ask(town)
    client.force_login(make_user(role=Role.AUDITOR, grid=town.root))
    assert client.get(INBOX).context["rows"] == []
    assert [row.request for row in client.get(INBOX, {"show": "all"}).context["rows"]] == [request]
    page = client.get(reverse("approvals:request", args=[request.pk]))
    assert not page.context["may_decide"]
    client.post(reverse("approvals:decide", args=[request.pk]), {"do": "approve"})
    request.refresh_from_db()
    assert request.state == State.PENDING


def test_a_foreign_request_does_not_exist(client: Client, town: Town, done: list[str]) -> None:
    request = ask(town)
    kept = request.evidence.get()
    addresses = (
        reverse("approvals:request", args=[request.pk]),
        reverse("approvals:evidence", args=[request.pk, kept.pk]),
    )
    decide = reverse("approvals:decide", args=[request.pk])
    client.force_login(make_user(role=Role.COMMUNITY_WORKER, grid=town.other_community))
    assert [client.get(url).status_code for url in addresses] == [404, 404]
    assert client.post(decide, {"do": "approve"}).status_code == 404
    client.force_login(make_user(role=Role.ORGANISER, grid=town.community))  # a colleague of the maker
    assert [client.get(url).status_code for url in addresses] == [404, 404]
    client.force_login(worker(town))
    assert [client.get(url).status_code for url in addresses] == [200, 200]
    assert client.get(reverse("approvals:request", args=[10**30])).status_code == 404
    other = ask(town, subject="user:2")
    assert client.get(reverse("approvals:evidence", args=[other.pk, kept.pk])).status_code == 404


def test_evidence_is_sent_as_what_it_is(client: Client, town: Town, done: list[str]) -> None:
    request = ask(town, files=[paper("公告.html"), paper("照片.jpg", photo())])
    client.force_login(worker(town))
    pdf, picture = (
        client.get(reverse("approvals:evidence", args=[request.pk, row.pk]))
        for row in request.evidence.order_by("pk")
    )
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["Content-Disposition"].startswith("attachment")
    assert picture["Content-Type"] == "image/jpeg"
    read = FileRead.objects.order_by("pk").values_list("by__username", "what")
    kept = request.evidence.order_by("pk")
    assert [what for _by, what in read] == [f"approval_evidence:{row.pk}" for row in kept]
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in picture["Cache-Control"]


def test_decisions_by_the_buttons(client: Client, town: Town, done: list[str]) -> None:
    request, second, third = (ask(town, subject=f"user:{n}") for n in (1, 2, 3))
    client.force_login(worker(town))

    def press(which: Any, **data: str) -> Any:
        return client.post(reverse("approvals:decide", args=[which.pk]), data, follow=True)

    assert press(request, do="approve").status_code == 200
    assert press(second, do="refuse").status_code == 200  # without a reason: a sentence, nothing else
    second.refresh_from_db()
    assert second.state == State.PENDING
    press(second, do="refuse", reason="no notice")
    assert press(request, do="approve").status_code == 200
    assert press(third, do="nonsense").status_code == 404
    client.force_login(third.made_by)
    press(third, do="withdraw")
    assert [ApprovalRequest.objects.get(pk=each.pk).state for each in (request, second, third)] == [
        "approved",
        "refused",
        "withdrawn",
    ]
    assert done == ["gave user:1", "refused user:2", "withdrawn user:3"]


def test_inbox_is_closed_to_whom_nothing_can_wait_for(
    client: Client, town: Town, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(make_user(role=Role.MICRO_GRID_LEADER, grid=town.community))
    assert client.get(INBOX).status_code == 403
    for code in ("gift", "loose", "supplement"):
        monkeypatch.delitem(approvals.KINDS, code)
    client.force_login(make_user(role=Role.GRID_LEADER, grid=town.community))
    assert client.get(INBOX).status_code == 404


def test_inbox_takes_the_same_queries_with_many(client: Client, town: Town, done: list[str]) -> None:
    client.force_login(worker(town))
    ask(town)

    def count(show: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(INBOX, {"show": show}).status_code == 200
        return len(seen)

    count("waiting")
    few = [count("waiting"), count("all")]
    for n in range(2, 12):
        ask(town, subject=f"user:{n}")
    assert [count("waiting"), count("all")] == few
