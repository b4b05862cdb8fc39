"""The double-entry ledger.

Every movement of beans, minutes or scores is a *transaction* (one business event) made of *postings*. A
posting is one row that moves one positive amount of one unit from a `source` account to a `destination`
account, so a posting cannot be unbalanced and the books sum to zero by construction. Nothing is ever
updated or deleted: a mistake is answered by a reversal (an exact mirror) or a correction (a later delta),
and guards in the database refuse everything else.

Beans can expire. An account that holds expiring value keeps one balance per expiry day; a posting into or
out of it names the day. `NEVER` is the day of value that does not expire.

Models are for reading. The only writers are the functions of `points.ledger.services`.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock

NEVER = dt.date(9999, 12, 31)
"""The expiry day of value that never expires."""


class Unit(models.Model):
    """What is counted: beans, minutes, scores, and whatever a scheme brings. Always whole numbers."""

    code = models.CharField(_("code"), max_length=8, primary_key=True)
    name_en = models.CharField(_("English name"), max_length=40)
    name_zh = models.CharField(_("Chinese name"), max_length=40)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")

    def __str__(self) -> str:
        return self.code


class AccountKind(models.TextChoices):
    """What an account is for. `points.ledger.kinds` says how each kind behaves."""

    TREASURY = "treasury", pgettext_lazy("account kind", "Treasury")
    POOL = "pool", pgettext_lazy("account kind", "Budget pool")
    PENDING = "pending", pgettext_lazy("account kind", "Pending")
    AVAILABLE = "available", pgettext_lazy("account kind", "Available")
    HOLD = "hold", pgettext_lazy("account kind", "Held for a redemption")
    PAYABLE = "payable", pgettext_lazy("account kind", "Owed to a provider")
    SETTLED = "settled", pgettext_lazy("account kind", "Settled with a provider")
    LAPSED = "lapsed", pgettext_lazy("account kind", "Expired")
    FORFEIT = "forfeit", pgettext_lazy("account kind", "Forfeited")
    DEBT = "debt", pgettext_lazy("account kind", "To be made up")
    COMMUNITY = "community", pgettext_lazy("account kind", "Community pool")
    BASE = "base", pgettext_lazy("account kind", "Base points")
    DONATE_ONLY = "donate_only", pgettext_lazy("account kind", "For donation only")
    SERVICE = "service", pgettext_lazy("account kind", "Service given (source of minutes)")
    HOURS = "hours", pgettext_lazy("account kind", "Hours of service")
    ASSESSED = "assessed", pgettext_lazy("account kind", "Assessments (source of scores)")
    SCORE = "score", pgettext_lazy("account kind", "Assessment score")


class Account(models.Model):
    """One place where value of one unit can stand.

    `code` is stable ASCII (Beancount refuses Chinese account names) and never contains a row id of a
    person. `sign` is +1 for accounts that may not fall below zero and -1 for debts, which may not rise
    above it; it is meaningless where `is_stored` is false (see `Balance`).
    """

    code = models.CharField(_("code"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=AccountKind.choices)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("unit"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="ledger_accounts",
        verbose_name=_("owner"),
    )
    is_stored = models.BooleanField(_("balance is stored"))
    tracks_days = models.BooleanField(_("balance is kept by expiry day"))
    sign = models.SmallIntegerField(_("sign"), default=1)
    opened_on = models.DateField(_("opened on"), default=clock.today)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects: ClassVar[models.Manager[Account]] = models.Manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind", "unit"],
                condition=Q(owner__isnull=False),
                name="%(app_label)s_%(class)s_one_per_owner",
            ),
            models.CheckConstraint(condition=Q(sign__in=(-1, 1)), name="%(app_label)s_%(class)s_sign"),
        ]
        indexes = [models.Index(fields=["kind", "unit"], name="ledger_account_kind_idx")]

    def __str__(self) -> str:
        return self.code


class Balance(models.Model):
    """The stored balance of a constrained account, one row per expiry day (`NEVER` for all others).

    Only accounts that must not be overdrawn store their balance; busy sources and sinks (treasury,
    settled, lapsed, service) do not, because a stored balance on a hot row costs three to four times.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="balances")
    day = models.DateField(_("expires on"), default=NEVER)
    amount = models.BigIntegerField(_("amount"), default=0)
    sign = models.SmallIntegerField(default=1)

    class Meta:
        verbose_name = _("balance")
        verbose_name_plural = _("balances")
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], name="%(app_label)s_%(class)s_day"),
            models.CheckConstraint(
                condition=Q(amount=0) | (Q(sign=1) & Q(amount__gt=0)) | (Q(sign=-1) & Q(amount__lt=0)),
                name="%(app_label)s_%(class)s_floor",
            ),
        ]
        indexes = [
            models.Index(fields=["day"], condition=Q(amount__gt=0), name="ledger_balance_due_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.day} {self.amount}"


class Seal(models.Model):
    """A Merkle root over a batch of transactions, chained to the seal before it.

    A sealer runs behind the writers and takes what is committed and not sealed yet (never "everything
    up to an id": a lower id may commit later). `head` = SHA-256 of previous head, root and count.
    """

    number = models.BigIntegerField(_("number"), primary_key=True)
    previous_head = models.CharField(_("previous head"), max_length=64)
    root = models.CharField(_("Merkle root"), max_length=64)
    count = models.PositiveIntegerField(_("transactions"))
    head = models.CharField(_("head"), max_length=64, unique=True)
    sealed_at = models.DateTimeField(_("sealed at"), default=clock.now)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")

    def __str__(self) -> str:
        return f"{self.number} {self.head[:12]}"


class Transaction(models.Model):
    """One business event in the books.

    `kind` and `reference` name the cause in words of the room that posted it (`award`, `record:K3…`);
    `key` makes it happen once; `reason` is a code, never a sentence about a person. `occurred_at` is
    when it happened, `posted_at` when it was written. `rule` names the scheme version and
    `inputs_digest` a salted digest of the inputs, which live in the records where they can be erased.
    """

    kind = models.CharField(_("kind"), max_length=32)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    key = models.CharField(_("idempotency key"), max_length=120)
    body_digest = models.CharField(_("digest of the request"), max_length=64)
    occurred_at = models.DateTimeField(_("occurred at"))
    posted_at = models.DateTimeField(_("posted at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("approved by"),
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("on behalf of"),
    )
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    rule = models.CharField(_("rule version"), max_length=80, blank=True)
    inputs_digest = models.CharField(_("digest of the inputs"), max_length=64, blank=True)
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        db_index=False,
        verbose_name=_("corrects"),
    )
    seal = models.ForeignKey(
        Seal,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="transactions",
        verbose_name=_("seal"),
    )

    class Meta:
        verbose_name = _("transaction")
        verbose_name_plural = _("transactions")
        # Not unique=True on the field: that brings a second index, for LIKE.
        constraints = [models.UniqueConstraint(fields=["key"], name="%(app_label)s_%(class)s_key")]
        indexes = [
            models.Index(fields=["id"], condition=Q(seal__isnull=True), name="ledger_tx_unsealed_idx"),
            # Mostly empty: indexed where they say something. Every index is written with every transaction.
            models.Index(
                fields=["approved_by"], condition=Q(approved_by__isnull=False), name="ledger_tx_approved_idx"
            ),
            models.Index(
                fields=["on_behalf_of"], condition=Q(on_behalf_of__isnull=False), name="ledger_tx_behalf_idx"
            ),
            models.Index(
                fields=["corrects"], condition=Q(corrects__isnull=False), name="ledger_tx_corrects_idx"
            ),
            models.Index(fields=["kind", "reference"], name="ledger_tx_cause_idx"),
            models.Index(fields=["posted_at"], name="ledger_tx_posted_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.reference}"


class Posting(models.Model):
    """One positive whole amount moved from `source` to `destination`, both of the same unit.

    `source_day` and `destination_day` name expiry days on accounts that keep them, else they are null.
    The foreign keys to the accounts are composite (account, unit) in the database: see the migration. The
    unit needs none of its own, for it is the accounts'.
    """

    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="postings")
    source = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="outgoing", db_index=False, db_constraint=False
    )
    destination = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="incoming", db_index=False, db_constraint=False
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    amount = models.BigIntegerField(_("amount"))
    source_day = models.DateField(_("drawn from the beans expiring on"), null=True, blank=True)
    destination_day = models.DateField(_("expires on"), null=True, blank=True)

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="%(app_label)s_%(class)s_positive"),
            models.CheckConstraint(
                condition=~Q(source=F("destination")), name="%(app_label)s_%(class)s_moves"
            ),
        ]
        indexes = [
            models.Index(fields=["source", "id"], name="ledger_posting_source_idx"),
            models.Index(fields=["destination", "id"], name="ledger_posting_dest_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.destination_id} {self.amount} {self.unit_id}"


class Checkpoint(models.Model):
    """The balance of an account without a stored balance, after everything up to `seal`.

    Its balance now = the newest checkpoint + the postings of transactions not sealed yet.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="checkpoints")
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="checkpoints", db_index=False)
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        constraints = [
            models.UniqueConstraint(fields=["account", "seal"], name="%(app_label)s_%(class)s_once")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} @{self.seal_id}: {self.amount}"


class Assertion(models.Model):
    """A dated statement "this account had this balance", made at month close and checked ever after."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="assertions")
    before = models.DateTimeField(_("of everything posted before"))
    amount = models.BigIntegerField(_("amount"))
    made_at = models.DateTimeField(_("made at"), default=clock.now)

    class Meta:
        verbose_name = _("assertion")
        verbose_name_plural = _("assertions")
        constraints = [
            models.UniqueConstraint(fields=["account", "before"], name="%(app_label)s_%(class)s_once")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} < {self.before:%Y-%m-%d}: {self.amount}"


class Halt(models.Model):
    """While a halt is open, transactions of its `kind` are refused (say, redemptions after a mismatch)."""

    kind = models.CharField(_("kind"), max_length=32)
    reason = models.CharField(_("reason"), max_length=40)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    since = models.DateTimeField(_("since"), default=clock.now)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("halt")
        verbose_name_plural = _("halts")
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(lifted_at__isnull=True), name="%(app_label)s_%(class)s_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.since:%Y-%m-%d %H:%M}"
