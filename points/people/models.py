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
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
