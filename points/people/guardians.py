"""Guardians of people under 14: who is that young, and a parent's yes for them (PIPL, article 31).

Only the year of birth is known, so somebody counts as under 14 until the last day of the year of the
fourteenth birthday: better one form too many than one child too few. Callers check that whoever enters or
revokes a consent is the guardian or manages people where the minor lives.
"""

from __future__ import annotations

from django.core import signing
from django.db import IntegrityError, transaction

from points import clock
from points.people.account_notices import GUARDIAN_AGREED, GUARDIAN_REVOKED
from points.people.errors import GuardianKnown, GuardianNotAdult, NotUnderFourteen
from points.people.models import GuardianConsent, User, VolunteerProfile
from points.people.notices import notify
from points.people.services import TEXT_VERSION, check_phone_form, is_under_14

ADULT = 18
INVITATION_SALT = "points.people.guardians"
INVITATION_SECONDS = 7 * 24 * 3600


def consent_of(minor: User) -> GuardianConsent | None:
    """The guardian's consent that stands now."""
    return minor.guardian_consents.filter(revoked_at__isnull=True).first()


@transaction.atomic
def agree(
    minor: User, *, name: str, phone: str, relation: str, by: User, guardian: User | None = None
) -> GuardianConsent:
    """Record a guardian's yes. The same again finds the first.

    Raises: NotUnderFourteen, GuardianNotAdult (of the guardian's own account), GuardianKnown, PhoneInvalid.
    """
    if not is_under_14(minor):
        raise NotUnderFourteen()
    if guardian is not None and not _is_adult(guardian):
        raise GuardianNotAdult()
    number = check_phone_form(phone)
    standing = consent_of(minor)
    if standing is not None:
        if (standing.guardian_name, standing.guardian_phone) == (name, number):
            return standing
        raise GuardianKnown()
    try:
        with transaction.atomic():
            consent = GuardianConsent.objects.create(
                minor=minor,
                guardian=guardian,
                guardian_name=name,
                guardian_phone=number,
                relation=GuardianConsent.Relation(relation),
                text_version=TEXT_VERSION,
                entered_by=by,
            )
    except IntegrityError as error:  # somebody else entered one at this very moment
        raise GuardianKnown() from error
    notify([minor], GUARDIAN_AGREED, key=f"guardian:{consent.pk}", url="/me/consents/")
    return consent


@transaction.atomic
def revoke(consent: GuardianConsent, *, by: User) -> GuardianConsent:
    """Take a guardian's yes back from now on. Twice is once."""
    changed = GuardianConsent.objects.filter(pk=consent.pk, revoked_at__isnull=True).update(
        revoked_at=clock.now()
    )
    consent.refresh_from_db()
    if changed:
        notify([consent.minor], GUARDIAN_REVOKED, key=f"revoked:{consent.pk}", url="/me/consents/")
    return consent


def invitation(minor: User) -> str:
    """What a minor gives to a parent: it names the minor, for seven days."""
    return signing.dumps(minor.number, salt=INVITATION_SALT)


def read_invitation(token: str) -> User | None:
    """The minor who gave this invitation, or None for an old one and for one we did not make."""
    try:
        number = signing.loads(token, salt=INVITATION_SALT, max_age=INVITATION_SECONDS)
    except signing.BadSignature:
        return None
    return User.objects.filter(number=number, is_active=True).first()


def _is_adult(person: User) -> bool:
    year = VolunteerProfile.objects.filter(user=person).values_list("birth_year", flat=True).first()
    return year is not None and clock.today().year - year > ADULT
