"""What this room tells people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.people.notices import NoticeKind, Topic, register

OPENED = register(
    NoticeKind(
        code="assessment_opened",
        topic=Topic.RECORDS,
        title=_("“%(title)s” has begun"),
        body=_("From %(first_on)s to %(last_on)s. Read what counts, and claim what the system cannot see."),
    )
)
CLAIM_ACCEPTED = register(
    NoticeKind(
        code="assessment_claim_accepted",
        topic=Topic.RECORDS,
        title=_("Your claim of %(day_on)s was accepted"),
        body=_("It counts for “%(title)s”."),
    )
)
CLAIM_REJECTED = register(
    NoticeKind(
        code="assessment_claim_rejected",
        topic=Topic.RECORDS,
        title=_("Your claim of %(day_on)s was not accepted"),
        body=_("Reason: %(reason)s. You can appeal once the result of “%(title)s” is in public notice."),
    )
)
IN_NOTICE = register(
    NoticeKind(
        code="assessment_notice",
        topic=Topic.RECORDS,
        title=_("Your result for “%(title)s”"),
        body=_(
            "%(points)s of %(maximum)s points, in public notice until %(until_on)s. "
            "If something is missing, you can appeal."
        ),
    )
)
CLOSED = register(
    NoticeKind(
        code="assessment_closed",
        topic=Topic.RECORDS,
        title=_("“%(title)s” is closed"),
        body=_("%(points)s points have been entered in the books."),
    )
)
APPEAL_UPHELD = register(
    NoticeKind(
        code="assessment_appeal_upheld",
        topic=Topic.RECORDS,
        title=_("Your appeal was upheld"),
        body=_("Answer: %(answer)s"),
    )
)
APPEAL_DISMISSED = register(
    NoticeKind(
        code="assessment_appeal_dismissed",
        topic=Topic.RECORDS,
        title=_("Your appeal was dismissed"),
        body=_("Answer: %(answer)s"),
    )
)
SCORE_CHANGED = register(
    NoticeKind(
        code="assessment_changed",
        topic=Topic.RECORDS,
        title=_("Your result for “%(title)s” has changed"),
        body=_("%(before)s points before, %(after)s now. The page of your result says why."),
    )
)
