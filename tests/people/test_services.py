from __future__ import annotations

import pytest

from points.people import services
from points.people.errors import NotYours, PhoneInvalid, PhoneTaken
from points.people.models import Consent, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db
RECORDS = Consent.Purpose.RECORDS
PHOTO = Consent.Purpose.PHOTO


def test_a_consent_is_given_once_withdrawn_and_given_again() -> None:
    person = make_user()
    assert not services.has_consented(person, PHOTO)
    first = services.give_consent(person, purpose=PHOTO, by=person)
    assert services.give_consent(person, purpose=PHOTO, by=person) == first
    assert services.has_consented(person, PHOTO)
    services.withdraw_consent(person, purpose=PHOTO, by=person)
    assert not services.has_consented(person, PHOTO)
    services.withdraw_consent(person, purpose=PHOTO, by=person)
    services.give_consent(person, purpose=PHOTO, by=make_user())
    rows = Consent.objects.filter(user=person, purpose=PHOTO).order_by("pk")
    assert [row.withdrawn_at is None for row in rows] == [False, True]
    assert rows[1].entered_by != person


def test_only_the_person_withdraws_a_consent() -> None:
    person = make_user()
    services.give_consent(person, purpose=PHOTO, by=person)
    with pytest.raises(NotYours) as caught:
        services.withdraw_consent(person, purpose=PHOTO, by=make_user())
    assert caught.value.refusal_code == "not_yours"


def test_check_phone_refuses_what_is_no_number_or_anothers() -> None:
    person = make_user(phone="13800001234")
    assert services.check_phone("") is None
    assert services.check_phone("138 0000 1234", except_for=person) == "13800001234"
    with pytest.raises(PhoneTaken) as taken:
        services.check_phone("+86 138 0000 1234")
    assert taken.value.refusal_code == "phone_taken"
    with pytest.raises(PhoneInvalid) as invalid:
        services.check_phone("call me")
    assert invalid.value.refusal_code == "phone_invalid"


def test_find_person_by_exact_name_phone_or_member_number() -> None:
    person = make_user(phone="13800001234")
    for text in (person.username, "138 0000 1234", person.number, person.number.upper()):
        assert services.find_person(text) == person
    assert services.find_person(person.username[:-1]) is None
    assert services.find_person("") is None
    person.is_active = False
    person.save()
    assert services.find_person(person.number) is None


def test_register_makes_a_profile_and_the_consent_for_records() -> None:
    person = services.register(
        username="wang", name="王芳", phone="138 0000 1234", password="golden-bean-4711"
    )
    person = User.objects.get(pk=person.pk)
    assert person.check_password("golden-bean-4711")
    assert person.phone == "13800001234"
    assert person.profile.joined_on
    assert services.has_consented(person, RECORDS)
    assert not services.has_consented(person, PHOTO)
    assert not services.register(username="li").has_usable_password()


@pytest.mark.parametrize(
    ("name", "masked"), [("王", "王*"), ("王芳", "王*"), ("王小明", "王*明"), ("欧阳小明", "欧**明")]
)
def test_a_masked_name_shows_enough_for_a_clerk(name: str, masked: str) -> None:
    assert User(username="u", name=name).masked_name == masked
