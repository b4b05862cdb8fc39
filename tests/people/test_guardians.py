"""Under 14: who that is, and that nobody signs up without a guardian's yes (PIPL, article 31)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from points import clock
from points.activities import services as activities
from points.people import guardians, services
from points.people.errors import (
    BirthYearFixed,
    ConsentNeeded,
    GuardianConsentNeeded,
    GuardianKnown,
    GuardianNotAdult,
    NotUnderFourteen,
    PhoneInvalid,
)
from points.people.models import Consent, GuardianConsent, Notice, User
from tests.factories import local, make_activity, make_grid_tree, make_user

pytestmark = pytest.mark.django_db
NOW = local("2026-11-25 10:00")


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(NOW):
        yield


def born(year: int | None, **fields: str) -> User:
    person = make_user(**fields)
    services.tell_birth_year(person, year=year, by=None)
    return person


def agree(child: User, **more: object) -> GuardianConsent:
    values: dict[str, object] = {
        "name": "王芳",
        "phone": "138 0000 1234",
        "relation": "mother",
        "by": make_user(),
    }
    return guardians.agree(child, **(values | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(("year", "young"), [(None, False), (2011, False), (2012, True), (2020, True)])
def test_under_14_until_the_end_of_the_year_of_the_birthday(year: int | None, young: bool) -> None:
    assert services.is_under_14(born(year)) is young


def test_a_person_of_whom_nothing_is_known_is_not_held_up() -> None:
    services.refuse_unless_may_volunteer(make_user())


def test_a_child_signs_up_only_after_a_guardian_has_agreed() -> None:
    child = born(2015)
    position = make_activity(grid=make_grid_tree().grid).shifts.get().positions.get()
    with pytest.raises(GuardianConsentNeeded) as refused:
        activities.sign_up(position, volunteer=child, by=child)
    assert refused.value.refusal_code == "guardian_consent_needed"
    with pytest.raises(GuardianConsentNeeded):  # nor as a walk-in
        activities.sign_up(position, volunteer=child, by=make_user(), walk_in=True)
    consent = agree(child)
    assert consent.guardian_phone == "13800001234"
    registration = activities.sign_up(position, volunteer=child, by=child)
    activities.cancel_registration(registration, by=child)
    guardians.revoke(consent, by=make_user())
    with pytest.raises(GuardianConsentNeeded):
        activities.sign_up(position, volunteer=child, by=child)
    kinds = Notice.objects.filter(user=child).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["guardian_agreed", "guardian_revoked"]


def test_nobody_signs_up_after_taking_back_the_consent_for_records() -> None:
    person = make_user()
    position = make_activity(grid=make_grid_tree().grid).shifts.get().positions.get()
    services.withdraw_consent(person, purpose=Consent.Purpose.RECORDS, by=person)
    with pytest.raises(ConsentNeeded) as refused:
        activities.sign_up(position, volunteer=person, by=person)
    assert refused.value.refusal_code == "consent_needed"
    services.give_consent(person, purpose=Consent.Purpose.RECORDS, by=person)
    assert activities.sign_up(position, volunteer=person, by=person).pk


def test_one_guardian_at_a_time_and_never_deleted() -> None:
    child = born(2015)
    first = agree(child)
    assert agree(child) == first
    with pytest.raises(GuardianKnown) as known:
        agree(child, name="李强")
    assert known.value.refusal_code == "guardian_known"
    assert guardians.revoke(first, by=make_user()).revoked_at == NOW
    with clock.at(NOW + dt.timedelta(hours=1)):
        assert guardians.revoke(first, by=make_user()).revoked_at == NOW
    assert agree(child, name="李强") != first
    assert GuardianConsent.objects.filter(minor=child).count() == 2


def test_what_is_refused() -> None:
    with pytest.raises(NotUnderFourteen) as grown:
        agree(born(1990))
    assert grown.value.refusal_code == "not_under_14"
    for guardian in (born(2012), born(2008), make_user()):
        with pytest.raises(GuardianNotAdult) as young:
            agree(born(2015), guardian=guardian)
    assert young.value.refusal_code == "guardian_not_adult"
    assert agree(born(2015), guardian=born(1985)).guardian is not None
    with pytest.raises(PhoneInvalid):
        agree(born(2015), phone="call me")


def test_a_child_does_not_grow_older_by_a_form_but_the_community_corrects_it() -> None:
    child = born(2015)
    with pytest.raises(BirthYearFixed) as fixed:
        services.tell_birth_year(child, year=2000, by=child)
    assert fixed.value.refusal_code == "birth_year_fixed"
    services.tell_birth_year(child, year=2000, by=make_user())
    assert not services.is_under_14(child)
    services.tell_birth_year(child, year=2001, by=child)


def test_an_invitation_names_the_child_for_seven_days(monkeypatch: pytest.MonkeyPatch) -> None:
    child = born(2015)
    token = guardians.invitation(child)
    assert guardians.read_invitation(token) == child
    assert guardians.read_invitation(token[:-1]) is None
    assert guardians.read_invitation("x") is None
    monkeypatch.setattr(guardians, "INVITATION_SECONDS", -1)
    assert guardians.read_invitation(token) is None
