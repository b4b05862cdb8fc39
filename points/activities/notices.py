"""What this room tells people. Sent only through `points.people.notices.notify`, inside the transaction."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.people.notices import NoticeKind as NoticeKind
from points.people.notices import Topic, register
from points.people.notices import Value as Value

# --- The waiting list -----------------------------------------------------------------------------------
PLACE_OFFERED = register(
    NoticeKind(
        code="place_offered",
        topic=Topic.ACTIVITIES,
        title=_("A place is free for you: “%(activity)s”"),
        body=_(
            "%(starts_at)s, %(position)s. Take it before %(confirm_by_at)s; after that it goes to the next "
            "person. If you cannot come, decline it."
        ),
        is_urgent=True,
    )
)
MOVED_UP = register(
    NoticeKind(
        code="waitlist_moved_up",
        topic=Topic.ACTIVITIES,
        title=_("You have moved up on the waiting list of “%(activity)s”"),
        body=_("%(starts_at)s, %(position)s: you are now number %(number)s."),
    )
)
OFFER_LAPSED = register(
    NoticeKind(
        code="offer_lapsed",
        topic=Topic.ACTIVITIES,
        title=_("The place in “%(activity)s” has gone to the next person"),
        body=_(
            "We had no answer in time for %(starts_at)s, %(position)s. "
            "You can put yourself on the list again."
        ),
    )
)
LIST_CLOSED = register(
    NoticeKind(
        code="waitlist_closed",
        topic=Topic.ACTIVITIES,
        title=_("No place has become free in “%(activity)s”"),
        body=_(
            "Sign-up for %(starts_at)s, %(position)s, is over. Thank you for waiting; look at other times."
        ),
    )
)

# --- What the organiser changes -------------------------------------------------------------------------
ACTIVITY_CANCELLED = register(
    NoticeKind(
        code="activity_cancelled",
        topic=Topic.ACTIVITIES,
        title=_("Called off: “%(activity)s”"),
        body=_(
            "%(starts_at)s is off: %(reason)s. Your seat has been given back; nothing is held against you."
        ),
        is_urgent=True,
    )
)
TIME_CHANGED = register(
    NoticeKind(
        code="shift_moved",
        topic=Topic.ACTIVITIES,
        title=_("New time: “%(activity)s”"),
        body=_(
            "Now: %(starts_at)s to %(ends_at)s. Before: %(old_starts_at)s to %(old_ends_at)s. "
            "If that does not suit you, please cancel."
        ),
        is_urgent=True,
    )
)
PLACE_CHANGED = register(
    NoticeKind(
        code="place_changed",
        topic=Topic.ACTIVITIES,
        title=_("New meeting place: “%(activity)s”"),
        body=_("%(starts_at)s: please come to %(place)s (not %(old_place)s)."),
        is_urgent=True,
    )
)
MESSAGE = register(
    NoticeKind(
        code="organiser_message",
        topic=Topic.ACTIVITIES,
        title=_("The organiser of “%(activity)s” writes"),
        body=_("%(text)s (the organiser, about %(starts_at)s)"),
        is_urgent=True,
    )
)
REMINDER = register(
    NoticeKind(
        code="shift_tomorrow",
        topic=Topic.ACTIVITIES,
        title=_("Tomorrow: “%(activity)s”"),
        body=_("%(starts_at)s, %(place)s, as %(position)s. If you cannot come, please cancel now."),
    )
)

# --- Did not come ---------------------------------------------------------------------------------------
NO_SHOW_MARKED = register(
    NoticeKind(
        code="no_show_marked",
        topic=Topic.ACTIVITIES,
        title=_("You were marked as missing: “%(activity)s”"),
        body=_(
            "%(starts_at)s. If you were there, or could not come, say so before %(answer_until_at)s. "
            "It costs no beans."
        ),
        is_urgent=True,
    )
)
MARK_LIFTED = register(
    NoticeKind(
        code="mark_lifted",
        topic=Topic.ACTIVITIES,
        title=_("The mark has been lifted: “%(activity)s”"),
        body=_("Your answer about %(starts_at)s was accepted. Thank you for telling us. %(reason)s"),
    )
)
MARK_UPHELD = register(
    NoticeKind(
        code="mark_upheld",
        topic=Topic.ACTIVITIES,
        title=_("The mark stays: “%(activity)s”"),
        body=_("Your answer about %(starts_at)s was read. Reason: %(reason)s"),
    )
)

# --- Teams ----------------------------------------------------------------------------------------------
SIGNED_UP_BY_LEADER = register(
    NoticeKind(
        code="signed_up_by_leader",
        topic=Topic.TEAMS,
        title=_("Your team has signed you up: “%(activity)s”"),
        body=_(
            "%(starts_at)s, %(position)s, with the team “%(team)s”. If you cannot come, cancel it yourself."
        ),
    )
)
