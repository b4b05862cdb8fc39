"""Rewards: what beans can be redeemed for, who provides it, and what became of each redemption.

A reward is goods from a desk (stock), a service by appointment (slots) or an open voucher (canteen). One
redemption holds the member's beans until the desk confirms the hand-over; then they are owed to the
provider, and settled month by month. No money moves here.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from djmoney.models.fields import MoneyField

from points import clock

if TYPE_CHECKING:
    from points.people.models import User

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U to misread."""


def random_voucher_code() -> str:
    """Twelve Crockford characters: 60 bits."""
    return "".join(secrets.choice(ALPHABET) for _unused in range(12))


def random_reward_code() -> str:
    return secrets.token_hex(4)


class ProviderQuerySet(models.QuerySet["Provider"]):
    def staffed_by(self, user: User, on: dt.date | None = None) -> ProviderQuerySet:
        """Providers at whose desk `user` works on a day (today by default)."""
        return self.filter(staff__in=ProviderStaff.objects.current(on).filter(user=user))


class Provider(models.Model):
    """A shop, canteen, clinic or neighbourhood team that gives the service."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=80)
    grid = models.ForeignKey(
        "grids.GridUnit", on_delete=models.PROTECT, related_name="providers", verbose_name=_("grid unit")
    )
    organization = models.ForeignKey(
        "grids.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
    )
    address = models.CharField(_("address"), max_length=160)
    opening_hours = models.CharField(_("opening hours"), max_length=160, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ProviderQuerySet.as_manager()

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")

    def __str__(self) -> str:
        return self.name


class ProviderStaffQuerySet(models.QuerySet["ProviderStaff"]):
    def current(self, on: dt.date | None = None) -> ProviderStaffQuerySet:
        """Who works at a desk on a day (today by default)."""
        day = on or clock.today()
        return self.filter(from_on__lte=day).filter(Q(to_on__isnull=True) | Q(to_on__gte=day))


class ProviderStaff(models.Model):
    """Somebody who may work at a provider's desk, from–to."""

    provider = models.ForeignKey(
        Provider, on_delete=models.CASCADE, related_name="staff", verbose_name=_("provider")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="desks", verbose_name=_("person")
    )
    is_supervisor = models.BooleanField(_("supervisor"), default=False)
    from_on = models.DateField(_("from"), default=clock.today)
    to_on = models.DateField(_("to"), null=True, blank=True)

    objects = ProviderStaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("desk staff")
        verbose_name_plural = _("desk staff")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "user"],
                condition=Q(to_on__isnull=True),
                name="%(app_label)s_%(class)s_one_open",
                violation_error_message=_("This person already works at this desk."),
            ),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")),
                name="%(app_label)s_%(class)s_dates",
                violation_error_message=_("The last day cannot be before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.provider}"


class RewardQuerySet(models.QuerySet["Reward"]):
    def open(self) -> RewardQuerySet:
        """What members can see in the catalogue."""
        return self.filter(is_open=True, provider__is_active=True)


class Reward(models.Model):
    """One thing a member can redeem beans for."""

    class Kind(models.TextChoices):
        GOODS = "goods", pgettext_lazy("reward kind", "Goods")
        APPOINTMENT = "appointment", pgettext_lazy("reward kind", "Service by appointment")
        OPEN_VOUCHER = "open_voucher", pgettext_lazy("reward kind", "Voucher")

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
    limit_per_month = models.PositiveSmallIntegerField(_("limit per person and month"), null=True, blank=True)
    voucher_days = models.PositiveSmallIntegerField(_("voucher is valid for (days)"), default=30)
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
            )
        ]
        indexes = [models.Index(fields=["is_open", "kind"], name="rewards_open_idx")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("rewards:detail", args=[self.code])


class Slot(models.Model):
    """A time at which an appointment can be had."""

    reward = models.ForeignKey(
        Reward, on_delete=models.CASCADE, related_name="slots", verbose_name=_("reward")
    )
    starts_at = models.DateTimeField(_("starts at"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=30)
    capacity = models.PositiveSmallIntegerField(_("places"), default=1)
    taken = models.PositiveSmallIntegerField(_("places taken"), default=0, editable=False)

    class Meta:
        verbose_name = _("appointment slot")
        verbose_name_plural = _("appointment slots")
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["reward", "starts_at"], name="%(app_label)s_%(class)s_once"),
            models.CheckConstraint(
                condition=Q(taken__lte=F("capacity")), name="%(app_label)s_%(class)s_capacity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reward_id} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def ends_at(self) -> dt.datetime:
        return self.starts_at + dt.timedelta(minutes=self.minutes)

    @property
    def is_full(self) -> bool:
        return self.taken >= self.capacity


class RedemptionQuerySet(models.QuerySet["Redemption"]):
    def issued(self) -> RedemptionQuerySet:
        """Vouchers still to be used: exactly these have beans on hold."""
        return self.filter(state=Redemption.State.ISSUED)

    def due(self, now: dt.datetime) -> RedemptionQuerySet:
        """Vouchers past their last moment whose beans go back."""
        return self.issued().filter(expires_at__lt=now)

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
        EXPIRED = "expired", pgettext_lazy("redemption state", "Expired and returned")

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
        return " ".join(self.code[i : i + 4] for i in range(0, len(self.code), 4))

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
