"""People: who signs in, and what a volunteer chose to tell us.

A person is a `User` with a random public `number` (never an identity number, never derived from the row
id). The number names the person in account codes and exports, so the books stay readable after the
person's own data has been erased. What a volunteer adds to the profile is voluntary (law L-A5, L-A6).
"""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def random_number() -> str:
    """Eight Crockford characters (40 bits): a public, meaningless name for a person."""
    return "".join(secrets.choice(CROCKFORD) for _unused in range(8))


class User(AbstractUser):
    """Someone who can sign in with a user name, a phone number or a mail address."""

    number = models.CharField(
        _("member number"), max_length=12, unique=True, default=random_number, editable=False
    )
    name = models.CharField(pgettext_lazy("person", "name"), max_length=60, blank=True)
    phone = models.CharField(
        _("phone number"),
        max_length=20,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(r"^\+?\d{6,15}$", _("Enter digits only, for example 13800001234."))],
    )
    card_serial = models.PositiveIntegerField(_("serial of the member card"), default=1, editable=False)
    phone_verified = models.BooleanField(_("phone number verified"), default=False)
    preferred_language = models.CharField(_("language"), max_length=10, blank=True)
    elder_mode = models.BooleanField(_("elder mode"), default=False)

    objects: ClassVar[UserManager] = UserManager()

    class Meta(AbstractUser.Meta):
        verbose_name = _("person")  # type: ignore[assignment]
        verbose_name_plural = _("people")  # type: ignore[assignment]
        indexes = [models.Index(fields=["name"], name="people_user_name_idx")]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name people know the person by; the user name when none was given."""
        return self.name or self.username

    @property
    def masked_name(self) -> str:
        """`王*` or `王*明`: enough for a clerk to recognise the person, too little for a stranger (F-D1)."""
        shown = self.display_name
        if len(shown) <= 1:
            return shown + "*"
        if len(shown) == 2:
            return shown[0] + "*"
        return shown[0] + "*" * (len(shown) - 2) + shown[-1]


class VolunteerProfile(models.Model):
    """What a volunteer chose to add. No identity number, no health, no party membership."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="profile", verbose_name=_("person")
    )
    birth_year = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    skills = models.CharField(_("skills"), max_length=200, blank=True)
    national_number = models.CharField(
        _("number in the national volunteer system"),
        max_length=40,
        blank=True,
        help_text=_("If you are already registered there (Regulation 685, article 7)."),
    )
    joined_on = models.DateField(_("joined on"), default=clock.today)

    class Meta:
        verbose_name = _("volunteer profile")
        verbose_name_plural = _("volunteer profiles")

    def __str__(self) -> str:
        return str(self.user)


class Consent(models.Model):
    """One person's yes to one purpose, with its dates (law L-A6, L-A18). Withdrawn, never deleted."""

    class Purpose(models.TextChoices):
        RECORDS = "records", _("keep my volunteer records")
        PUBLIC_NAME = "public_name", _("show my name in public notices")
        RANKING = "ranking", _("show me in rankings")
        PHOTO = "photo", _("show photographs of me")

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="consents", verbose_name=_("person")
    )
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    text_version = models.CharField(_("version of the text"), max_length=20, default="2026-11")
    given_at = models.DateTimeField(_("given at"), default=clock.now)
    entered_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="%(app_label)s_%(class)s_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.purpose}"


