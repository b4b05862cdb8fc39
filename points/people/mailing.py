"""Notices by mail: at once, or all in one mail a day, as each person chose (F-V10).

Who sends first *claims*: under a lock (skipped by others on PostgreSQL) the rows are put off by `LEASE`, and
only after that commit does anything leave. No lock is held while a mail server is spoken to. A mail that went
out is marked; a server that is down gives everything back for the next sweep; a rejected address waits longer
each time. Whoever dies between the server's yes and our mark sends again after the lease, under the same
Message-ID, so that the reader's mailbox can tell. Everything can be called at any time, by any number of
workers.

What was read in the site needs no mail. Subjects name the topic only: a mail's subject is shown on locked
screens.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from points import clock
from points.people.models import Digest, Notice, NoticeChoice, User
from points.people.notices import KINDS, Topic, body_of, title_of

logger = logging.getLogger(__name__)
How = NoticeChoice.How

LEASE = dt.timedelta(minutes=10)
"""Longer than a task may run (`CELERY_TASK_TIME_LIMIT`): whoever holds a claim for so long is dead."""
SERVER_WAIT = dt.timedelta(minutes=2)
WAITS = tuple(dt.timedelta(minutes=minutes) for minutes in (5, 30, 120, 360, 720))
"""After each rejection of one mail; after the last it is given up. It stands in the site all the same."""
FRESH = dt.timedelta(days=3)
"""Older news is not mailed any more: an address given today brings no flood of old mail."""
DIGEST_HOUR = 18
"""Local time of the day's mail."""
BATCH = 40
MOST_IN_A_DIGEST = 30
STOP_SALT = "points.people.mailing.stop"

_REJECTED = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPSenderRefused,
    ValueError,  # an address no header can hold
)


# --- What a person chose --------------------------------------------------------------------------------
def choices_of(user: User) -> dict[Topic, How]:
    """How the person wants to hear about each topic."""
    kept = dict(NoticeChoice.objects.filter(user=user).values_list("topic", "how"))
    return {topic: How(kept.get(topic.value, How.DAILY)) for topic in Topic}


@transaction.atomic
def choose(user: User, *, topic: str, how: str) -> NoticeChoice:
    """Say how to hear about one topic. Also the way of the "no more mail" link."""
    row, _created = NoticeChoice.objects.update_or_create(
        user=user, topic=Topic(topic), defaults={"how": How(how)}
    )
    return row


def stop_token(user: User, topic: str = "") -> str:
    """What the "no more mail" link carries: one person and one topic (or all), signed, for ever."""
    return signing.dumps([user.number, topic], salt=STOP_SALT)


def read_stop_token(token: str) -> tuple[User, list[Topic]] | None:
    """The person and the topics of a link, or None for one we did not make."""
    try:
        number, topic = signing.loads(token, salt=STOP_SALT)
    except signing.BadSignature:
        return None
    user = User.objects.filter(number=number, is_active=True).first()
    return None if user is None else (user, [Topic(topic)] if topic else list(Topic))


@transaction.atomic
def stop_mail(user: User, topics: Iterable[Topic]) -> None:
    """No more mail about these topics, urgent or not; the notices stay in the site."""
    for topic in topics:
        choose(user, topic=topic, how=How.SITE_ONLY)


# --- Which notices are for which mail -------------------------------------------------------------------
def _unmailed(now: dt.datetime) -> QuerySet[Notice]:
    waiting = Notice.objects.filter(
        mailed_at__isnull=True,
        read_at__isnull=True,
        mail_after__lte=now,
        mail_attempts__lt=len(WAITS),
        created_at__gt=now - FRESH,
        user__is_active=True,
    )
    return waiting.exclude(user__email="")


