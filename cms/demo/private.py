"""What people of the demo town decide about their own data, and what they are told about it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from cms.demo import personas
from points.people import mailing, notices, own_data
from points.people.models import Consent, NoticeChoice
from points.people.notices import Topic
from points.people.services import give_consent, withdraw_consent

if TYPE_CHECKING:
    from cms.demo.stage import Stage

Purpose = Consent.Purpose


def plan(stage: Stage, now: dt.datetime) -> None:
    """Weeks ago she let her name be shown and took a copy; yesterday the office entered a consent for her."""
    volunteer, worker = stage.persona(personas.VOLUNTEER), stage.persona(personas.WORKER)

    def agree() -> None:
        give_consent(volunteer, purpose=Purpose.PUBLIC_NAME, by=volunteer)
        give_consent(volunteer, purpose=Purpose.RANKING, by=volunteer)
        mailing.choose(volunteer, topic=Topic.ACTIVITIES, how=NoticeChoice.How.AT_ONCE)

    def think_again() -> None:
        withdraw_consent(volunteer, purpose=Purpose.RANKING, by=volunteer)
        own_data.begin_copy(volunteer, form="pdf", by=volunteer)

    def read() -> None:
        notices.mark_read(volunteer)

    def photograph() -> None:
        give_consent(volunteer, purpose=Purpose.PHOTO, by=worker)

    at = stage.timeline.at
    at(now - dt.timedelta(days=40), agree)
    at(now - dt.timedelta(days=12), think_again)
    at(now - dt.timedelta(days=2), read)
    at(now - dt.timedelta(hours=20), photograph)
