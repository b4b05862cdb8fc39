"""What this room tells people (F-V10)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.people.notices import NoticeKind, Topic, register

CONFIRMED = register(
    NoticeKind(
        code="record_confirmed",
        topic=Topic.RECORDS,
        title=_("Your service was confirmed: “%(activity)s”"),
        body=_(
            "%(minutes)s minutes on %(served_on)s, %(beans)s beans. In public notice until %(last_on)s; "
            "after that the beans can be spent. Is something wrong? You can say so on the page of the record."
        ),
    )
)
CONFIRMED_HOURS = register(
    NoticeKind(
        code="record_confirmed_hours",
        topic=Topic.RECORDS,
        title=_("Your service was confirmed: “%(activity)s”"),
        body=_(
            "%(minutes)s minutes on %(served_on)s. In public notice until %(last_on)s. Is something wrong? "
            "You can say so on the page of the record."
        ),
    )
)
RELEASED = register(
    NoticeKind(
        code="record_released",
        topic=Topic.RECORDS,
        title=_("%(beans)s beans have arrived"),
        body=_("The public notice for “%(activity)s” is over. The beans can be spent now."),
    )
)
OBJECTION_RECEIVED = register(
    NoticeKind(
        code="objection_received",
        topic=Topic.RECORDS,
        title=_("Somebody has a question about your record of “%(activity)s”"),
        body=_(
            "The record of %(served_on)s is being looked at by somebody who did not confirm it. Until then "
            "its beans wait. You will be told the answer; you need not do anything."
        ),
    )
)
OBJECTION_KEPT = register(
    NoticeKind(
        code="objection_kept",
        topic=Topic.RECORDS,
        title=_("Your objection has arrived"),
        body=_(
            "“%(activity)s” of %(served_on)s is being looked at by somebody who did not confirm it. You will "
            "be told the answer."
        ),
    )
)
OBJECTION_UPHELD = register(
    NoticeKind(
        code="objection_upheld",
        topic=Topic.RECORDS,
        title=_("The record of “%(activity)s” was corrected"),
        body=_("Thank you for saying so. The answer: %(answer)s"),
    )
)
OBJECTION_REJECTED = register(
    NoticeKind(
        code="objection_rejected",
        topic=Topic.RECORDS,
        title=_("The record of “%(activity)s” stays as it is"),
        body=_("It has been looked at. The answer: %(answer)s"),
    )
)
CORRECTED = register(
    NoticeKind(
        code="record_corrected",
        topic=Topic.RECORDS,
        title=_("Your record of “%(activity)s” was corrected"),
        body=_(
            "It says %(minutes)s minutes and %(beans)s beans now, before it said %(minutes_before)s minutes "
            "and %(beans_before)s beans. The reason: %(answer)s The earlier version stays readable."
        ),
    )
)
CERTIFICATE_REVOKED = register(
    NoticeKind(
        code="certificate_revoked",
        topic=Topic.RECORDS,
        title=_("Certificate %(number)s is no longer valid"),
        body=_(
            "A record in it was corrected. You can make a new certificate at any time; it is free and takes "
            "one tap."
        ),
    )
)
SUPPLEMENT_RECORDED = register(
    NoticeKind(
        code="supplement_recorded",
        topic=Topic.RECORDS,
        title=_("Your hours for “%(activity)s” have been recorded"),
        body=_("%(minutes)s minutes on %(served_on)s, entered later and approved by two people."),
    )
)
SUPPLEMENT_REFUSED = register(
    NoticeKind(
        code="supplement_refused",
        topic=Topic.RECORDS,
        title=_("Your hours for “%(activity)s” were sent back"),
        body=_("The reason: %(answer)s"),
    )
)
