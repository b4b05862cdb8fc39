"""Service records and what stands beside them. One file for each of the things Order 67 speaks of."""

from points.records.models.certificates import Certificate, random_certificate_number, random_check_code
from points.records.models.groups import Commendation, Evaluation, TrainingRecord
from points.records.models.objections import Objection
from points.records.models.service import ServiceRecord, random_record_number
from points.records.models.supplements import Supplement, SupplementLimit
from points.records.models.workdays import WorkDay

__all__ = [
    "Certificate",
    "Commendation",
    "Evaluation",
    "Objection",
    "ServiceRecord",
    "Supplement",
    "SupplementLimit",
    "TrainingRecord",
    "WorkDay",
    "random_certificate_number",
    "random_check_code",
    "random_record_number",
]
