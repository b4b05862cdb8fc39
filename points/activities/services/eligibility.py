"""Who may join: age by the year of birth, and named qualifications (Regulation 685, articles 15 and 16).

The age is the one a person reaches in the year of the shift: nobody is asked for more than the year.
"""

from __future__ import annotations

from django.utils import timezone

from points.activities import errors
from points.activities.models import Activity, HeldQualification, Shift
from points.people.models import User, VolunteerProfile
from points.refusals import Refusal


def birth_year_of(volunteer: User) -> int | None:
    return VolunteerProfile.objects.filter(user=volunteer).values_list("birth_year", flat=True).first()


def refuse_unless_eligible(shift: Shift, volunteer: User) -> None:
    """Raise BirthYearMissing, TooYoung, TooOld, QualificationMissing or QualificationOver."""
    activity = shift.activity
    if activity.min_age is not None or activity.max_age is not None:
        refuse_wrong_age(activity, volunteer, year=timezone.localtime(shift.starts_at).year)
    needed = list(activity.needs.all())
    if not needed:
        return
    day = timezone.localdate(shift.ends_at)
    held = dict(
        HeldQualification.objects.filter(volunteer=volunteer, qualification__in=needed).values_list(
            "qualification", "valid_until"
        )
    )
    for qualification in needed:
        if qualification.pk not in held:
            raise errors.QualificationMissing(name=qualification.name, how=qualification.how)
        until = held[qualification.pk]
        if until is not None and until < day:
            raise errors.QualificationOver(name=qualification.name, until=until)


def refuse_wrong_age(activity: Activity, volunteer: User, *, year: int) -> None:
    born = birth_year_of(volunteer)
    if born is None:
        raise errors.BirthYearMissing
    age = year - born
    if activity.min_age is not None and age < activity.min_age:
        raise errors.TooYoung(age=activity.min_age)
    if activity.max_age is not None and age > activity.max_age:
        raise errors.TooOld(age=activity.max_age)


def is_eligible(shift: Shift, volunteer: User) -> bool:
    try:
        refuse_unless_eligible(shift, volunteer)
    except Refusal:
        return False
    return True
