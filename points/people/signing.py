"""Signing up and signing in: allauth's forms with our words, our phone numbers and the consent of law L-A6.

A user name or a phone number is enough. Sign-up says plainly when a phone number or a mail address is
taken (neighbours share phones and forget accounts); sign-in and password reset never tell whether an
account exists, and allauth limits how often each may be tried.
"""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from points.people.errors import ConsentNeeded, EmailTaken, PhoneTaken
from points.people.forms import BirthYearField
from points.people.models import User
from points.people.phones import is_phone, normalise_phone
from points.people.services import check_phone, tell_birth_year, welcome
from points.refusals import Refusal


class LoginForm(AllauthLoginForm):  # type: ignore[misc]
    """One field takes any of the three names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = _("User name, phone number or mail address")
        login.widget.attrs.pop("placeholder", None)
        login.widget.attrs["autocomplete"] = "username"
        self.fields["password"].widget.attrs.pop("placeholder", None)

    def clean_login(self) -> str:
        login: str = super().clean_login()
        phone = normalise_phone(login)
        return phone if is_phone(phone) else login


class SignupForm(AllauthSignupForm):  # type: ignore[misc]
    """User name or phone number, a password, and the consent without which nothing may be recorded."""

    account_already_exists: bool
    field_order = ["name", "phone", "username", "email", "birth_year", "password1", "password2", "consent"]

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        help_text=_("The name your community knows you by. Others see it only in part."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    birth_year = BirthYearField()
    consent = forms.BooleanField(
        label=_("I agree that my volunteer service is recorded: when, where and what I did."),
        help_text=_(
            "Kept by your community under Order 67 of the Ministry of Civil Affairs; never used for "
            "business. You can read everything recorded about you at any time."
        ),
        error_messages={"required": ConsentNeeded.sentence},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        username = self.fields["username"]
        username.required = username.widget.is_required = False
        username.label = _("User name")
        username.help_text = _("Letters and digits. Not needed if you give a phone number.")
        self.fields["email"].label = _("Mail address")
        self.fields["phone"].label = _("Phone number")
        self.fields["password1"].help_text = _(
            "At least 8 characters, not only digits, and nothing others would guess."
        )

    def clean_username(self) -> str:
        return super().clean_username() if self.cleaned_data["username"] else ""

    def clean_phone(self) -> str | None:
        return check_phone(self.cleaned_data.get("phone") or "")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        if self.account_already_exists:
            self.account_already_exists = False
            self.add_error("email", EmailTaken())
        named = data.get("username") or data.get("phone") or data.get("email")
        if not named and not self.errors.keys() & {"username", "phone", "email"}:
            self.add_error("username", _("Give a user name or a phone number to sign in with."))
        return data

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        try:
            with transaction.atomic():
                user, response = super().try_save(request)
                if user is not None:
                    welcome(user, by=user)
                    tell_birth_year(user, year=self.cleaned_data["birth_year"], by=user)
                return user, response
        except (IntegrityError, Refusal):
            # Somebody took the phone number or the user name between the check and now.
            messages.error(request, PhoneTaken().as_text())
            return None, redirect("account_signup")
