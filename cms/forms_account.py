"""Forms that ask for the password again before something grave."""

from __future__ import annotations

from typing import Any, cast

from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from points.people.errors import WrongPassword
from points.people.models import ClosingRequest, User


class PasswordAgainForm(forms.Form):
    """The password again, where there is one; tried as seldom as allauth lets anybody try."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, data: Any = None, *, request: HttpRequest) -> None:
        super().__init__(data)
        self.request = request
        self.user = cast(User, request.user)
        if not self.user.has_usable_password():
            del self.fields["password"]

    def clean_password(self) -> str:
        given: str = self.cleaned_data["password"]
        allowed = ratelimit.consume(self.request, action="reauthenticate", user=self.user)
        if not allowed or not self.user.check_password(given):
            raise WrongPassword()
        return given


class ClosingForm(PasswordAgainForm):
    """What becomes of the beans."""

    beans = forms.ChoiceField(
        label=_("What should become of your beans?"),
        choices=ClosingRequest.Beans.choices,
        initial=ClosingRequest.Beans.DONATE,
        widget=forms.RadioSelect,
    )
    field_order = ["beans", "password"]


class CopyForm(PasswordAgainForm):
    """In which form the copy is wanted."""

    form = forms.ChoiceField(
        label=_("Form"),
        choices=[("pdf", _("PDF, to read and to print")), ("json", _("JSON, for programs"))],
        initial="pdf",
        widget=forms.RadioSelect,
    )
    field_order = ["form", "password"]
