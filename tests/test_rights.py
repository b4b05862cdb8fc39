"""Every address × every kind of person, in one table.

The resolver is walked: an address of ours that is not in `RIGHTS` fails the test by name. All objects belong
to the first community (春风); the `far_…` people hold the same roles in the second one (秋水). For them, and
for strangers, an object of the first community does not exist: 404. Nobody is told more.

What an address answers is one of: ok (a page, or a redirect onwards), sign in (redirect to the sign-in),
403 (the closed door of the back office), home (Wagtail's own "no": back to its start page), 404, 405.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from points import clock
from points.activities.models import CalendarAddress, SignupRules
from points.grids.evidence import Paper
from points.grids.models import Role
from points.people import guardians, mailing
from points.people.account_notices import CONSENT_ENTERED
from points.people.models import GuardianConsent, Notice, User
from points.people.notices import notify
from points.people.services import tell_birth_year
from points.schemes.editor import drafts
from tests import factories as make
from tests import rights_sign_up as sign_up
from tests.assessment.conftest import noticed_period
from tests.beside import beside
from tests.rights import ANONYMOUS, EVERYBODY, FAR, OFFICE, RIGHTS, VIEWSETS, Right

pytestmark = pytest.mark.django_db

OTHERS = ("wagtail", "account_", "mfa_")
"""Addresses of Wagtail and allauth, tested by their houses; what we changed about them is tested with it."""


# --- The town -------------------------------------------------------------------------------------------
class World:
    """One object of everything in 春风社区, and the people of both communities."""

    def __init__(self) -> None:
        town = make.make_grid_tree()
        near, far = town.community, town.other_community
        self.people: dict[str, Any] = {ANONYMOUS: AnonymousUser()}
        for who, role in [
            ("organiser", Role.ORGANISER),
            ("worker", Role.COMMUNITY_WORKER),
            ("admin", Role.ADMINISTRATOR),
        ]:
            self.people[who] = make.make_user(role=role, grid=near, home=near, name=f"春风{who}")
            self.people[f"far_{who}"] = make.make_user(role=role, grid=far, home=far, name=f"秋水{who}")
        self.people["auditor"] = make.make_user(role=Role.AUDITOR, grid=town.root)
        self.people["superuser"] = make.make_user(is_superuser=True)
        member = self.people["member"] = make.make_user(home=town.grid, name="春风会员")
        self.people["stranger"] = make.make_user(home=town.other_grid, name="秋水会员")
        provider = make.make_provider(grid=town.grid, name="春风理发店")
        staff = make.make_staff(provider)
        self.people["desk"] = staff.user
        other_provider = make.make_provider(grid=town.other_grid, name="秋水理发店")
        self.people["far_desk"] = make.make_staff(other_provider).user
        scheme = make.make_scheme(grid=town.community)
        activity = make.make_activity(grid=town.grid, organiser=self.people["organiser"], title="春风大扫除")
        shift = activity.shifts.get()
        position = shift.positions.get()
        registration = make.make_registration(position, volunteer=member)
        entry = sign_up.waiting(position, member)
        absence = sign_up.absence(near, self.people["organiser"], member)
        team, asker = sign_up.team(near, activity.organization, member)
        held = sign_up.qualification(near, member, self.people["worker"])
        reward = make.make_reward(provider=provider, title="春风理发")
        appointment = make.make_reward(provider=provider, title="春风足疗", kind="appointment")
        slot = make.make_slot(appointment)
        voucher = make.make_redemption(reward, member=member)
        used = make.make_redemption(reward, member=member)
        point = make.make_service_point(grid=town.grid, name="春风驿站")
        batch = self._aid(provider, point, self.people["worker"])
        ticket, handed = batch.vouchers.order_by("pk")
        self._hand_over(handed, provider, staff.user)
        missed = self._missed(appointment, slot, member, staff.user)
        self._fulfil(used, provider, staff.user)
        draft = drafts.begin_draft(scheme, by=self.people["admin"])
        approval, paper = self._approval(scheme, self.people["admin"])
        record = self._record(activity, member, self.people["organiser"])
        over = make.make_activity(
            grid=town.grid,
            organiser=self.people["organiser"],
            starts_at=clock.now() - dt.timedelta(days=3),
            title="春风旧事",
        ).shifts.get()
        assessed = self._assessment(town)
        posting = voucher.hold_transaction.postings.first()
        month = f"{clock.today():%Y-%m}"
        self.args: dict[str, list[Any]] = {
            "": [],
            "grid": [town.grid.pk],
            "organization": [activity.organization.pk],
            "servicepoint": [point.pk],
            "option": [reward.options.create(name="春风剪发", is_open=False).pk],
            "span": [provider.spans.create(weekday=0, opens=dt.time(9), closes=dt.time(18)).pk],
            "appointment": [appointment.pk],
            "close": ["reward", reward.pk],
            "missed": [missed.code],
            "aid": [batch.pk],
            "aid_done": [handed.pk],
            "role": [
                make.make_user(name="春风联络员", role=Role.LIAISON, grid=near).role_assignments.get().pk
            ],
            "member": [member.pk],
            "purpose": ["photo"],
            "activity": [activity.code],
            "activity_pk": [activity.pk],
            "absence": [absence.pk],
            "feed_token": [CalendarAddress.objects.create(user=member).token],
            "team": [team.code],
            "team_pk": [team.pk],
            "grid_code": [town.grid.code],
            "signup_rules": [SignupRules.objects.create(grid=near).pk],
            "qualification": [held.qualification_id],
            "held_qualification": [held.pk],
            "sheet": [self._sheet(activity, self.people["organiser"]).code],
            "shift": [activity.code, shift.pk],
            "token": [f"{shift.pk}-{'A' * 16}"],
            "reward": [reward.pk],
            "reward_code": [reward.code],
            "slot": [slot.pk],
            "provider": [provider.pk],
            "staff": [staff.pk],
            "redemption": [voucher.pk],
            "fulfilled": [used.pk],
            "voucher": [voucher.code],
            "statement": [provider.code, month],
            "refused_scan": [self._refused_scan(provider, staff.user).pk],
            "record": [record.pk],
            "record_number": [record.number],
            "shift_over": [over.activity.code, over.pk],
            **beside(record, self.people),
            "scheme_version": [scheme.versions.get().pk],
            "scheme": [scheme.code],
            "draft": [draft.pk],
            "draft_part": [draft.pk, "limits"],
            "draft_item": [draft.pk, "earning", 0],
            "approval": [approval.pk],
            "evidence": [approval.pk, paper.pk],
            "transaction": [voucher.hold_transaction_id],
            "account": [posting.source_id],
            "format": ["jsonl"],
            "notice": [self._notice(member).pk],
            "stop_token": [mailing.stop_token(member)],
            "invitation": [guardians.invitation(self.people["stranger"])],
            "guarded": [self._guarded(member).pk],
            **assessed,
        }
        self.data: dict[str, dict[str, Any]] = {
            "": {},
            "elder": {"elder": "1", "next": "/"},
            "language": {"language": "en", "next": "/"},
            "answer": {"answer": "yes"},
            "position": {"position": position.pk},
            "registration": {"registration": registration.pk},
            "join": {"do": "join"},
            "take_in": {"member": asker.pk, "do": "take_in"},
            "entry": {"entry": entry.pk, "do": "leave"},
            "key": {"key": "a-key-of-sixteen-letters"},
            "tick": {"registration": registration.pk, "do": "in"},
            "walk_in": {"given": "nobody", "position": position.pk},
            "fulfil": {"provider": provider.code, "code": voucher.code, "nonce": "a-key-of-sixteen-letters"},
            "reason": {"reason": "ill"},
            "leave": {"do": "leave"},
            "aid": {"provider": provider.code, "code": ticket.code, "nonce": "a-key-of-sixteen-letters"},
            "words": {"answer": "有事"},
            "check": {"do": "check"},
            "accept": {"do": "accept"},
            "withdraw": {"do": "withdraw"},
            "reject": {"do": "reject", "answer": "没有问题"},
        }

    def _assessment(self, town: make.Town) -> dict[str, list[Any]]:
        """A period of 春风社区 in public notice, with a claim, a fact and an appeal of its leader."""
        for who, unit in [("leader", town.micro_grid), ("far_leader", town.other_micro_grid)]:
            self.people[who] = make.make_user(role=Role.MICRO_GRID_LEADER, grid=unit, home=unit)
        return noticed_period(town, self.people["leader"], self.people["worker"])

    @staticmethod
    def _approval(scheme: Any, by: User) -> tuple[Any, Any]:
        """New rules of 春风社区, waiting for a second person."""
        draft = drafts.begin_draft(scheme, by=by)
        day = clock.today() + dt.timedelta(days=9)
        rules = dict(draft.rules) | {"notice_days": 9}
        drafts.change_draft(draft, by=by, revision=0, rules=rules, effective_from=day, note="春风")
        notice = Paper("春风公告.pdf", "application/pdf", "pdf", b"%PDF-1.4\n%%EOF")
        request = drafts.submit_draft(draft, by=by, files=[notice])
        return request, request.evidence.get()

    @staticmethod
    def _guarded(parent: User) -> GuardianConsent:
        child = make.make_user(name="春风小学生")
        year = clock.today().year
        tell_birth_year(child, year=year - 10, by=None)
        tell_birth_year(parent, year=year - 40, by=None)
        return guardians.agree(
            child, name="春风会员", phone="13800000000", relation="mother", by=parent, guardian=parent
        )

    @staticmethod
    def _notice(person: User) -> Notice:
        notify([person], CONSENT_ENTERED, key="rights")
        return Notice.objects.get(user=person, kind=CONSENT_ENTERED.code, key="rights")

    @staticmethod
    def _fulfil(voucher: Any, provider: Any, clerk: User) -> None:
        from rewards import services

        services.fulfil(provider, code=voucher.code, by=clerk, nonce=f"rights-{make.nth():020}")

    @staticmethod
    def _missed(appointment: Any, slot: Any, member: User, clerk: User) -> Any:
        """An appointment of yesterday that waits for the member's answer."""
        voucher = make.make_redemption(appointment, member=member, slot=slot)
        voucher.no_shows.create(
            slot=slot,
            outcome="waiting",
            marked_by=clerk,
            answer_until=clock.now() + dt.timedelta(days=1),
        )
        return voucher

    @staticmethod
    def _aid(provider: Any, point: Any, by: User) -> Any:
        from rewards import services

        until = clock.today() + dt.timedelta(days=7)
        key = "rights-aid-of-one-morning"
        return services.issue(
            provider, point=point, title="春风午餐", count=2, valid_until=until, key=key, by=by
        )

    @staticmethod
    def _hand_over(voucher: Any, provider: Any, clerk: User) -> None:
        from rewards import services

        services.fulfil_aid(provider, code=voucher.code, by=clerk, nonce="rights-of-an-aid-voucher")

    @staticmethod
    def _refused_scan(provider: Any, clerk: User) -> Any:
        from rewards.models import RefusedScan

        return RefusedScan.objects.create(provider=provider, by=clerk, typed="WRONG", refusal="unknown_code")

    @staticmethod
    def _sheet(activity: Any, by: User) -> Any:
        from points.activities import services

        data = "姓名,手机\n春风会员,13800000000\n".encode()
        return services.upload_sheet(activity, data=data, name="签到表.csv", by=by)

    @staticmethod
    def _record(activity: Any, member: User, by: User) -> Any:
        from points.records import services

        start = make.local(f"{clock.today() - dt.timedelta(days=1)} 09:00")
        end = start + dt.timedelta(hours=2)
        return services.record_service(
            source="rights:1",
            volunteer=member,
            grid=activity.grid,
            recording_unit=activity.organization,
            activity_name=activity.title,
            activity_reference=activity.code,
            category=activity.category,
            content=activity.summary,
            place=activity.place,
            person_in_charge=by,
            planned_start=start,
            planned_end=end,
            checked_in_at=start,
            checked_out_at=end,
            grade="system_verified",
            by=by,
        )

    def ask(self, who: str, name: str, right: Right) -> tuple[str, str]:
        """What the address answers this person, and the text of the page; nothing stays changed."""
        client = Client(raise_request_exception=False)
        url = reverse(name, args=self.args[right.args])
        point = transaction.savepoint()
        try:
            if who != ANONYMOUS:
                client.force_login(User.objects.get(pk=self.people[who].pk), make_backend())
            response = client.get(url) if right.post is None else client.post(url, self.data[right.post])
            text = ""
            if right.mine and response.status_code == 200 and not response.streaming:
                text = response.content.decode()
        finally:
            transaction.savepoint_rollback(point)
        return outcome(response), text