class Notice(models.Model):
    """One thing a person should know, kept as a kind and its values and said in the reader's language.

    The sentences belong to the kind (`points.people.notices`); a row holds no sentence and names nobody but
    its reader. The same `key` for the same person is one notice, however often it is sent.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(_("key"), max_length=120)
    values: models.JSONField[dict[str, str | int]] = models.JSONField(_("values"), default=dict, blank=True)
    url = models.CharField(_("address"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"), default=clock.now)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("mailed at"), null=True, blank=True)
    mail_after = models.DateTimeField(
        default=clock.now,
        editable=False,
        help_text="No mail is tried before: the claim of whoever is sending, or the wait after a failure.",
    )
    mail_attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "key"], name="%(app_label)s_%(class)s_once")
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="people_notice_mine_idx"),
            models.Index(
                fields=["user"], condition=models.Q(read_at__isnull=True), name="people_notice_unread_idx"
            ),
            models.Index(
                fields=["mail_after"],
                condition=models.Q(mailed_at__isnull=True, read_at__isnull=True),
                name="people_notice_unmailed_idx",
            ),
            models.Index(fields=["created_at"], name="people_notice_age_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class NoticeChoice(models.Model):
    """How one person wants to hear about one topic. Without a row: once a day, by mail."""

    class How(models.TextChoices):
        AT_ONCE = "at_once", pgettext_lazy("notices by mail", "By mail, at once")
        DAILY = "daily", pgettext_lazy("notices by mail", "By mail, once a day")
        SITE_ONLY = "site_only", pgettext_lazy("notices by mail", "Here only, no mail")

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="notice_choices", verbose_name=_("person")
    )
    topic = models.CharField(_("topic"), max_length=20)
    how = models.CharField(_("how"), max_length=10, choices=How.choices, default=How.DAILY)

    class Meta:
        verbose_name = _("choice about notices")
        verbose_name_plural = _("choices about notices")
        constraints = [models.UniqueConstraint(fields=["user", "topic"], name="%(app_label)s_%(class)s_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.topic} {self.how}"


class Digest(models.Model):
    """One person's one mail of one day. The row is what makes it one, whoever tries to send it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="digests", verbose_name=_("person"))
    on = models.DateField(_("date"))
    sent_at = models.DateTimeField(_("mailed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("daily mail")
        verbose_name_plural = _("daily mails")
        constraints = [models.UniqueConstraint(fields=["user", "on"], name="%(app_label)s_%(class)s_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.on}"


class GuardianConsent(models.Model):
    """A guardian's yes for somebody under 14 (Personal Information Protection Law, article 31).

    Entered by the community, or by the guardian from an account of their own. Revoked, never deleted; the
    guardian's name and phone number go when the minor's account is closed.
    """

    class Relation(models.TextChoices):
        MOTHER = "mother", pgettext_lazy("guardian", "Mother")
        FATHER = "father", pgettext_lazy("guardian", "Father")
        GRANDPARENT = "grandparent", pgettext_lazy("guardian", "Grandparent")
        OTHER = "other", pgettext_lazy("guardian", "Another guardian")

    minor = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="guardian_consents", verbose_name=_("person under 14")
    )
    guardian = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="guarded_consents",
        verbose_name=_("the guardian's own account"),
    )
    guardian_name = models.CharField(_("guardian's name"), max_length=60)
    guardian_phone = models.CharField(_("guardian's phone number"), max_length=20)
    relation = models.CharField(_("relation"), max_length=12, choices=Relation.choices)
    text_version = models.CharField(_("version of the text"), max_length=20, default="2026-11")
    given_at = models.DateTimeField(_("given at"), default=clock.now)
    entered_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("entered by")
    )
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("guardian's consent")
        verbose_name_plural = _("guardians' consents")
        constraints = [
            models.UniqueConstraint(
                fields=["minor"],
                condition=models.Q(revoked_at__isnull=True),
                name="%(app_label)s_%(class)s_one_open",
                violation_error_message=_("A guardian has agreed already."),
            ),
            models.CheckConstraint(
                condition=models.Q(guardian__isnull=True) | ~models.Q(guardian=models.F("minor")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message=_("Nobody is their own guardian."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minor_id} {self.relation}"


class ClosingRequest(models.Model):
    """Somebody asked for their account to be closed; after the cooling-off it is (journeys, J6)."""

    class Beans(models.TextChoices):
        DONATE = "donate", pgettext_lazy("beans of a closed account", "Give them to my community")
        LAPSE = "lapse", pgettext_lazy("beans of a closed account", "Let them lapse")

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("closing of an account", "Asked for")
        CLOSING = "closing", pgettext_lazy("closing of an account", "Being closed")
        WITHDRAWN = "withdrawn", pgettext_lazy("closing of an account", "Withdrawn")
        DONE = "done", pgettext_lazy("closing of an account", "Closed")

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="closing_requests", verbose_name=_("person")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ASKED)
    beans = models.CharField(_("what becomes of the beans"), max_length=8, choices=Beans.choices)
    place = models.CharField(
        _("code of the community that receives them"), max_length=40, blank=True, editable=False
    )
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    due_at = models.DateTimeField(_("to be closed at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("request to close an account")
        verbose_name_plural = _("requests to close an account")
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(state__in=("asked", "closing")),
                name="%(app_label)s_%(class)s_one_open",
                violation_error_message=_("This account is being closed already."),
            ),
            models.CheckConstraint(
                condition=models.Q(due_at__gte=models.F("asked_at")),
                name="%(app_label)s_%(class)s_due_later",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="asked"), name="people_closing_due_idx")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.state}"


class OwnDataCopy(models.Model):
    """That somebody took a copy of their own data: for the limit per day, and so that they can see it."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="data_copies", verbose_name=_("person")
    )
    form = models.CharField(_("form"), max_length=8)
    made_at = models.DateTimeField(_("made at"), default=clock.now)

    class Meta:
        verbose_name = _("copy of one's own data")
        verbose_name_plural = _("copies of one's own data")
        indexes = [models.Index(fields=["user", "-made_at"], name="people_copy_mine_idx")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.form}"


class Term(models.Model):
    """How long something is kept, or waited for, in days, where the town has decided otherwise.

    What can stand here, and the usual number of days, say `points.people.retention` and the rooms.
    """

    code = models.CharField(_("code"), max_length=40, unique=True)
    days = models.PositiveSmallIntegerField(_("days"))

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(days__gte=1),
                name="%(app_label)s_%(class)s_days",
                violation_error_message=_("At least one day."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.days}"
