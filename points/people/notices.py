"""Notices: what a person should know, said in the reader's own language.

Each room writes its kinds in its own `notices.py` and registers them; whoever does something calls `notify`
inside the same transaction. A row keeps the kind and plain values only, so one notice reads in Chinese and in
English, and a better sentence reaches old notices as well. `KINDS` finds a kind by its code.

    SHIFT_CALLED_OFF = register(NoticeKind(
        code="shift_called_off",
        topic=Topic.ACTIVITIES,
        title=_("“%(activity)s” has been called off"),
        body=_("The time %(starts_at)s is off: %(reason)s."),
    ))
    notify([person], SHIFT_CALLED_OFF, key=f"shift:{shift.pk}", url=…, activity=…, starts_at=…, reason=…)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from points import clock, dates
from points.people.models import Notice, User
from points.people.tasks import mail_notices

Value = str | int | dt.date | dt.datetime


MAILED_TOGETHER = 50
"""How many people one task writes to, well within a task's time."""


class Topic(models.TextChoices):
    """What a person can choose about (mail at once, in a digest, or in the site only)."""

    ACTIVITIES = "activities", pgettext_lazy("notice topic", "Activities I joined")
    RECORDS = "records", pgettext_lazy("notice topic", "My records, hours and beans")
    REWARDS = "rewards", pgettext_lazy("notice topic", "My vouchers")
    TEAMS = "teams", pgettext_lazy("notice topic", "My teams")
    ACCOUNT = "account", pgettext_lazy("notice topic", "My account and my data")


@dataclass(frozen=True)
class NoticeKind:
    """What is said. `title` and `body` have named placeholders; values ending in `_at` and `_on` are dates.

    `is_urgent`: it cannot wait for a digest (a shift called off today).
    """

    code: str
    topic: Topic
    title: str | Promise
    body: str | Promise
    is_urgent: bool = False


KINDS: dict[str, NoticeKind] = {}


def register(kind: NoticeKind) -> NoticeKind:
    """Make a kind known under its code.

    Raises:
        ValueError: another kind has this code.
    """
    if KINDS.setdefault(kind.code, kind) != kind:
        raise ValueError(f"two kinds of notice are called {kind.code}")
    return kind


@transaction.atomic
def notify(people: Iterable[User], kind: NoticeKind, /, *, key: str, url: str = "", **values: Value) -> int:
    """Tell people something once; returns how many are told. The same key again tells nobody twice.

    A value is a string, a whole number, or a date or aware time under a name that ends in `_on` or `_at`.
    """
    plain = {name: _plain(value) for name, value in values.items()}
    wanted = {person.pk: person for person in people}
    told = set(
        Notice.objects.filter(user__in=wanted, kind=kind.code, key=key).values_list("user_id", flat=True)
    )
    new = sorted(wanted.keys() - told)
    now = clock.now()
    Notice.objects.bulk_create(
        (
            Notice(user_id=pk, kind=kind.code, key=key, url=url, values=plain, created_at=now, mail_after=now)
            for pk in new
        ),
        ignore_conflicts=True,  # somebody else told them at this very moment
    )
    reachable = [pk for pk in new if wanted[pk].email]
    for start in range(0, len(reachable), MAILED_TOGETHER):
        mail_notices.delay_on_commit(  # type: ignore[attr-defined]
            reachable[start : start + MAILED_TOGETHER]
        )
    return len(new)


def of(user: User) -> models.QuerySet[Notice]:
    """A person's notices of kinds that are still known, newest first."""
    return Notice.objects.filter(user=user, kind__in=KINDS).order_by("-pk")


def unread_count(user: User) -> int:
    """How many of them nobody has opened."""
    return of(user).filter(read_at__isnull=True).count()


@transaction.atomic
def mark_read(user: User, keys: Iterable[int] | None = None) -> int:
    """Mark some (or all) of a person's notices as read; what was read stays read since then."""
    rows = Notice.objects.filter(user=user, read_at__isnull=True)
    if keys is not None:
        rows = rows.filter(pk__in=list(keys))
    return rows.update(read_at=clock.now())


def title_of(notice: Notice) -> str:
    """The title in the reader's language."""
    return _said(notice, KINDS[notice.kind].title)


def body_of(notice: Notice) -> str:
    """The sentences under the title in the reader's language."""
    return _said(notice, KINDS[notice.kind].body)


def _plain(value: Value) -> str | int:
    return value.isoformat() if isinstance(value, dt.date) else value


def _said(notice: Notice, sentence: str | Promise) -> str:
    spoken = {name: _spoken(name, value) for name, value in notice.values.items()}
    return str(sentence) % spoken


def _spoken(name: str, value: str | int) -> str | int:
    if name.endswith("_at"):
        return dates.daytime(dt.datetime.fromisoformat(str(value)))
    if name.endswith("_on"):
        return dates.day(dt.date.fromisoformat(str(value)))
    return value