def make_backend() -> str:
    return "django.contrib.auth.backends.ModelBackend"


def outcome(response: Any) -> str:
    if response.status_code in (301, 302):
        to = response["Location"]
        if to.startswith("/accounts/login/"):
            return "sign in"
        return "home" if to == "/admin/" else "ok"
    return "ok" if response.status_code == 200 else str(response.status_code)


def expected(who: str, name: str, right: Right, *, is_admin: bool) -> set[str]:
    if who in right.no:
        return {right.no[who]}
    if who in right.may:
        return {"ok"}
    if who == ANONYMOUS:
        return {"sign in"}
    if not is_admin:
        return {"404"}
    if who not in OFFICE:
        return {"403"}
    twin = who.removeprefix("far_")
    holds_it_elsewhere = who in FAR and twin in right.may
    return {"404"} if holds_it_elsewhere else {"404", "home"}


# --- The tests ------------------------------------------------------------------------------------------
def addresses(patterns: Any = None, space: str = "") -> Iterator[str]:
    """The full names of all addresses, by walking the resolver."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield space + pattern.name
        else:
            yield from addresses(
                pattern.url_patterns, space + (f"{pattern.namespace}:" if pattern.namespace else "")
            )


def ours() -> list[str]:
    return sorted({name for name in addresses() if not name.startswith(OTHERS)})


def test_every_address_stands_in_the_table() -> None:
    missing = [name for name in ours() if name not in RIGHTS]
    assert not missing, f"not in RIGHTS: {missing}"


def test_the_table_names_no_address_that_is_gone() -> None:
    known = set(ours())
    gone = [name for name in RIGHTS if name not in known]
    assert not gone, f"no such address: {gone}"


SPACES = sorted({name.rpartition(":")[0] or name for name in RIGHTS})


@pytest.mark.parametrize("space", SPACES)
def test_rights(space: str) -> None:
    """Everybody at every address of one namespace."""
    world = World()
    wrong = []
    for name, right in RIGHTS.items():
        if (name.rpartition(":")[0] or name) != space:
            continue
        is_admin = reverse(name, args=world.args[right.args]).startswith("/admin/")
        for who in sorted(EVERYBODY):
            wanted = expected(who, name, right, is_admin=is_admin)
            got, text = world.ask(who, name, right)
            if got not in wanted:
                wrong.append(f"{name:28} {who:14} {got} instead of {' or '.join(sorted(wanted))}")
            elif right.mine and got == "ok" and who in FAR | {"far_desk"} and "春风" in text:
                wrong.append(f"{name:28} {who:14} shows something of the first community")
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize("space", VIEWSETS)
def test_nothing_foreign_can_be_sent(space: str) -> None:
    """The write addresses again, by POST: a colleague of the second community changes nothing here."""
    world = World()
    wrong = []
    for view in ("edit", "delete"):
        right = replace(VIEWSETS[space][view], post="")
        for who in sorted(FAR | {"auditor", "stranger", ANONYMOUS}):
            got, _text = world.ask(who, f"{space}:{view}", right)
            if got not in expected(who, f"{space}:{view}", right, is_admin=True):
                wrong.append(f"{space}:{view} {who} {got}")
    assert not wrong, wrong


HARMLESS = ("wagtailadmin_logout", "wagtailadmin_javascript_catalog", "wagtailadmin_sprite")
"""Words and icons of the back office's own pages; leaving it."""


def test_wagtail_is_closed_to_volunteers() -> None:
    """Every page of the back office without parameters, Wagtail's own included."""
    world = World()
    stranger = Client()
    stranger.force_login(world.people["stranger"], make_backend())
    visitor = Client()
    opened = []
    for name in sorted(set(addresses())):
        try:
            url = reverse(name)
        except NoReverseMatch:  # it needs parameters
            continue
        if not url.startswith("/admin/") or name in HARMLESS:
            continue
        if outcome(stranger.get(url)) not in ("403", "405"):
            opened.append(f"{url} to a volunteer")
        if outcome(visitor.get(url)) not in ("sign in", "404"):
            opened.append(f"{url} to a visitor")
    assert not opened, opened
