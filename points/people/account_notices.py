"""What this room tells people: about their account, their consents and their data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.people.notices import NoticeKind, Topic, register

DATA_COPIED = register(
    NoticeKind(
        code="data_copied",
        topic=Topic.ACCOUNT,
        title=_("A copy of your data was made"),
        body=_("On %(copied_at)s. If that was not you, change your password now and tell your community."),
    )
)
CONSENT_ENTERED = register(
    NoticeKind(
        code="consent_entered",
        topic=Topic.ACCOUNT,
        title=_("Somebody entered a consent for you"),
        body=_("Your community entered it on your behalf. Look whether it is right; you can take it back."),
    )
)
GUARDIAN_AGREED = register(
    NoticeKind(
        code="guardian_agreed",
        topic=Topic.ACCOUNT,
        title=_("Your guardian has agreed"),
        body=_("You can sign up for activities now."),
    )
)
GUARDIAN_REVOKED = register(
    NoticeKind(
        code="guardian_revoked",
        topic=Topic.ACCOUNT,
        title=_("Your guardian's consent has been taken back"),
        body=_("You cannot sign up for new activities. What you have done stays recorded."),
        is_urgent=True,
    )
)
CLOSING_ASKED = register(
    NoticeKind(
        code="closing_asked",
        topic=Topic.ACCOUNT,
        title=_("Your account will be closed"),
        body=_("On %(due_on)s. Until then you can change your mind: open this notice."),
        is_urgent=True,
    )
)
CLOSING_WITHDRAWN = register(
    NoticeKind(
        code="closing_withdrawn",
        topic=Topic.ACCOUNT,
        title=_("Your account stays open"),
        body=_("You have changed your mind. Nothing has been deleted."),
    )
)
