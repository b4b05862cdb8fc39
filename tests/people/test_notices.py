"""Notices: told once, said in the reader's language."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from points.people import notices
from points.people.models import Notice
from points.people.notices import NoticeKind, Topic, notify
from tests import factories as make

pytestmark = pytest.mark.django_db

KIND = NoticeKind(
    code="test_called_off",
    topic=Topic.ACTIVITIES,
    title="“%(activity)s” is off",
    body="%(starts_at)s, asked again on %(asked_on)s, %(count)s people",
)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(notices.KINDS, KIND.code, KIND)


def tell(*people: object, key: str = "shift:1") -> int:
    return notify(
        people,  # type: ignore[arg-type]
        KIND,
        key=key,
        url="/activities/",
        activity="扫院子",
        starts_at=make.local("2026-11-25 14:00"),
        asked_on=dt.date(2026, 11, 27),
        count=3,
    )


def test_a_notice_reads_in_both_languages() -> None:
    tell(make.make_user(name="王秀芝"))
    notice = Notice.objects.get()
    assert notices.title_of(notice) == "“扫院子” is off"
    with translation.override("zh-hans"):
        assert notices.body_of(notice).startswith(
            "11月25日 周三 14:00, asked again on 11月27日 周五, 3 people"
        )
    with translation.override("en"):
        assert notices.body_of(notice).startswith("Wed 25 Nov, 14:00, asked again on Fri 27 Nov, 3 people")


def test_the_same_key_tells_nobody_twice() -> None:
    first, second = make.make_user(name="王秀芝"), make.make_user(name="李建民")
    assert tell(first) == 1
    assert tell(first, second, second) == 1
    assert Notice.objects.count() == 2
    assert tell(first, key="shift:2") == 1


def test_two_kinds_cannot_share_a_code() -> None:
    assert notices.register(KIND) is KIND
    with pytest.raises(ValueError, match="test_called_off"):
        notices.register(NoticeKind(KIND.code, Topic.RECORDS, "other", "other"))
