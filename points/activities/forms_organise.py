"""Forms of the organiser: an activity with its shifts, each with its positions, on one page.

Blank rows are spare rows: the form works without JavaScript, and "another shift" sends it to the server for
more of them. What the forms say becomes plans (`services.ShiftPlan`); the service decides what is allowed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.images import get_image_model
from wagtail.images.fields import WagtailImageField

from points.activities.models import Activity, Position, Qualification, Registration, Shift
from points.activities.services import MAX_SHIFTS, PositionPlan, ShiftPlan
from points.grids import policies
from points.grids.models import Organization
from points.people.models import User
from points.refusals import Refusal
from points.schemes.services import lineage

POSITION_ROWS = 3
MAX_POSITIONS = 20
MAX_SEATS = 5000

HOURS_BEFORE = [
    (0, pgettext_lazy("deadline", "when it starts")),
    (1, pgettext_lazy("deadline", "1 hour before")),
    (2, pgettext_lazy("deadline", "2 hours before")),
    (6, pgettext_lazy("deadline", "6 hours before")),
    (12, pgettext_lazy("deadline", "12 hours before")),
    (24, pgettext_lazy("deadline", "the day before (24 hours)")),
    (48, pgettext_lazy("deadline", "two days before (48 hours)")),
]


class ActivityForm(forms.ModelForm):  # type: ignore[type-arg]
    """The facts of an activity. Units and recording units are only those of the organiser."""

    picture = WagtailImageField(label=_("New picture"), required=False)

    class Meta:
        model = Activity
        fields = [
            "title",
            "grid",
            "organization",
            "category",
            "summary",
            "place",
            "bring",
            "contact_phone",
            "description",
            "is_service",
            "is_risky",
            "risk_note",
            "is_insured",
            "min_age",
            "max_age",
            "needs",
        ]
        widgets = {
            "description": forms.Textarea(attrs={"rows": 4}),
            "contact_phone": forms.TextInput(attrs={"type": "tel"}),
            "needs": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["picture"].help_text = _(  # Wagtail's field writes its own over one given to it
            "JPEG, PNG or WebP, up to 5 MB. Without one the activity gets a drawn cover."
        )
        units = policies.grids_for(user, policies.Action.ORGANISE).order_by("path")
        first = units.values_list("depth", flat=True).first() or 1
        grid: Any = self.fields["grid"]
        grid.queryset = units
        grid.label_from_instance = lambda unit: "　" * max(0, unit.depth - first) + unit.name
        # A recording unit is one of the organiser's own places or stands above one of them.
        above = {
            path
            for root in policies.paths_for(user, policies.Action.ORGANISE)
            for path in ([root[:end] for end in range(4, len(root) + 1, 4)])
        }
        organization: Any = self.fields["organization"]
        organization.queryset = Organization.objects.filter(
            policies.scope(user, policies.Action.ORGANISE) | Q(grid__path__in=above)
        ).order_by("name")
        needs: Any = self.fields["needs"]
        needs.queryset = Qualification.objects.filter(
            policies.scope(user, policies.Action.ORGANISE) | Q(grid__path__in=above)
        )
        if not needs.queryset.exists():
            needs.widget = forms.MultipleHiddenInput()
        if self.instance.pk is None:
            self.initial.setdefault("contact_phone", user.phone or "")
            if len(roots := policies.paths_for(user, policies.Action.ORGANISE)) == 1 and roots[0]:
                self.initial.setdefault("grid", units.filter(path=roots[0]).first())
            if organization.queryset.count() == 1:
                self.initial.setdefault("organization", organization.queryset.first())
        elif Registration.objects.filter(shift__activity=self.instance).exists():
            # Rights over the people's seats must not move to another unit behind their backs.
            grid.disabled = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        grid, organization = data.get("grid"), data.get("organization")
        if (
            grid
            and organization
            and not (organization.grid.path in lineage(grid) or grid.contains(organization.grid))
        ):
            self.add_error("organization", _("This unit does not belong to that place."))
        return data

    def save_picture(self) -> None:
        """Make the uploaded picture the cover. Its content was checked by the field, not its name."""
        upload = self.cleaned_data.get("picture")
        if upload:
            title = self.cleaned_data["title"]
            image = get_image_model()(title=title[:255], file=upload, uploaded_by_user=self.user)
            image.save()
            self.instance.cover = image


class PositionForm(forms.Form):
    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Position"), required=False, max_length=60)
    capacity = forms.IntegerField(label=_("Seats"), required=False, min_value=1, max_value=MAX_SEATS)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name, capacity = (data.get("name") or "").strip(), data.get("capacity")
        if name and not capacity and "capacity" not in self.errors:
            self.add_error("capacity", _("How many people?"))
        if capacity and not name and "name" not in self.errors:
            self.add_error("name", _("What do they do?"))
        return data

    @property
    def is_blank(self) -> bool:
        return not (self.cleaned_data.get("name") or "").strip()

    def plan(self) -> PositionPlan:
        data = self.cleaned_data
        return PositionPlan(name=data["name"].strip(), capacity=data["capacity"], pk=data.get("pk"))


class ShiftForm(forms.Form):
    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    day = forms.DateField(label=_("Date"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    begins = forms.TimeField(label=_("From"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(label=_("To"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    closes = forms.TypedChoiceField(
        label=_("Sign-up closes"), coerce=int, empty_value=None, required=False, choices=HOURS_BEFORE
    )
    cancel = forms.TypedChoiceField(
        label=_("Cancelling in time until"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=HOURS_BEFORE,
    )
    remove = forms.BooleanField(label=_("Delete this shift"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("remove") or not self.has_times:
            return data
        for name in ("day", "begins", "ends"):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("Fill in the date and both times."))
        if data.get("begins") and data.get("begins") == data.get("ends"):
            self.add_error("ends", _("A shift ends after it starts."))
        return data

    @property
    def has_times(self) -> bool:
        return any(self.data.get(self.add_prefix(name)) for name in ("day", "begins", "ends"))

    def times(self) -> tuple[dt.datetime, dt.datetime]:
        """Start and end; an end that is earlier than the start is on the next day."""
        data = self.cleaned_data
        start = timezone.make_aware(dt.datetime.combine(data["day"], data["begins"]))
        end = timezone.make_aware(dt.datetime.combine(data["day"], data["ends"]))
        return start, end if end > start else end + dt.timedelta(days=1)


def hours_before(shift: Shift, moment: dt.datetime | None) -> int:
    """The choice that stands for a moment before the shift; unusual ones go to the nearest shorter choice."""
    if moment is None:
        return 0
    hours = int((shift.starts_at - moment).total_seconds() // 3600)
    return max((choice for choice, _label in HOURS_BEFORE if choice <= hours), default=0)


def as_typed(form_class: Any, typed: QueryDict, prefix: str = "") -> dict[str, Any]:
    """What somebody has typed so far, to be shown again without being checked."""
    start = f"{prefix}-" if prefix else ""
    return {
        name: (start + name in typed)
        if isinstance(field, forms.BooleanField)
        else typed.getlist(start + name)
        if isinstance(field, forms.ModelMultipleChoiceField)
        else typed.get(start + name, "")
        for name, field in form_class.base_fields.items()
        if not isinstance(field, forms.FileField)
    }


class ShiftBox:
    """One shift with its position rows, as shown together.

    `data` checks what was sent; `typed` only shows it again (somebody asked for more rows).
    """

    def __init__(
        self,
        number: int,
        *,
        data: QueryDict | None = None,
        typed: QueryDict | None = None,
        shift: Shift | None = None,
        rows: int = POSITION_ROWS,
    ) -> None:
        self.number = number
        prefix = f"shift{number}"
        initial: dict[str, Any] = {}
        seats: list[dict[str, Any]] = []
        if shift is not None:
            start, end = timezone.localtime(shift.starts_at), timezone.localtime(shift.ends_at)
            initial = {
                "pk": shift.pk,
                "day": start.date().isoformat(),
                "begins": start.strftime("%H:%M"),
                "ends": end.strftime("%H:%M"),
                "closes": hours_before(shift, shift.signup_closes_at),
                "cancel": hours_before(shift, shift.cancel_until),
            }
            seats = [{"pk": p.pk, "name": p.name, "capacity": p.capacity} for p in shift.positions.all()]
        count = min(MAX_POSITIONS, max(rows, len(seats) + 1))
        if typed is not None and f"{prefix}-rows" in typed:
            initial = as_typed(ShiftForm, typed, prefix)
            seats = [as_typed(PositionForm, typed, f"{prefix}-position{i}") for i in range(count)]
        self.form = ShiftForm(data, prefix=prefix, initial=initial)
        self.positions = [
            PositionForm(data, prefix=f"{prefix}-position{i}", initial=seats[i] if i < len(seats) else {})
            for i in range(count)
        ]
        self.rows_name = f"{prefix}-rows"
        self.rows = count
        self.is_new = shift is None

    def is_valid(self) -> bool:
        valid = [self.form.is_valid(), *(position.is_valid() for position in self.positions)]
        return self.is_removed or all(valid)

    @property
    def is_removed(self) -> bool:
        return bool(self.form.cleaned_data.get("remove"))

    @property
    def is_blank(self) -> bool:
        return not self.form.has_times and all(position.is_blank for position in self.positions)

    def plan(self) -> ShiftPlan | None:
        """What the box says, None if it says nothing."""
        if self.is_removed or self.is_blank:
            return None
        start, end = self.form.times()
        data = self.form.cleaned_data
        return ShiftPlan(
            pk=data.get("pk"),
            starts_at=start,
            ends_at=end,
            signup_closes_at=start - dt.timedelta(hours=data["closes"]) if data["closes"] else None,
            cancel_until=start - dt.timedelta(hours=data["cancel"]) if data["cancel"] else None,
            positions=[position.plan() for position in self.positions if not position.is_blank],
        )


class ActivityEditor:
    """The whole page: the activity's form and the boxes of its shifts."""

    def __init__(self, request: Any, activity: Activity | None = None) -> None:
        sent: QueryDict | None = request.POST if request.method == "POST" else None
        self.more = sent.get("more", "") if sent is not None else ""
        data, typed = (None, sent) if self.more else (sent, None)
        self.form = ActivityForm(
            data,
            (request.FILES or None) if data is not None else None,
            instance=activity,
            user=request.user,
            initial=as_typed(ActivityForm, typed) if typed is not None else None,
        )
        shifts = list(activity.shifts.prefetch_related("positions")) if activity is not None else []
        if sent is None:
            count = len(shifts) + 1 if shifts else 2
            rows = [POSITION_ROWS] * count
        else:
            count = max(1, self._number(sent.get("shifts"), MAX_SHIFTS), len(shifts))
            count = min(MAX_SHIFTS, count + (self.more == "shift"))
            rows = [
                self._number(sent.get(f"shift{i}-rows"), MAX_POSITIONS) + 3 * (self.more == f"position{i}")
                for i in range(count)
            ]
        self.boxes = [
            ShiftBox(
                number,
                data=data,
                typed=typed,
                shift=shifts[number] if number < len(shifts) else None,
                rows=max(POSITION_ROWS, rows[number]),
            )
            for number in range(count)
        ]

    @staticmethod
    def _number(text: str | None, most: int) -> int:
        return min(most, int(text)) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0

    def is_valid(self) -> bool:
        valid = [self.form.is_valid(), *(box.is_valid() for box in self.boxes)]
        if not all(valid):
            return False
        for box in self.boxes:
            if not box.is_removed and not box.is_blank and not box.form.has_times:
                box.form.add_error("day", _("Fill in the date and both times."))
                return False
        return True

    def plans(self) -> list[ShiftPlan]:
        return [plan for plan in (box.plan() for box in self.boxes) if plan is not None]

    def refuse(self, refusal: Refusal | ValidationError) -> None:
        """Show a refusal of the service above the form."""
        self.form.add_error(NON_FIELD_ERRORS, refusal.messages)  # type: ignore[arg-type]


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=120, help_text=_("Everybody who signed up sees this sentence.")
    )


class WalkInForm(forms.Form):
    given = forms.CharField(label=_("Phone number or user name"), max_length=60)
    position: forms.ModelChoiceField[Position] = forms.ModelChoiceField(label=_("Position"), queryset=None)

    def __init__(self, *args: Any, shift: Shift, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["position"]
        field.queryset = shift.positions.all()
        field.empty_label = None


class TimesForm(forms.Form):
    """The two times of one person, as hours and minutes of the shift's day."""

    came = forms.TimeField(label=_("In"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    left = forms.TimeField(label=_("Out"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))

    def moments(self, shift: Shift) -> tuple[dt.datetime | None, dt.datetime | None]:
        """The times on the shift's day; a leaving time before the coming one is on the next day if the
        shift goes over midnight."""
        start = timezone.localtime(shift.starts_at)
        over_midnight = timezone.localtime(shift.ends_at).date() > start.date()

        def moment(time: dt.time | None) -> dt.datetime | None:
            if time is None:
                return None
            at = timezone.make_aware(dt.datetime.combine(start.date(), time))
            return at + dt.timedelta(days=1) if over_midnight and at < start - dt.timedelta(hours=6) else at

        return moment(self.cleaned_data["came"]), moment(self.cleaned_data["left"])
