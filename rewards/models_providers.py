"""Who gives the service: shops, canteens, clinics, repair teams; their hours and their people."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock

if TYPE_CHECKING:
    from points.people.models import User


class ProviderQuerySet(models.QuerySet["Provider"]):
    def staffed_by(self, user: User, on: dt.date | None = None) -> ProviderQuerySet:
        """Providers at whose desk `user` works on a day (today by default)."""
        return self.filter(staff__in=ProviderStaff.objects.current(on).filter(user=user))

    def expiring(self, within_days: int = 30) -> ProviderQuerySet:
        """Active providers whose agreement has ended or ends soon."""
        last = clock.today() + dt.timedelta(days=within_days)
        return self.filter(is_active=True, agreement_until__lte=last)


class Provider(models.Model):
    """A shop, canteen, clinic or neighbourhood team that gives the service.

    Nothing can be redeemed before its agreement begins or after it ends; vouchers that are open then stay
    good. `monthly_limit` counts vouchers of all its rewards in a local month.
    """

    class Kind(models.TextChoices):
        ORGANISATION = "organisation", pgettext_lazy("provider kind", "Shop or organisation")
        TEAM = "team", pgettext_lazy("provider kind", "Neighbourhood repair team")

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
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.ORGANISATION)
    skills = models.CharField(
        _("skills"),
        max_length=160,
        blank=True,
        help_text=_("What the team can do, separated by commas: taps, lamps, sewing."),
    )
    sponsor = models.ForeignKey(
        "grids.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sponsor"),
        help_text=_("Who stands in for the costs, if not the community."),
    )
    annul_minutes = models.PositiveSmallIntegerField(
        _("a clerk can take back a hand-over (minutes)"),
        default=30,
        help_text=_("Later only a supervisor can."),
    )
    agreement_from = models.DateField(_("agreement from"), null=True, blank=True)
    agreement_until = models.DateField(_("agreement until"), null=True, blank=True)
    monthly_limit = models.PositiveIntegerField(
        _("vouchers per month"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    address = models.CharField(_("address"), max_length=160)
    opening_hours = models.CharField(_("opening hours"), max_length=160, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ProviderQuerySet.as_manager()

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        constraints = [
            models.CheckConstraint(
                condition=Q(agreement_from__isnull=True)
                | Q(agreement_until__isnull=True)
                | Q(agreement_until__gte=F("agreement_from")),
                name="%(app_label)s_%(class)s_agreement",
                violation_error_message=_("The agreement cannot end before it begins."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def skill_names(self) -> list[str]:
        """The skills one by one; Chinese and Western commas both separate."""
        text = self.skills.replace("，", ",").replace("、", ",")
        return [name.strip() for name in text.split(",") if name.strip()]

    def agrees(self, on: dt.date) -> bool:
        """Whether the agreement holds on a day."""
        begun = self.agreement_from is None or self.agreement_from <= on
        return begun and (self.agreement_until is None or on <= self.agreement_until)


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


class OpeningSpan(models.Model):
    """From when to when a provider is open on a day of the week. Without any, times are not limited."""

    class Weekday(models.IntegerChoices):
        MON = 0, pgettext_lazy("weekday", "Monday")
        TUE = 1, pgettext_lazy("weekday", "Tuesday")
        WED = 2, pgettext_lazy("weekday", "Wednesday")
        THU = 3, pgettext_lazy("weekday", "Thursday")
        FRI = 4, pgettext_lazy("weekday", "Friday")
        SAT = 5, pgettext_lazy("weekday", "Saturday")
        SUN = 6, pgettext_lazy("weekday", "Sunday")

    provider = models.ForeignKey(
        Provider, on_delete=models.CASCADE, related_name="spans", verbose_name=_("provider")
    )
    weekday = models.PositiveSmallIntegerField(_("day of the week"), choices=Weekday.choices)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("opening time")
        verbose_name_plural = _("opening times")
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")),
                name="%(app_label)s_%(class)s_times",
                violation_error_message=_("It closes after it opens."),
            ),
            models.UniqueConstraint(
                fields=["provider", "weekday", "opens"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message=_("This opening time is there already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class ClosedDay(models.Model):
    """Days on which a provider is closed: no times are offered, and appointments of these days went back."""

    provider = models.ForeignKey(
        Provider, on_delete=models.CASCADE, related_name="closed_days", verbose_name=_("provider")
    )
    from_on = models.DateField(_("first closed day"))
    to_on = models.DateField(_("last closed day"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("entered at"), default=clock.now)

    class Meta:
        verbose_name = _("closed days")
        verbose_name_plural = _("closed days")
        ordering = ["from_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__gte=F("from_on")),
                name="%(app_label)s_%(class)s_dates",
                violation_error_message=_("The last day cannot be before the first."),
            ),
            models.UniqueConstraint(
                fields=["provider", "from_on", "to_on"], name="%(app_label)s_%(class)s_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.from_on}–{self.to_on}"
