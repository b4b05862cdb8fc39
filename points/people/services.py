"""What is done to people: their consents, and how they can be reached.

Consents are given by the person, or entered for them by somebody the caller has checked (law L-A6); only
the person takes one back (or the system, when an account is closed). A consent is never deleted.
"""

from __future__ import annotations

from django.db import transaction

from points import clock
from points.people.account_notices import CONSENT_ENTERED
from points.people.errors import (
    BirthYearFixed,
    ConsentNeeded,
    GuardianConsentNeeded,
    NotYours,
    PhoneInvalid,
    PhoneTaken,
)
from points.people.models import Consent, GuardianConsent, User, VolunteerProfile
from points.people.notices import notify
from points.people.phones import is_phone, normalise_phone

TEXT_VERSION = "2026-11"
GUARDIAN_UNTIL = 14
"""Until this age a guardian decides (Personal Information Protection Law, article 31)."""


@transaction.atomic
def give_consent(user: User, *, purpose: str, by: User | None) -> Consent:
    """Record a person's yes to one purpose. A second yes finds the first."""
    open_consent = user.consents.filter(purpose=purpose, withdrawn_at__isnull=True).first()
    if open_consent is not None:
        return open_consent
    consent = Consent.objects.create(
        user=user, purpose=Consent.Purpose(purpose), text_version=TEXT_VERSION, entered_by=by
    )
    if by is not None and by.pk != user.pk:
        notify([user], CONSENT_ENTERED, key=f"consent:{consent.pk}", url="/me/consents/")
    return consent


@transaction.atomic
def withdraw_consent(user: User, *, purpose: str, by: User | None) -> Consent | None:
    """Take a yes back from now on. Refuses with not_yours."""
    if by is not None and by.pk != user.pk:
        raise NotYours()
    consent = user.consents.filter(purpose=purpose, withdrawn_at__isnull=True).first()
    if consent is not None:
        consent.withdrawn_at = clock.now()
        consent.save(update_fields=["withdrawn_at"])
    return consent


def has_consented(user: User, purpose: str) -> bool:
    """Whether the person's yes to this purpose stands."""
    return user.consents.filter(purpose=purpose, withdrawn_at__isnull=True).exists()


def birth_year_of(user: User) -> int | None:
    """The year of birth, where the person (or the community) told it."""
    return VolunteerProfile.objects.filter(user=user).values_list("birth_year", flat=True).first()


def is_under_14(user: User) -> bool:
    """Whether the person may be under 14: until the end of the year of the fourteenth birthday."""
    year = birth_year_of(user)
    return year is not None and clock.today().year - year <= GUARDIAN_UNTIL


@transaction.atomic
def tell_birth_year(user: User, *, year: int | None, by: User | None) -> VolunteerProfile:
    """Write down the year of birth. Somebody under 14 does not grow older by a form of their own.

    Refuses with birth_year_fixed.
    """
    profile, _created = VolunteerProfile.objects.select_for_update(of=("self",), no_key=True).get_or_create(
        user=user
    )
    if profile.birth_year != year:
        if by is not None and by.pk == user.pk and is_under_14(user):
            raise BirthYearFixed()
        profile.birth_year = year
        profile.save(update_fields=["birth_year"])
    return profile


def refuse_unless_may_volunteer(user: User) -> None:
    """Raise unless service of this person may be recorded: their own consent, and under 14 a guardian's.

    Refuses with consent_needed, guardian_consent_needed.
    """
    if not has_consented(user, Consent.Purpose.RECORDS):
        raise ConsentNeeded()
    if is_under_14(user) and not GuardianConsent.objects.filter(minor=user, revoked_at__isnull=True).exists():
        raise GuardianConsentNeeded()


def check_phone_form(text: str) -> str:
    """Any phone number, in the one form in which we keep them. Refuses with phone_invalid."""
    phone = normalise_phone(text)
    if not is_phone(phone):
        raise PhoneInvalid()
    return phone


def check_phone(text: str, *, except_for: User | None = None) -> str | None:
    """The number as we keep it, or None for none. Refuses with phone_invalid, phone_taken."""
    phone = normalise_phone(text)
    if not phone:
        return None
    if not is_phone(phone):
        raise PhoneInvalid()
    others = User.objects.filter(phone=phone)
    if except_for is not None and except_for.pk:
        others = others.exclude(pk=except_for.pk)
    if others.exists():
        raise PhoneTaken()
    return phone


def find_person(text: str) -> User | None:
    """The active person with exactly this user name, phone number or member number."""
    wanted = (text or "").strip()
    if not wanted:
        return None
    active = User.objects.filter(is_active=True)
    phone = normalise_phone(wanted)
    found = active.filter(phone=phone).first() if is_phone(phone) else None
    return found or active.filter(username=wanted).first() or active.filter(number=wanted.lower()).first()


@transaction.atomic
def register(
    *,
    username: str,
    name: str = "",
    phone: str = "",
    email: str = "",
    password: str | None = None,
    by: User | None = None,
) -> User:
    """A new person with a profile and the consent that records need (the front door of the demo town).

    Refuses with phone_invalid, phone_taken.
    """
    user = User(username=username, name=name, email=email, phone=check_phone(phone))
    if password is None:
        user.set_unusable_password()
    else:
        user.set_password(password)
    user.save()
    welcome(user, by=by)
    return user


@transaction.atomic
def welcome(user: User, *, by: User | None) -> VolunteerProfile:
    """What every new volunteer gets: a profile, and the consent given on the sign-up form."""
    profile, _created = VolunteerProfile.objects.get_or_create(user=user)
    give_consent(user, purpose=Consent.Purpose.RECORDS, by=by or user)
    return profile
