"""The back office of rewards: providers and their staff, rewards, times; redemptions to look at."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.viewsets.base import ViewSetGroup

from points.grids.backoffice import GridScopedViewSet
from points.grids.policies import Action
from points.ledger.templatetags.beans import beans
from points.people.models import User
from points.people.services import find_person
from points.units import BEAN
from rewards.models import (
    OpeningSpan,
    Provider,
    ProviderStaff,
    Redemption,
    RefusedScan,
    Reward,
    RewardOption,
    Slot,
)

PRICE = Column("price", label=_("price"), accessor=lambda row: beans(row.price))
IS_OPEN = BooleanColumn("is_open", label=_("open"), sort_key="is_open")
IS_ACTIVE = BooleanColumn("is_active", label=_("active"), sort_key="is_active")


class RewardForm(WagtailAdminModelForm):  # type: ignore[misc]
    """A reward; the price is typed as a whole number of beans."""

    price = forms.IntegerField(label=_("Price in beans"), min_value=1, max_value=999_999)

    class Meta:
        model = Reward
        fields = [
            "title",
            "kind",
            "provider",
            "point",
            "grid",
            "summary",
            "description",
            "cost_note",
            "price",
            "face_value",
            "stock",
            "low_stock",
            "use",
            "person_limit",
            "person_period",
            "from_hours",
            "voucher_days",
            "free_expiries",
            "expiry_percent",
            "lead_hours",
            "moves",
            "free_rebooks",
            "answer_days",
            "cover",
            "is_open",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["price"] = int(self.instance.price.amount)

    def clean_price(self) -> Money:
        return Money(self.cleaned_data["price"], BEAN)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if cleaned.get("kind") == Reward.Kind.APPOINTMENT and cleaned.get("stock") is not None:
            self.add_error(
                "stock", _("A service by appointment is limited by its times: leave the stock empty.")
            )
        return cleaned


class StaffForm(WagtailAdminModelForm):  # type: ignore[misc]
    """Somebody at a desk, named by user name or phone number: no list of people is shown."""

    person = forms.CharField(
        label=_("Person"), help_text=_("User name, phone number or member number, exactly."), max_length=150
    )

    class Meta:
        model = ProviderStaff
        fields = ["provider", "is_supervisor", "from_on", "to_on"]

    field_order = ["provider", "person"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["person"] = self.instance.user.username

    def clean_person(self) -> str:
        name: str = self.cleaned_data["person"]
        found = find_person(name)
        if found is None:
            raise ValidationError(_("There is no active account with that name or number."), "unknown_person")
        self.instance.user = found
        return name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        provider = cleaned.get("provider")
        if provider and self.instance.user_id and cleaned.get("to_on") is None:
            others = ProviderStaff.objects.filter(provider=provider, user_id=self.instance.user_id)
            if others.filter(to_on__isnull=True).exclude(pk=self.instance.pk).exists():
                self.add_error("person", _("This person already works at this desk."))
        return cleaned


class SlotForm(WagtailAdminModelForm):  # type: ignore[misc]
    """One time of a service by appointment; never fewer places than are taken."""

    class Meta:
        model = Slot
        fields = ["reward", "starts_at", "minutes", "capacity"]

    def clean_reward(self) -> Reward:
        reward: Reward = self.cleaned_data["reward"]
        if reward.kind != Reward.Kind.APPOINTMENT:
            raise ValidationError(
                _("Only a service by appointment has times to choose from."), "no_appointments"
            )
        return reward

    def clean_capacity(self) -> int:
        capacity: int = self.cleaned_data["capacity"]
        if capacity < max(1, self.instance.taken):
            raise ValidationError(_("At least as many places as are taken, and at least one."), "bad_slots")
        return capacity


class _RewardsViewSet(GridScopedViewSet):
    """`fetched`: what the index shows of other tables, so that it costs the same at 1 and at 30 rows."""

    fetched: ClassVar[tuple[str, ...]]

    def scoped(self, queryset: QuerySet[Any], user: User, permission: str) -> QuerySet[Any]:
        return super().scoped(queryset, user, permission).select_related(*self.fetched)


class _WithForm(_RewardsViewSet):
    """A viewset with a form of its own."""

    form_class: type[forms.ModelForm[Any]]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm[Any]]:
        return self.form_class


class ProviderViewSet(_RewardsViewSet):
    model = Provider
    icon = "home"
    action = Action.MANAGE_REWARDS
    choice_lookups = {"organization": "grid", "sponsor": "grid"}
    form_fields = [
        "code",
        "name",
        "grid",
        "organization",
        "kind",
        "skills",
        "sponsor",
        "annul_minutes",
        "agreement_from",
        "agreement_until",
        "monthly_limit",
        "address",
        "opening_hours",
        "phone",
        "is_active",
    ]
    list_display = ["name", "code", "grid", "agreement_until", IS_ACTIVE]
    fetched = ("grid",)
    list_filter = ["is_active", "kind"]
    search_fields = ["name", "code", "address"]
    ordering = "name"


class StaffViewSet(_WithForm):
    model = ProviderStaff
    form_class = StaffForm
    icon = "user"
    grid_lookup = "provider__grid"
    action = Action.MANAGE_REWARDS
    choice_lookups = {"provider": "grid"}
    list_display = ["user", "provider", "is_supervisor", "from_on", "to_on"]
    fetched = (
        "user",
        "provider",
    )
    ordering = "provider__name"


class RewardViewSet(_WithForm):
    model = Reward
    form_class = RewardForm
    icon = "pick"
    grid_lookup = "provider__grid"
    action = Action.MANAGE_REWARDS
    choice_lookups = {"provider": "grid", "point": "grid"}
    list_display = ["title", "kind", "provider", PRICE, "stock", IS_OPEN]
    fetched = ("provider",)
    list_filter = ["kind", "is_open"]
    search_fields = ["title", "summary"]
    ordering = "title"


class OptionViewSet(_RewardsViewSet):
    """What there is to choose from, at the price of one reward."""

    model = RewardOption
    icon = "list-ul"
    grid_lookup = "reward__provider__grid"
    action = Action.MANAGE_REWARDS
    allowed = ("view", "add", "change")
    choice_lookups = {"reward": "provider__grid"}
    form_fields = ["reward", "name", "stock", "is_open"]
    list_display = ["name", "reward", "stock", IS_OPEN]
    fetched = ("reward",)
    ordering = "reward__title"


class SpanViewSet(_RewardsViewSet):
    """Opening times of the providers: plans of appointments keep to them."""

    model = OpeningSpan
    icon = "time"
    grid_lookup = "provider__grid"
    action = Action.MANAGE_REWARDS
    choice_lookups = {"provider": "grid"}
    form_fields = ["provider", "weekday", "opens", "closes"]
    list_display = ["provider", "weekday", "opens", "closes"]
    fetched = ("provider",)
    ordering = "provider__name"


class SlotViewSet(_WithForm):
    model = Slot
    form_class = SlotForm
    icon = "date"
    grid_lookup = "reward__provider__grid"
    action = Action.MANAGE_REWARDS
    choice_lookups = {"reward": "provider__grid"}
    list_display = ["reward", "starts_at", "minutes", "capacity", "taken"]
    fetched = ("reward",)
    ordering = "-starts_at"


class RedemptionViewSet(_RewardsViewSet):
    """To look at only: redemptions are changed by the member, the desk and time. Codes are not shown."""

    model = Redemption
    icon = "list-ul"
    grid_lookup = "reward__provider__grid"
    action = Action.MANAGE_REWARDS
    allowed = ("view",)
    form_fields = ["state"]
    inspect_view_enabled = True
    inspect_view_fields = [
        "reward",
        "slot",
        "price",
        "state",
        "redeemed_at",
        "expires_at",
        "ended_at",
        "fulfilled_by",
        "hold_transaction",
        "end_transaction",
    ]
    list_display = ["reward", PRICE, "state", "redeemed_at", "expires_at", "ended_at"]
    fetched = ("reward",)
    list_filter = ["state", "reward__kind", "redeemed_at"]
    ordering = "-redeemed_at"


class RefusedScanViewSet(_RewardsViewSet):
    """Codes refused at the desks, for the auditor."""

    model = RefusedScan
    icon = "warning"
    grid_lookup = "provider__grid"
    action = Action.AUDIT
    allowed = ("view",)
    form_fields = ["refusal"]
    list_display = ["at", "provider", "by", "typed", "refusal"]
    fetched = (
        "provider",
        "by",
    )
    list_filter = ["refusal"]
    ordering = "-at"


class RewardsGroup(ViewSetGroup):  # type: ignore[misc]
    menu_label = _("Rewards")
    menu_icon = "pick"
    menu_order = 230
    items = (
        RewardViewSet(),
        OptionViewSet(),
        SlotViewSet(),
        RedemptionViewSet(),
        ProviderViewSet(),
        SpanViewSet(),
        StaffViewSet(),
        RefusedScanViewSet(),
    )
