"""Rewards: what beans can be redeemed for, who provides it, and what became of each redemption.

A reward is goods from a desk (stock), a service by appointment (slots) or an open voucher (canteen). One
redemption holds the member's beans until the desk confirms the hand-over; then they are owed to the
provider, and settled month by month. No money moves here.
"""

from __future__ import annotations

import datetime as dt
import secrets

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from djmoney.models.fields import MoneyField

from points import clock
from rewards.codes import grouped, random_voucher_code
from rewards.models_aid import AidBatch, AidVoucher
from rewards.models_appointments import NoShow, Slot
from rewards.models_demand import StockChange, Waiting, Wish
from rewards.models_desk import AnnulReason, HandOver
from rewards.models_providers import ClosedDay, OpeningSpan, Provider, ProviderStaff

__all__ = [
    "AidBatch",
    "AidVoucher",
    "AnnulReason",
    "ClosedDay",
    "HandOver",
    "NoShow",
    "OpeningSpan",
    "Provider",
    "ProviderStaff",
    "Redemption",
    "RefusedScan",
    "Reward",
    "RewardOption",
    "Slot",
    "StockChange",
    "Waiting",
    "Wish",
    "random_reward_code",
    "random_voucher_code",
]


def random_reward_code() -> str:
    return secrets.token_hex(4)


class RewardQuerySet(models.QuerySet["Reward"]):
    def open(self) -> RewardQuerySet:
        """What members can see in the catalogue: open, and under an agreement that holds today."""
        today = clock.today()
        return self.filter(
            Q(provider__agreement_from__isnull=True) | Q(provider__agreement_from__lte=today),
            Q(provider__agreement_until__isnull=True) | Q(provider__agreement_until__gte=today),
            is_open=True,
            provider__is_active=True,
        )

    def low(self) -> RewardQuerySet:
        """Open rewards of which little is left."""
        return self.filter(is_open=True, low_stock__isnull=False, stock__lte=F("low_stock"))


