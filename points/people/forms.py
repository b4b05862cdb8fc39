"""Forms about people. (The sign-up and sign-in forms, which build on allauth's, are in `signing.py`.)"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from points.people.mailing import choices_of, choose
from points.people.models import NoticeChoice, User
from points.people.services import check_phone


class PhoneField(forms.CharField):
    """A telephone number, typed with the digits of a phone's keyboard."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Phone number"))
        kwargs.setdefault("max_length", 25)
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})
        )
        super().__init__(**kwargs)


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
