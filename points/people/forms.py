"""Forms about people. (The sign-up and sign-in forms, which build on allauth's, are in `signing.py`.)"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from points import clock
from points.people.mailing import choices_of, choose
from points.people.models import GuardianConsent, NoticeChoice, User
from points.people.services import birth_year_of, check_phone, check_phone_form, tell_birth_year

OLDEST = 120
"""Years."""


class PhoneField(forms.CharField):
    """A telephone number, typed with the digits of a phone's keyboard."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Phone number"))
        kwargs.setdefault("max_length", 25)
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})
        )
        super().__init__(**kwargs)


class BirthYearField(forms.IntegerField):
    """A year of birth; voluntary, and the only thing asked about age."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Year of birth"))
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", _("Four digits. Under 14, a parent or guardian has to agree first."))
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "bday-year"})
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        year = super().clean(value)
        if year is not None and not clock.today().year - OLDEST <= year <= clock.today().year:
            raise forms.ValidationError(_("Please enter a year such as 1958."), code="birth_year")
        return year


class PhoneFormMixin(forms.Form):
    """For model forms of a person with a phone number: any spelling is taken, one person has one number."""

    instance: User
    phone = PhoneField(required=False)

    def clean_phone(self) -> str | None:
        return check_phone(self.cleaned_data["phone"], except_for=self.instance)


class ProfileForm(PhoneFormMixin, forms.ModelForm):  # type: ignore[type-arg]
    """What a person says about themselves, and how they like to read."""

    preferred_language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As this device")), *settings.LANGUAGES], required=False
    )

    class Meta:
        model = User
        fields = ["name", "phone", "preferred_language", "elder_mode"]
        labels = {"name": _("Name"), "elder_mode": _("Elder mode: larger letters and buttons")}
        help_texts = {"name": _("The name your community knows you by. Others see it only in part.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    birth_year = BirthYearField()

    def __init__(self, data: Any = None, *, instance: User, initial: dict[str, Any] | None = None) -> None:
        known = {"birth_year": birth_year_of(instance), **(initial or {})}
        super().__init__(data, instance=instance, initial=known)

    def save(self, commit: bool = True) -> User:
        """Refuses with birth_year_fixed."""
        user: User = super().save(commit=commit)
        tell_birth_year(user, year=self.cleaned_data["birth_year"], by=user)
        return user


class GuardianForm(forms.Form):
    """A parent's or guardian's yes for somebody under 14."""

    name = forms.CharField(label=_("Guardian's name"), max_length=60)
    phone = PhoneField(label=_("Guardian's phone number"))
    relation = forms.ChoiceField(label=_("Relation"), choices=GuardianConsent.Relation.choices)
    agrees = forms.BooleanField(
        label=_("I agree that this child's volunteer service is recorded: when, where and what it did.")
    )

    def clean_phone(self) -> str:
        return check_phone_form(self.cleaned_data["phone"])


class NoticeChoicesForm(forms.Form):
    """For each topic: by mail at once, once a day, or here only."""

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.user = user
        for topic, chosen in choices_of(user).items():
            self.fields[topic.value] = forms.ChoiceField(
                label=topic.label,
                choices=NoticeChoice.How.choices,
                initial=chosen,
                widget=forms.RadioSelect,
            )

    def save(self) -> None:
        for topic, how in self.cleaned_data.items():
            choose(self.user, topic=topic, how=how)
