"""Certificates: made on demand and free, checked by anybody, revoked when a record in them changes.

Who records certifies (民发〔2015〕149号): a certificate holds final records of one recording unit only. It
copies them on that day (`snapshot`); a keyed digest proves the copy. The public check tells valid, revoked or
unknown and a masked name, and nothing else (law L-A19).
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, Max, Min, Sum
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from points import clock
from points.grids.models import Organization
from points.people.models import User
from points.people.notices import notify
from points.records import errors, notices
from points.records.models import Certificate, ServiceRecord
from points.records.services import lock_volunteers

if TYPE_CHECKING:
    from django.db.models import QuerySet

FORM = 1
"""The form of the snapshot, for whoever reads old ones."""


# --- Writing --------------------------------------------------------------------------------------------
@transaction.atomic
def issue_certificate(
    volunteer: User,
    *,
    unit: Organization,
    by: User,
    first_on: dt.date | None = None,
    last_on: dt.date | None = None,
    replaces: Certificate | None = None,
) -> Certificate:
    """Certify the volunteer's final records of one unit, of all days or of some.

    One that it `replaces` is revoked if it still stood; a second one in the same place is refused.
    Refuses with not_your_certificate, nothing_to_certify, certificate_replaced.
    """
    if by.pk != volunteer.pk:
        raise errors.NotYourCertificate()
    lock_volunteers([volunteer])
    if replaces is not None:
        replaces = _own(replaces, volunteer)
    records = list(
        certifiable(volunteer, unit, first_on, last_on)
        .select_related("person_in_charge")
        .order_by("served_on", "planned_start", "pk")
    )
    if not sum(record.minutes for record in records):
        raise errors.NothingToCertify()
    certificate = Certificate(
        volunteer=volunteer,
        recording_unit=unit,
        first_on=first_on or records[0].served_on,
        last_on=last_on or records[-1].served_on,
        minutes=sum(record.minutes for record in records),
        issued_at=clock.now(),
        replaces=replaces,
    )
    certificate.snapshot = _snapshot(certificate, records)
    certificate.digest = digest_of(certificate)
    certificate.save(force_insert=True)
    certificate.records.set(records)
    if replaces is not None and replaces.is_valid:
        _revoke(replaces, Certificate.Why.REPLACED)
    return certificate


def _own(certificate: Certificate, volunteer: User) -> Certificate:
    fresh = Certificate.objects.get(pk=certificate.pk)
    if fresh.volunteer_id != volunteer.pk:
        raise errors.NotYourCertificate()
    newer = Certificate.objects.filter(replaces=fresh).first()
    if newer is not None:
        raise errors.CertificateReplaced(number=newer.number)
    return fresh


def _snapshot(certificate: Certificate, records: list[ServiceRecord]) -> dict[str, Any]:
    """What Order 67, articles 7 and 15, and the opinion of 2015 want. Nothing about the people served."""
    unit = certificate.recording_unit
    return {
        "form": FORM,
        "person": {"name": certificate.volunteer.display_name, "number": certificate.volunteer.number},
        "unit": {
            "name": unit.name,
            "phone": unit.phone,
            "guided_by": unit.guided_by.name if unit.guided_by else "",
        },
        "records": [
            {
                "number": record.number,
                "version": record.version,
                "served_on": record.served_on.isoformat(),
                "activity": record.activity_name,
                "content": record.content,
                "place": record.place,
                "minutes": record.minutes,
                "grade": record.grade,
                "person_in_charge": record.person_in_charge.display_name,
            }
            for record in records
        ],
    }


def digest_of(certificate: Certificate) -> str:
    """A keyed digest of what is certified. Without the person, whose name can be erased one day."""
    kept = {key: value for key, value in certificate.snapshot.items() if key != "person"}
    text = json.dumps(kept, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    salt = f"points.records.certificate:{certificate.number}:{certificate.minutes}"
    return salted_hmac(salt, text, algorithm="sha256").hexdigest()


def revoke_for(record: ServiceRecord) -> int:
    """Revoke every certificate that contains this version of a record; returns how many."""
    standing = list(Certificate.objects.filter(records=record, revoked_at__isnull=True))
    for certificate in standing:
        _revoke(certificate, Certificate.Why.RECORD_CHANGED)
        notify(
            [record.volunteer],
            notices.CERTIFICATE_REVOKED,
            key=f"certificate:{certificate.number}",
            url=reverse("records:certificate", args=[certificate.number]),
            number=certificate.number,
        )
    return len(standing)


def _revoke(certificate: Certificate, why: str) -> None:
    certificate.revoked_at = clock.now()
    certificate.revoked_why = Certificate.Why(why)
    certificate.save(update_fields=["revoked_at", "revoked_why"])


@transaction.atomic
def forget_person(volunteer: User) -> int:
    """For a closed account: the certificates stay and can be checked by number, the name leaves them (J6)."""
    rows = list(Certificate.objects.filter(volunteer=volunteer))
    for certificate in rows:
        certificate.snapshot = {**certificate.snapshot, "person": {}}
        certificate.save(update_fields=["snapshot"])
    return len(rows)


# --- Reading --------------------------------------------------------------------------------------------
def certifiable(
    volunteer: User, unit: Organization, first_on: dt.date | None = None, last_on: dt.date | None = None
) -> QuerySet[ServiceRecord]:
    """The final records of one volunteer and unit, of all days or of some."""
    rows: QuerySet[ServiceRecord] = ServiceRecord.objects.filter(
        volunteer=volunteer, recording_unit=unit, state=ServiceRecord.State.FINAL
    )
    if first_on:
        rows = rows.filter(served_on__gte=first_on)
    if last_on:
        rows = rows.filter(served_on__lte=last_on)
    return rows


@dataclass(frozen=True)
class Offer:
    """What one unit could certify now."""

    unit: Organization
    minutes: int
    count: int
    first_on: dt.date
    last_on: dt.date


def offers_for(volunteer: User) -> list[Offer]:
    """The units that can certify something of this volunteer, the one with most hours first. Two queries."""
    rows = list(
        ServiceRecord.objects.filter(volunteer=volunteer, state=ServiceRecord.State.FINAL, minutes__gt=0)
        .order_by()
        .values_list("recording_unit")
        .annotate(sum=Sum("minutes"), first=Min("served_on"), last=Max("served_on"), count=Count("pk"))
    )
    units = Organization.objects.in_bulk([row[0] for row in rows])
    found = [Offer(units[pk], total, count, first, last) for pk, total, first, last, count in rows]
    return sorted(found, key=lambda offer: (-offer.minutes, offer.unit.name))


class Verdict(Enum):
    """What the public check page says."""

    VALID = "valid"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """Valid, revoked or unknown, and a masked name (none when the account was closed)."""

    verdict: Verdict
    name: str = ""


def check(number: str, code: str) -> Answer:
    """The public check. A wrong code, a wrong number and a copy that was tampered with are all unknown."""
    certificate = Certificate.objects.select_related("volunteer").filter(number=plain(number)).first()
    if certificate is None or not constant_time_compare(certificate.check_code, plain(code)):
        return Answer(Verdict.UNKNOWN)
    if not constant_time_compare(certificate.digest, digest_of(certificate)):
        return Answer(Verdict.UNKNOWN)
    person = certificate.snapshot.get("person")
    name = masked(person["name"]) if person and certificate.volunteer.is_active else ""
    return Answer(Verdict.VALID if certificate.is_valid else Verdict.REVOKED, name)


def masked(name: str) -> str:
    """`王*`, `王*明`, as it stands on the certificate: the person may have changed it since."""
    return User(name=name).masked_name


def plain(typed: str) -> str:
    """A number or code as it is kept, whatever spaces and small letters were typed."""
    return "".join(typed.split()).replace("-", "").upper()[:16]
