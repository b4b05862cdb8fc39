"""The editor's own forms; those of the parts are made by `nodes`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from points import clock
from points.schemes.award import key_of
from points.schemes.categories import CATEGORIES
from points.schemes.facts import SYSTEM_VERIFIED, Act, History
from points.schemes.parts.basics import Period
from points.schemes.parts.scheme import BEAN, SUPPLEMENTED, Rules
from points.schemes.words import said

GRADES = [
    (SYSTEM_VERIFIED, pgettext_lazy("evidence grade", "Checked in and out")),
    ("organiser_witnessed", pgettext_lazy("evidence grade", "Witnessed by the organiser")),
    (SUPPLEMENTED, pgettext_lazy("evidence grade", "Entered later")),
]
OFTEN_ASKED = ("category", "grade")
LONGEST_DAY = 24 * 60


def day_field(**kwargs: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class DraftForm(forms.Form):
    """From when, and why."""

    effective_from = day_field(label=_("In force from"), required=False)
    note = forms.CharField(
        label=_("What changes, and why"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class YamlForm(forms.Form):
    """The whole scheme as text."""

    text = forms.CharField(
        label="YAML",
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(attrs={"class": "office-code", "spellcheck": "false", "wrap": "off"}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files at once: a list, perhaps an empty one. What they hold is checked by the evidence."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(each, initial) for each in given if each]


class SubmitForm(forms.Form):
    """The published notice, as the evidence of the change."""

    note = forms.CharField(
        label=_("What changes, and why"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    papers = ManyFilesField(
        label=_("The published notice"),
        required=False,
        widget=ManyFiles(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.webp"}),
        help_text=_("A PDF or a picture, at most 5 MB each, up to five."),
    )


class TryForm(forms.Form):
    """One act to try the rules on. Everything has a usual value, so the panel answers at once."""

    act = forms.ChoiceField(label=_("Act"), required=False)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=0, max_value=LONGEST_DAY, initial=120)
    planned = forms.IntegerField(
        label=_("Planned minutes"), min_value=0, max_value=LONGEST_DAY, initial=120, required=False
    )
    category = forms.ChoiceField(label=_("Kind of service"), choices=[*CATEGORIES.items()])
    grade = forms.ChoiceField(label=_("How it was proven"), choices=GRADES)
    on = day_field(label=_("Date"))
    already = forms.IntegerField(
        label=_("Beans already that day"), min_value=0, max_value=10**6, initial=0, required=False
    )

    def __init__(self, data: Any = None, *, rules: Rules) -> None:
        self.rules = rules
        self.fields_of_facts: dict[str, str] = {}
        super().__init__(data)
        self.fields["on"].initial = clock.today()
        acts: dict[str, str] = {}
        for each in rules.earning:
            acts.setdefault(each.act, said(each.name))
        self.fields["act"].choices = list(acts.items()) or [("service", _("Volunteer service"))]  # type: ignore[attr-defined]
        if len(acts) < 2:
            self.fields["act"].widget = forms.HiddenInput()
        for fact, values in asked_words(rules).items():
            name = f"fact_{fact}"
            self.fields_of_facts[name] = fact
            self.fields[name] = forms.ChoiceField(
                label=fact_name(rules, fact),
                required=False,
                choices=[("", "–"), *((value, value) for value in values)],
            )

    @classmethod
    def usual(cls, *, rules: Rules) -> TryForm:
        """The form with its usual values sent: what the panel shows first."""
        blank = cls(rules=rules)
        values = {name: field.initial for name, field in blank.fields.items() if field.initial is not None}
        usual = {
            "category": next(iter(CATEGORIES)),
            "grade": SYSTEM_VERIFIED,
            "on": clock.today().isoformat(),
        }
        return cls({**values, **usual}, rules=rules)

    def act_and_history(self) -> tuple[Act, History]:
        data = self.cleaned_data
        words = {"category": data["category"], "grade": data["grade"]}
        words |= {fact: data[name] for name, fact in self.fields_of_facts.items() if data.get(name)}
        act = Act(
            on=data["on"],
            act=data.get("act") or "service",
            minutes=data["minutes"],
            planned_minutes=data["planned"] or 0,
            words=words,
        )
        return act, already(self.rules, act, data["already"] or 0)


def already(rules: Rules, act: Act, beans: int) -> History:
    """A history in which so many beans were earned earlier the same day."""
    if not beans:
        return History()
    wide = [limit for limit in rules.limits if limit.of == BEAN and limit.per is not Period.ACTIVITY]
    return History(totals={key_of(limit, act.act): beans for limit in wide})  # type: ignore[misc]


def asked_words(rules: Rules) -> dict[str, list[str]]:
    """The facts that coefficients and conditions ask about in words, with the words they know."""
    found: dict[str, list[str]] = {}

    def add(fact: str, values: Iterable[str]) -> None:
        if fact and fact not in OFTEN_ASKED:
            known = found.setdefault(fact, [])
            known += [value for value in values if value not in known]

    for coefficient in rules.coefficients:
        add(coefficient.by, coefficient.factors)
    for each in rules.earning:
        for condition in each.when:
            add(condition.fact, condition.is_)
    return {fact: values for fact, values in found.items() if values}


def fact_name(rules: Rules, fact: str) -> str:
    from points.schemes.parts.facts import name_of

    own = next((each.name for each in rules.facts if each.id == fact), None)
    return said(own) if own else name_of(fact)


def month_of(text: str, default: dt.date) -> dt.date:
    """`2026-10` → its first day; anything else the default."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007  (a month has no zone)
    except ValueError:
        return default
