"""What people are asked to agree to: why, and what taking it back means (law L-A18; PIPL, article 14).

One purpose, one consent. Volunteering needs the first only; nothing else depends on the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from points.people.models import Consent

Purpose = Consent.Purpose


@dataclass(frozen=True)
class PurposeText:
    """What is said about one purpose. A new text is a new `TEXT_VERSION` in `services`."""

    purpose: Consent.Purpose
    why: Promise
    if_withdrawn: Promise
    is_needed: bool = False


TEXTS = (
    PurposeText(
        Purpose.RECORDS,
        _(
            "When, where and what you did, for which unit, and who confirmed it. "
            "Without this nobody can prove your hours or thank you with beans (Order 67, article 7)."
        ),
        _(
            "You cannot sign up for new activities. What has been recorded stays, because records have to be "
            "true and complete. If you want to leave altogether, close your account."
        ),
        is_needed=True,
    ),
    PurposeText(
        Purpose.PUBLIC_NAME,
        _(
            "Every service is shown in public for some days before it counts. "
            "With this, your full name stands there."
        ),
        _(
            "From then on your name is shortened there, for example “Wang *”, "
            "also for services already shown."
        ),
    ),
    PurposeText(
        Purpose.RANKING,
        _("With this you may appear in lists of the most active, with your shortened name."),
        _("From then on you are in no such list. Your hours and beans stay the same."),
    ),
    PurposeText(
        Purpose.PHOTO,
        _("With this your community may show pictures of activities on which you can be recognised."),
        _(
            "From then on no new picture of you is shown. "
            "Ask your community to take down those already shown."
        ),
    ),
)