class Reward(models.Model):
    """One thing a member can redeem beans for."""

    class Kind(models.TextChoices):
        GOODS = "goods", pgettext_lazy("reward kind", "Goods")
        APPOINTMENT = "appointment", pgettext_lazy("reward kind", "Service by appointment")
        OPEN_VOUCHER = "open_voucher", pgettext_lazy("reward kind", "Voucher")

    class Per(models.TextChoices):
        DAY = "day", pgettext_lazy("reward period", "a day")
        WEEK = "week", pgettext_lazy("reward period", "a week")
        MONTH = "month", pgettext_lazy("reward period", "a month")
        QUARTER = "quarter", pgettext_lazy("reward period", "a quarter")
        YEAR = "year", pgettext_lazy("reward period", "a year")
        EVER = "ever", pgettext_lazy("reward period", "in all")

    code = models.CharField(_("code"), max_length=16, unique=True, default=random_reward_code, editable=False)
    title = models.CharField(_("title"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="rewards", verbose_name=_("provider")
    )
    grid = models.ForeignKey(
        "grids.GridUnit",
        on_delete=models.PROTECT,
        related_name="rewards",
        verbose_name=_("for members of"),
    )
    summary = models.CharField(_("in short"), max_length=160)
    description = models.TextField(_("what to expect"), blank=True)
    cost_note = models.CharField(
        _("costs outside the beans"),
        max_length=160,
        blank=True,
        help_text=_("Say it before, for example spare parts."),
    )
    price = MoneyField(_("price"), max_digits=9, decimal_places=0, default_currency="BEAN")
    stock = models.PositiveIntegerField(_("stock"), null=True, blank=True, help_text=_("Empty: not counted."))
    low_stock = models.PositiveSmallIntegerField(
        _("few left"), null=True, blank=True, help_text=_("Tell the back office from this number on.")
    )
    face_value = MoneyField(
        _("face value"),
        max_digits=9,
        decimal_places=2,
        default_currency="CNY",
        null=True,
        blank=True,
        help_text=_("For reports only. No money moves here, and members do not see it."),
    )
    use = models.SlugField(
        _("use in the scheme"),
        max_length=40,
        blank=True,
        db_index=False,
        help_text=_("Which of the scheme's uses this is. Empty: the first of its kind."),
    )
    person_limit = models.PositiveSmallIntegerField(
        _("limit per person"), null=True, blank=True, help_text=_("Empty: no limit of its own.")
    )
    person_period = models.CharField(
        _("limit counts for"), max_length=8, choices=Per.choices, default=Per.MONTH
    )
    from_hours = models.PositiveSmallIntegerField(
        _("from hours of service"), null=True, blank=True, help_text=_("Only for who has served this long.")
    )
    voucher_days = models.PositiveSmallIntegerField(_("voucher is valid for (days)"), default=30)
    free_expiries = models.PositiveSmallIntegerField(
        _("unused vouchers that come back whole"),
        null=True,
        blank=True,
        help_text=_("So many per person within a year. Empty: always all beans."),
    )
    expiry_percent = models.PositiveSmallIntegerField(
        _("percent that comes back after that"), default=0, help_text=_("0: nothing, 100: everything.")
    )
    lead_hours = models.PositiveSmallIntegerField(
        _("book at least (hours before)"), default=0, help_text=_("For appointments.")
    )
    moves = models.PositiveSmallIntegerField(
        _("an appointment can be moved (times)"), default=1, help_text=_("While it can be cancelled.")
    )
    free_rebooks = models.PositiveSmallIntegerField(
        _("missed appointments without loss"),
        default=1,
        help_text=_("So often a member who did not come may choose another time."),
    )
    answer_days = models.PositiveSmallIntegerField(_("days to answer a missed appointment"), default=3)
    point = models.ForeignKey(
        "grids.ServicePoint",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("service point"),
        help_text=_("Where it is given, when that is not the provider's own address."),
    )
    cover = models.ForeignKey(
        "cms_images.CustomImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("picture"),
    )
    is_open = models.BooleanField(_("open"), default=True)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)

    objects = RewardQuerySet.as_manager()

    class Meta:
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gt=0, price_currency="BEAN"),
                name="%(app_label)s_%(class)s_price",
                violation_error_message=_("The price is a whole number of beans above zero."),
            ),
            models.CheckConstraint(
                condition=Q(expiry_percent__lte=100),
                name="%(app_label)s_%(class)s_percent",
                violation_error_message=_("Between 0 and 100 percent come back."),
            ),
        ]
        indexes = [models.Index(fields=["is_open", "kind"], name="rewards_open_idx")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("rewards:detail", args=[self.code])


class RewardOption(models.Model):
    """One of several things to choose from, at the price of the reward: flour, or oil, or rice."""

    reward = models.ForeignKey(
        Reward, on_delete=models.CASCADE, related_name="options", verbose_name=_("reward")
    )
    name = models.CharField(_("name"), max_length=60)
    stock = models.PositiveIntegerField(_("stock"), null=True, blank=True, help_text=_("Empty: not counted."))
    is_open = models.BooleanField(_("open"), default=True)

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reward", "name"],
                name="%(app_label)s_%(class)s_name",
                violation_error_message=_("This choice is there already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class RedemptionQuerySet(models.QuerySet["Redemption"]):
    def issued(self) -> RedemptionQuerySet:
        """Vouchers still to be used: exactly these have beans on hold."""
        return self.filter(state=Redemption.State.ISSUED)

    def due(self, now: dt.datetime) -> RedemptionQuerySet:
        """Vouchers past their last moment whose beans go back. A missed appointment waits for its answer."""
        waiting = NoShow.objects.filter(redemption=OuterRef("pk"), outcome=NoShow.Outcome.WAITING)
        return self.issued().filter(~Exists(waiting), expires_at__lt=now)

    def fulfilled_between(
        self, provider: Provider, start: dt.datetime, end: dt.datetime
    ) -> RedemptionQuerySet:
        return self.filter(
            reward__provider=provider, state=Redemption.State.FULFILLED, ended_at__gte=start, ended_at__lt=end
        )


class Redemption(models.Model):
    """One member's redemption of one reward, at the price of that day.

    `key` is the nonce of the form: a second tap finds the first redemption. The voucher `code` is what the
    desk types or scans.
    """

    class State(models.TextChoices):
        ISSUED = "issued", pgettext_lazy("redemption state", "Waiting to be used")
        FULFILLED = "fulfilled", pgettext_lazy("redemption state", "Used")
        CANCELLED = "cancelled", pgettext_lazy("redemption state", "Cancelled")
        PROVIDER_CANCELLED = (
            "provider_cancelled",
            pgettext_lazy("redemption state", "Cancelled by the provider"),
        )
        EXPIRED = "expired", pgettext_lazy("redemption state", "Expired")
        NO_SHOW = "no_show", pgettext_lazy("redemption state", "Appointment missed")
        EXCUSED = "excused", pgettext_lazy("redemption state", "Excused and returned")

    COUNTED = ("issued", "fulfilled", "no_show")
    """What counts for limits: open, used, or forfeited. What went back does not."""

    code = models.CharField(
        _("voucher code"), max_length=12, unique=True, default=random_voucher_code, editable=False
    )
    key = models.CharField(_("form key"), max_length=64, unique=True)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="redemptions",
        verbose_name=_("member"),
    )
    reward = models.ForeignKey(
        Reward, on_delete=models.PROTECT, related_name="redemptions", verbose_name=_("reward")
    )
    slot = models.ForeignKey(
        Slot,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="redemptions",
        verbose_name=_("appointment"),
    )
    option = models.ForeignKey(
        RewardOption,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("chosen"),
    )
    rule = models.CharField(_("rules in force"), max_length=60, blank=True, editable=False)
    use = models.CharField(_("use in the scheme"), max_length=40, blank=True, editable=False)
    moves = models.PositiveSmallIntegerField(_("times moved"), default=0, editable=False)
    forfeited = models.PositiveIntegerField(_("beans that did not come back"), default=0, editable=False)
    price = MoneyField(_("price paid"), max_digits=9, decimal_places=0, default_currency="BEAN")
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.ISSUED)
    redeemed_at = models.DateTimeField(_("redeemed at"), default=clock.now)
    expires_at = models.DateTimeField(_("valid until"))
    cancel_until = models.DateTimeField(_("can be cancelled until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    fulfilled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("handed over by"),
    )
    fulfil_nonce = models.CharField(_("nonce of the hand-over"), max_length=64, blank=True, editable=False)
    hold_transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    end_transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = RedemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gt=0, price_currency="BEAN"), name="%(app_label)s_%(class)s_price"
            ),
            models.CheckConstraint(
                condition=Q(state="issued", ended_at__isnull=True)
                | (~Q(state="issued") & Q(ended_at__isnull=False)),
                name="%(app_label)s_%(class)s_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state="fulfilled") | Q(fulfilled_by__isnull=False),
                name="%(app_label)s_%(class)s_handed_over_by",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-redeemed_at"], name="rewards_red_member_idx"),
            models.Index(fields=["reward", "-redeemed_at"], name="rewards_red_reward_idx"),
            models.Index(fields=["expires_at"], condition=Q(state="issued"), name="rewards_red_due_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("rewards:voucher", args=[self.code])

    @property
    def grouped_code(self) -> str:
        """`7K4M Q2WD 9XPA`: easier to read aloud."""
        return grouped(self.code)

    @property
    def is_issued(self) -> bool:
        return self.state == self.State.ISSUED

    @property
    def is_expired(self) -> bool:
        """Past its last moment, whether or not the nightly run has been here yet."""
        return self.is_issued and self.expires_at < clock.now()

    @property
    def can_be_cancelled(self) -> bool:
        return self.is_issued and (self.cancel_until is None or clock.now() <= self.cancel_until)


class RefusedScan(models.Model):
    """A code that was refused at a desk, kept for the auditor (F-D2)."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="refused_scans")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    redemption = models.ForeignKey(
        Redemption, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    typed = models.CharField(_("typed"), max_length=40)
    refusal = models.CharField(_("refusal"), max_length=40)
    at = models.DateTimeField(_("at"), default=clock.now)

    class Meta:
        verbose_name = _("refused scan")
        verbose_name_plural = _("refused scans")
        indexes = [models.Index(fields=["provider", "-at"], name="rewards_refused_idx")]

    def __str__(self) -> str:
        return f"{self.typed} {self.refusal}"
