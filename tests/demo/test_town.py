"""The demo town: built by services, the same every time, with something of everything."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.utils import timezone

from cms.demo import covers, personas, town
from cms.demo.build import build_town, is_built
from cms.demo.calendar import CAMPAIGN_PEOPLE, make_plans
from cms.demo.people import make_people
from cms.demo.progress import Progress
from cms.models import AnnouncementPage
from points import clock
from points.activities.models import Activity, Registration
from points.assessment.models import AssessmentPeriod, Claim, Result
from points.grids.models import GridUnit
from points.ledger.models import AccountKind, Balance, Posting, Transaction
from points.ledger.verify import verify
from points.people.models import User
from points.records.models import Certificate, Objection, ServiceRecord
from points.records.recompute import recompute_month
from rewards.models import Redemption
from tests.factories import make_user

NOON = timezone.make_aware(dt.datetime(2026, 11, 22, 12, 3))


def totals() -> list[tuple[object, ...]]:
    """What the books say, without the random parts of codes."""
    rows = Posting.objects.values_list("transaction__kind", "unit", "source__kind", "destination__kind")
    return sorted(rows.annotate(sum=Sum("amount")).order_by())


@pytest.mark.django_db
def test_small_town_has_something_of_everything() -> None:
    with clock.at(NOON):
        built = build_town(small=True, quiet=True, draw_ahead=False)

        assert is_built()
        assert (built.units, GridUnit.objects.filter(level="micro_grid").count()) == (27, 20)
        assert verify().ok
        states = set(Registration.objects.values_list("state", flat=True))
        assert states == set(Registration.State.values)
        assert set(Redemption.objects.values_list("state", flat=True)) == set(Redemption.State.values)
        record_states = set(ServiceRecord.objects.values_list("state", flat=True))
        assert record_states == set(ServiceRecord.State.values)
        assert {one.is_valid for one in Certificate.objects.all()} == {True, False}
        assert set(Objection.objects.values_list("state", flat=True)) == {"open", "upheld"}
        for month in (9, 10, 11):  # what stands in the books follows from the facts alone
            again = recompute_month(dt.date(2026, month, 1))
            assert again.records
            assert again.differences == []
        kinds = set(Transaction.objects.values_list("kind", flat=True))
        assert kinds >= {
            "allotment",
            "award",
            "release",
            "hours",
            "hold",
            "fulfil",
            "return",
            "settle",
            "lapse",
        }

        assessed = AssessmentPeriod.objects.order_by("pk")
        assert [period.state for period in assessed] == ["closed", "open"]
        assert Result.objects.filter(transaction__isnull=False).count() == 5
        assert kinds >= {"score"}
        assert set(Claim.objects.values_list("state", flat=True)) == {"accepted", "rejected", "submitted"}

        held = Balance.objects.filter(account__kind=AccountKind.HOLD).aggregate(sum=Sum("amount"))["sum"]
        still_open = Redemption.objects.filter(state=Redemption.State.ISSUED)
        assert held == sum(int(redemption.price.amount) for redemption in still_open) > 0

        assert set(Activity.objects.values_list("state", flat=True)) == set(Activity.State.values)
        running = Activity.objects.open().get(first_starts_at__lte=NOON)
        mine = Registration.objects.get(
            shift__activity=running, volunteer__username=personas.VOLUNTEER.username
        )
        assert mine.checked_in_at is None
        assert mine.state == Registration.State.SIGNED_UP
        assert set(built.refusals) <= {
            "limit_reached",
            "already_fulfilled",
            "activity_not_open",
            "slot_needed",
            "out_of_stock",
        }
        left = {
            sum(position.seats_left for shift in activity.shifts.all() for position in shift.positions.all())
            for activity in Activity.objects.open()
        }
        assert {0, 1} <= left
        assert AnnouncementPage.objects.live().filter(activity__isnull=False).count() >= 2
        for persona in personas.PERSONAS:
            assert User.objects.get(username=persona.username).check_password(personas.PASSWORD)


@pytest.mark.slow
@pytest.mark.django_db
def test_two_builds_give_the_same_books() -> None:
    from django.db import transaction

    seen = []
    for _round in range(2):
        with clock.at(NOON), transaction.atomic():
            build_town(small=True, quiet=True, draw_ahead=False)
            seen.append(totals())
            transaction.set_rollback(True)
    assert seen[0] == seen[1]


def test_whole_town_has_the_reported_shape() -> None:
    rows = town.rows()
    songshan = [row for row in rows if row.code.startswith(f"{town.SONGSHAN}-")]
    exclusive = [row for row in songshan if row.kind == GridUnit.Kind.EXCLUSIVE]
    counts = [
        sum(row.level == level and row not in exclusive for row in songshan) for level in town.Level.values
    ]
    by_level = dict(zip(town.Level.values, counts, strict=True))
    assert (by_level["community"], by_level["grid"], by_level["micro_grid"]) == (19, 170, 940)
    assert len(exclusive) == 36
    assert len({row.code for row in rows}) == len(rows)


def test_plans_are_the_same_for_the_same_day() -> None:
    import random

    first, second = (make_plans(random.Random(7), NOON) for _round in range(2))
    assert first == second
    campaign = next(plan for plan in first if plan.people == CAMPAIGN_PEOPLE)
    assert len(campaign.times) == 5
    assert sum(campaign.capacities) * 5 >= CAMPAIGN_PEOPLE
    assert all(plan.opens_at < NOON for plan in first)


def test_people_have_different_names_and_numbers() -> None:
    import random

    people = make_people(random.Random(3), 700, year=2026, taken=set())
    assert len({person.username for person in people}) == len({person.phone for person in people}) == 700
    assert all(person.phone.startswith("100") for person in people)


def test_every_cover_is_the_same_each_time_and_small() -> None:
    for name in ("meals", "courtyard"):
        assert covers.draw(name) == covers.draw(name)
    assert all(len(covers.draw(name)) < 120_000 for name in covers.NAMES)
    assert all(covers.alt_text(name) for name in covers.NAMES)


# --- Commands -----------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_seed_demo_when_somebody_lives_there_already() -> None:
    make_user()
    with pytest.raises(CommandError, match="not_empty"):
        call_command("seed_demo", small=True, quiet=True)


@pytest.mark.django_db
def test_seed_demo_when_a_build_was_interrupted() -> None:
    make_user(username=personas.VOLUNTEER.username, name=personas.VOLUNTEER.name)
    assert not is_built()
    with pytest.raises(CommandError, match="not_empty"):
        call_command("seed_demo", small=True, quiet=True)


@pytest.mark.django_db
def test_seed_demo_when_the_town_is_there_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cms.management.commands.seed_demo.is_built", lambda: True)
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    assert personas.VOLUNTEER.username in out.getvalue()
    assert personas.PASSWORD in out.getvalue()


@pytest.mark.django_db
def test_demo_signins_without_a_town() -> None:
    with pytest.raises(CommandError, match="no_demo"):
        call_command("demo_signins")


@pytest.mark.django_db
def test_run_due_runs_every_task() -> None:
    from django.conf import settings

    out = io.StringIO()
    call_command("run_due", stdout=out)
    assert out.getvalue().count("ok ") == len(settings.CELERY_BEAT_SCHEDULE)


@pytest.mark.django_db
def test_run_due_when_one_task_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> int:
        raise RuntimeError("no disk")

    monkeypatch.setattr("points.records.services.release_due", broken)
    out, errors = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match=r"records\.release_due"):
        call_command("run_due", stdout=out, stderr=errors)
    assert "no disk" in errors.getvalue()
    assert "ok     rewards.expire_due" in out.getvalue()


def test_progress_in_a_log_prints_tenths() -> None:
    stream = io.StringIO()
    progress = Progress("Building", 100, stream=stream)
    for _unused in range(100):
        progress.advance()
    progress.finish()
    assert len(stream.getvalue().splitlines()) <= 11
    assert "100%" in stream.getvalue()
