"""What allauth asks about our people: their phone numbers, and where their choices go after sign-in."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.forms import Field
from django.http import HttpRequest, HttpResponse

from points.people.errors import PhoneInvalid
from points.people.forms import PhoneField
from points.people.models import CROCKFORD, User
from points.people.phones import is_phone, normalise_phone

logger = logging.getLogger(__name__)
ELDER_COOKIE = "elder"
YEAR = 365 * 24 * 3600


def remember_choices(response: HttpResponse, user: User) -> None:
    """Let this device show the person's language and elder mode."""
    secure = bool(settings.SESSION_COOKIE_SECURE)
    if user.preferred_language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.preferred_language,
            max_age=YEAR,
            path=settings.LANGUAGE_COOKIE_PATH,
            domain=settings.LANGUAGE_COOKIE_DOMAIN,
            secure=secure,
            samesite="Lax",
        )
    if user.elder_mode:
        response.set_cookie(ELDER_COOKIE, "1", max_age=YEAR, secure=secure, samesite="Lax")


def forget_choices(response: HttpResponse) -> None:
    """Let this device show what it would by itself."""
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, path=settings.LANGUAGE_COOKIE_PATH)
    response.delete_cookie(ELDER_COOKIE)


class _SignInPhoneField(PhoneField):
    """Also how allauth tells a phone number from a user name: only a phone number is valid."""

    def clean(self, value: Any) -> Any:
        text = normalise_phone(super().clean(value))
        if text and not is_phone(text):
            raise PhoneInvalid()
        return text


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People sign in with a user name, a phone number or a mail address."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = form.cleaned_data.get("name") or ""
        user.phone = form.cleaned_data.get("phone") or None
        saved: User = super().save_user(request, user, form, commit=commit)
        return saved

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """Somebody without a user name gets a meaningless one, never one made from name, phone or mail."""
        if not user.username:
            user.username = "v" + "".join(secrets.choice(CROCKFORD) for _unused in range(9))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_choices(response, user)
        return response

    # --- Phone numbers --------------------------------------------------------------------------------
    def phone_form_field(self, **kwargs: Any) -> Field:
        return _SignInPhoneField(**kwargs)

    def clean_phone(self, phone: str) -> str:
        return normalise_phone(phone)

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        if user.phone == phone and user.phone_verified == verified:
            return
        user.phone, user.phone_verified = phone or None, verified
        user.save(update_fields=["phone", "phone_verified"])

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone_verified(self, user: User, phone: str) -> None:
        self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone: str) -> User | None:
        number = normalise_phone(phone)
        return User.objects.filter(phone=number).first() if is_phone(number) else None

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        """No gateway for text messages is connected; numbers stay unverified."""
        logger.warning("a text message could not be sent: no gateway is connected")