def _wanted(is_daily: bool) -> Any:
    """Kinds by topic and by what the person chose for it; what is urgent is never left for the day's mail."""
    found: Any = Q(pk__in=[])
    for topic in Topic:
        urgent = [kind.code for kind in KINDS.values() if kind.topic == topic and kind.is_urgent]
        calm = [kind.code for kind in KINDS.values() if kind.topic == topic and not kind.is_urgent]
        chosen = NoticeChoice.objects.filter(user=OuterRef("user"), topic=topic)
        if is_daily:
            found |= Q(kind__in=calm) & ~Exists(chosen.exclude(how=How.DAILY))
        else:
            found |= Q(kind__in=urgent) & ~Exists(chosen.filter(how=How.SITE_ONLY))
            found |= Q(kind__in=calm) & Exists(chosen.filter(how=How.AT_ONCE))
    return found


def _locked(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Only rows that nobody else is claiming at this moment."""
    return rows.select_for_update(of=("self",), no_key=True, skip_locked=True)


# --- At once --------------------------------------------------------------------------------------------
def mail_notices(people: Sequence[int] | None = None) -> int:
    """Mail what cannot wait, one mail each; returns how many. `people`: rows of persons, else all."""
    sent = 0
    with _Server() as server:
        while not server.is_down:
            claimed = _claim(people)
            if not claimed:
                break
            for notice in claimed:
                topic = KINDS[notice.kind].topic
                letter = Letter(notice.user, [notice], topic=topic.value, mark=f"notice-{notice.pk}")
                outcome = server.send(letter)
                _settle(Notice.objects.filter(pk=notice.pk), outcome, notice.mail_attempts)
                sent += outcome == SENT
    return sent


@transaction.atomic
def _claim(people: Sequence[int] | None) -> list[Notice]:
    now = clock.now()
    rows = _unmailed(now).filter(_wanted(is_daily=False))
    if people is not None:
        rows = rows.filter(user__in=people)
    keys = list(_locked(rows).order_by("pk").values_list("pk", flat=True)[:BATCH])
    Notice.objects.filter(pk__in=keys).update(mail_after=now + LEASE)
    return list(Notice.objects.filter(pk__in=keys).select_related("user").order_by("pk"))


def _settle(rows: QuerySet[Any], outcome: str, attempts: int) -> None:
    """Write down what became of a mail."""
    now = clock.now()
    if outcome == SENT:
        rows.update(mailed_at=now)
    elif outcome == REJECTED:
        wait = WAITS[min(attempts, len(WAITS) - 1)]
        rows.update(mail_after=now + wait, mail_attempts=F("mail_attempts") + 1)
    else:
        rows.update(mail_after=now + SERVER_WAIT)


# --- Once a day -----------------------------------------------------------------------------------------
def digest_moment(now: dt.datetime) -> dt.datetime:
    """The last time that was `DIGEST_HOUR`: the mail of that day holds everything until then."""
    here = timezone.localtime(now)
    moment = here.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return moment if moment <= here else moment - dt.timedelta(days=1)


def mail_digest() -> int:
    """Send each person the one mail of the day that is due; returns how many went out."""
    until = digest_moment(clock.now())
    day = timezone.localdate(until)
    due = _for_digest(until)
    people = due.order_by("user_id").values_list("user_id", flat=True).distinct()
    had_it = Digest.objects.filter(on=day, sent_at__isnull=False).values("user_id")
    sent = 0
    with _Server() as server:
        for person in list(people.exclude(user__in=had_it)):
            if server.is_down:
                break
            claimed = _claim_digest(person, day, until)
            if claimed is None:
                continue
            digest, notices = claimed
            letter = Letter(digest.user, notices, topic="", mark=f"day-{digest.pk}")
            outcome = server.send(letter)
            rows = Notice.objects.filter(pk__in=[notice.pk for notice in notices])
            with transaction.atomic():
                _settle(rows, outcome, notices[0].mail_attempts)
                if outcome == SENT:
                    Digest.objects.filter(pk=digest.pk).update(sent_at=clock.now())
            sent += outcome == SENT
    return sent


def _for_digest(until: dt.datetime) -> QuerySet[Notice]:
    return _unmailed(clock.now()).filter(_wanted(is_daily=True), created_at__lte=until)


@transaction.atomic
def _claim_digest(person: int, day: dt.date, until: dt.datetime) -> tuple[Digest, list[Notice]] | None:
    Digest.objects.bulk_create([Digest(user_id=person, on=day)], ignore_conflicts=True)
    mine = Digest.objects.filter(user=person, on=day, sent_at__isnull=True)
    digest = _locked(mine).select_related("user").first()
    if digest is None:
        return None
    # All of them, however many are shown: what one claim leaves, another would send as a second mail.
    keys = list(_locked(_for_digest(until).filter(user=person)).values_list("pk", flat=True))
    if not keys:
        return None
    Notice.objects.filter(pk__in=keys).update(mail_after=clock.now() + LEASE)
    return digest, list(Notice.objects.filter(pk__in=keys).order_by("-pk"))


# --- The mail itself ------------------------------------------------------------------------------------
SENT, REJECTED, DOWN = "sent", "rejected", "down"


@dataclass(frozen=True)
class Letter:
    """One mail to one person: about one topic, or (empty) about the day."""

    user: User
    notices: Sequence[Notice]
    topic: str
    mark: str
    """The same for the same mail, however often it is tried."""

    def message(self, connection: Any) -> EmailMultiAlternatives:
        with translation.override(self.user.preferred_language or settings.LANGUAGE_CODE):
            stop = at_site(reverse("me:stop_mail", args=[stop_token(self.user, self.topic)]))
            about = Topic(self.topic).label if self.topic else ""
            if about:
                subject = gettext("Jindou: news about “%(topic)s”") % {"topic": about}
            else:
                subject = gettext("Jindou: your news of the day")
            context = {
                "entries": [
                    {
                        "title": title_of(notice),
                        "body": body_of(notice),
                        "created_at": notice.created_at,
                        "link": at_site(reverse("me:notice", args=[notice.pk])),
                    }
                    for notice in self.notices[:MOST_IN_A_DIGEST]
                ],
                "has_more": len(self.notices) > MOST_IN_A_DIGEST,
                "all": at_site(reverse("me:notices")),
                "choices": at_site(reverse("me:notice_choices")),
                "stop": stop,
                "topic": about,
                "subject": subject,
            }
            message = EmailMultiAlternatives(
                subject=subject,
                body=render_to_string("mail/notices.txt", context),
                to=[self.user.email],
                connection=connection,
                headers={
                    "Message-ID": f"<{self.mark}.{self.user.number}@{urlsplit(at_site('/')).hostname}>",
                    "List-Unsubscribe": f"<{stop}>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                    "Auto-Submitted": "auto-generated",
                },
            )
            message.attach_alternative(render_to_string("mail/notices.html", context), "text/html")
        return message


def at_site(path: str) -> str:
    """The whole address of a page, for people who are not on it."""
    return urljoin(settings.WAGTAILADMIN_BASE_URL, path)


class _Server:
    """One connection for many mails. After a failure that is not about one mail it is down for this run."""

    def __init__(self) -> None:
        self.connection = get_connection()
        self.is_down = False

    def __enter__(self) -> _Server:
        return self

    def __exit__(self, *_unused: object) -> None:
        self.connection.close()

    def send(self, letter: Letter) -> str:
        if self.is_down:
            return DOWN
        try:
            self.connection.open()
            letter.message(self.connection).send()
        except _REJECTED as error:
            logger.warning("a mail was rejected: %s %s", letter.mark, type(error).__name__)
            return REJECTED
        except Exception as error:  # whatever a mail backend raises: nothing may be lost
            logger.error("the mail server is down: %s", type(error).__name__)
            self.is_down = True
            return DOWN
        return SENT
