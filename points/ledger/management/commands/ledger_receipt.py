"""`manage.py ledger_receipt TRANSACTION`: print the receipt of one transaction as JSON."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from points.ledger.models import Transaction
from points.ledger.receipts import receipt
from points.refusals import Refusal


class Command(BaseCommand):
    help = "Print a receipt: the transaction, its seal and the path between them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("transaction", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        found = Transaction.objects.select_related("seal").filter(pk=options["transaction"]).first()
        if found is None:
            raise CommandError("There is no such transaction.")
        try:
            self.stdout.write(json.dumps(receipt(found), ensure_ascii=True, indent=1))
        except Refusal as refusal:
            raise CommandError(refusal.as_text()) from refusal
