"""`manage.py explain TRANSACTION`: why a line of the ledger is what it is, computed again from its inputs."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from points.ledger.models import Posting, Transaction
from points.records.models import ServiceRecord
from points.records.reckoning import for_giving_away, recompute
from points.records.services import inputs_digest


class Command(BaseCommand):
    help = "Explain a transaction: rule version, inputs, the result computed again, and whether all agree."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("transaction", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        found = Transaction.objects.filter(pk=options["transaction"]).first()
        if found is None:
            raise CommandError("There is no such transaction.")
        postings = list(Posting.objects.filter(transaction=found).select_related("source", "destination"))
        self.say("transaction", f"{found.pk} {found.kind} {found.reference}")
        for posting in postings:
            move = f"{posting.source.code} → {posting.destination.code}"
            self.say("posting", f"{posting.amount} {posting.unit_id}  {move}")
        record = record_of(found)
        if record is None:
            self.say("rule", found.rule or "none: this line follows no rule of a scheme")
            return
        self.say("record", f"{record.number} v{record.version}, {record.served_on}")
        self.say("rule", found.rule or "none in force")
        if not record.inputs:
            self.say("inputs", "erased; the digest stays")
            self.say("digest", found.inputs_digest)
            return
        self.say("inputs", json.dumps(record.inputs, ensure_ascii=False, sort_keys=True))
        digest_agrees = inputs_digest(record) == found.inputs_digest
        self.say("digest", f"{found.inputs_digest} {verdict(digest_agrees)}")
        agrees = self.compare(found, record, sum(posting.amount for posting in postings))
        if not (digest_agrees and agrees):
            raise CommandError("The line does not follow from its inputs.", returncode=1)

    def compare(self, found: Transaction, record: ServiceRecord, posted: int) -> bool:
        """Whether the recomputed result equals the posting; hours follow from the record's minutes alone."""
        before = record.supersedes
        if record.hours_transaction_id == found.pk:
            wanted = abs(record.minutes - (before.minutes if before else 0))
            self.say("recomputed", f"{wanted} MINUTE {verdict(wanted == posted)}")
            return wanted == posted
        again = recompute(record)
        if again is None:
            self.say("recomputed", "no rule to compute with")
            return not record.beans
        for line in again.award.lines:
            self.say("because", line.text)
        if before is not None:
            self.say("corrects", f"v{before.version}: {before.beans} BEAN; now {record.beans}")
            self.say("recomputed", f"{again.beans} BEAN {verdict(again.is_equal)}")
            return again.is_equal
        extra = for_giving_away(record) if found.kind == "award" else 0
        agrees = again.is_equal and again.beans + extra == posted
        self.say("recomputed", f"{again.beans} BEAN {verdict(agrees)}")
        return agrees

    def say(self, name: str, text: str) -> None:
        self.stdout.write(f"{name:<12} {text}")


def verdict(agrees: bool) -> str:
    return "(agrees)" if agrees else "(DIFFERS)"


def record_of(found: Transaction) -> ServiceRecord | None:
    """The record whose service the transaction is about."""
    own: ServiceRecord | None = (
        ServiceRecord.objects.select_related("scheme_version__scheme", "supersedes")
        .filter(Q(hours_transaction=found) | Q(award_transaction=found) | Q(release_transaction=found))
        .first()
    )
    return own
