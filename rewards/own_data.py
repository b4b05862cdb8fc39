"""What this room knows about a person, for that person's own copy."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from points.people.models import User
from points.people.own_data import Row, Section, register
from rewards.models import NoShow, ProviderStaff, Redemption, Waiting, Wish


def _vouchers(user: User) -> Iterator[Row]:
    rows = Redemption.objects.filter(member=user).select_related("reward__provider", "slot")
    for row in rows.order_by("pk").iterator():
        yield {
            "reward": row.reward.title,
            "provider": row.reward.provider.name,
            "beans": int(row.price.amount),
            "code": row.code,
            "state": row.get_state_display(),
            "redeemed_at": row.redeemed_at,
            "appointment_at": row.slot.starts_at if row.slot else None,
            "expires_at": row.expires_at,
            "ended_at": row.ended_at,
        }


def _desks(user: User) -> Iterator[Row]:
    for row in ProviderStaff.objects.filter(user=user).select_related("provider").order_by("pk"):
        yield {"provider": row.provider.name, "from_on": row.from_on, "to_on": row.to_on}


register(
    Section(
        "vouchers",
        _("My vouchers"),
        {
            "reward": _("Reward"),
            "provider": _("Provider"),
            "beans": _("Beans"),
            "code": _("Code"),
            "state": _("State"),
            "redeemed_at": _("Exchanged at"),
            "appointment_at": _("Appointment"),
            "expires_at": _("Valid until"),
            "ended_at": _("Ended at"),
        },
        _vouchers,
        order=60,
    )
)
register(
    Section(
        "desks",
        _("Desks where I work"),
        {"provider": _("Provider"), "from_on": _("From"), "to_on": _("Until")},
        _desks,
        order=61,
    )
)


def _missed(user: User) -> Iterator[Row]:
    rows = NoShow.objects.filter(redemption__member=user).select_related("redemption__reward", "slot")
    for row in rows.order_by("pk").iterator():
        yield {
            "reward": row.redemption.reward.title,
            "appointment_at": row.slot.starts_at,
            "answer": row.answer,
            "outcome": row.get_outcome_display(),
            "marked_at": row.marked_at,
        }


def _waiting(user: User) -> Iterator[Row]:
    for row in Waiting.objects.filter(member=user).select_related("reward").order_by("pk").iterator():
        yield {"reward": row.reward.title, "since": row.since, "ended_at": row.ended_at}


def _wishes(user: User) -> Iterator[Row]:
    for row in Wish.objects.filter(member=user).order_by("pk").iterator():
        yield {"text": row.text, "state": row.get_state_display(), "made_at": row.made_at}


register(
    Section(
        "missed_appointments",
        _("Appointments marked as missed"),
        {
            "reward": _("Reward"),
            "appointment_at": _("Appointment"),
            "answer": _("My answer"),
            "outcome": _("Decision"),
            "marked_at": _("Marked at"),
        },
        _missed,
        order=62,
    )
)
register(
    Section(
        "waiting",
        _("What I want to be told about"),
        {"reward": _("Reward"), "since": _("Since"), "ended_at": _("Ended at")},
        _waiting,
        order=63,
    )
)
register(
    Section(
        "wishes",
        _("My wishes"),
        {"text": _("In my words"), "state": _("State"), "made_at": _("Written at")},
        _wishes,
        order=64,
    )
)
