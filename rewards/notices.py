"""What members are told about their vouchers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.people.notices import NoticeKind, Topic, register

REDEEMED = register(
    NoticeKind(
        code="voucher_ready",
        topic=Topic.REWARDS,
        title=_("Your voucher for “%(reward)s” is ready"),
        body=_("Show it at the desk. It is for %(until_at)s at the latest."),
    )
)
REMINDER = register(
    NoticeKind(
        code="appointment_tomorrow",
        topic=Topic.REWARDS,
        title=_("Tomorrow: “%(reward)s”"),
        body=_("%(starts_at)s at %(provider)s, %(address)s. If you cannot come, please call."),
    )
)
MOVED = register(
    NoticeKind(
        code="appointment_moved",
        topic=Topic.REWARDS,
        title=_("New time for “%(reward)s”"),
        body=_("Your appointment is now on %(starts_at)s."),
    )
)
PROVIDER_CANCELLED = register(
    NoticeKind(
        code="provider_cancelled",
        topic=Topic.REWARDS,
        title=_("%(provider)s cannot give you “%(reward)s”"),
        body=_("We are sorry. All %(beans)s beans are back with you. You can choose something else."),
        is_urgent=True,
    )
)
ANNULLED = register(
    NoticeKind(
        code="hand_over_annulled",
        topic=Topic.REWARDS,
        title=_("Your voucher for “%(reward)s” is open again"),
        body=_("%(provider)s has taken the hand-over back. If it is still valid, you can use it again."),
    )
)
EXPIRING = register(
    NoticeKind(
        code="voucher_expiring",
        topic=Topic.REWARDS,
        title=_("Your voucher for “%(reward)s” ends soon"),
        body=_("It can be used until %(until_at)s. If you do not need it, you can give it back."),
    )
)
EXPIRED = register(
    NoticeKind(
        code="voucher_expired",
        topic=Topic.REWARDS,
        title=_("Your voucher for “%(reward)s” has ended"),
        body=_("It was not used in time. %(beans)s beans are back with you, %(lost)s are not."),
    )
)
RESTOCKED = register(
    NoticeKind(
        code="reward_restocked",
        topic=Topic.REWARDS,
        title=_("“%(reward)s” is there again"),
        body=_("You asked to be told. Nothing is reserved: whoever comes first gets it."),
    )
)
MISSED_FREE = register(
    NoticeKind(
        code="appointment_missed_free",
        topic=Topic.REWARDS,
        title=_("You were not there for “%(reward)s”"),
        body=_("That can happen. Choose another time until %(until_at)s, without losing any beans."),
        is_urgent=True,
    )
)
MISSED_ANSWER = register(
    NoticeKind(
        code="appointment_missed_answer",
        topic=Topic.REWARDS,
        title=_("The desk says that you were not there for “%(reward)s”"),
        body=_(
            "If you were there, or something kept you, say so on the voucher until %(until_at)s. "
            "Somebody from the community decides. Without an answer the beans do not come back."
        ),
        is_urgent=True,
    )
)
MISSED_WITHDRAWN = register(
    NoticeKind(
        code="appointment_missed_withdrawn",
        topic=Topic.REWARDS,
        title=_("The desk was mistaken about “%(reward)s”"),
        body=_("Your appointment is no longer marked as missed."),
    )
)
EXCUSED = register(
    NoticeKind(
        code="absence_excused",
        topic=Topic.REWARDS,
        title=_("Your beans for “%(reward)s” are back"),
        body=_("Your answer was accepted: all %(beans)s beans are back with you."),
    )
)
FORFEITED = register(
    NoticeKind(
        code="absence_forfeited",
        topic=Topic.REWARDS,
        title=_("“%(reward)s” was missed"),
        body=_("The %(beans)s beans do not come back. You can ask your community about it."),
    )
)
