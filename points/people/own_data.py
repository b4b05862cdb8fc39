"""Everything the product knows about one person, for that person (PIPL, article 45; F-V10).

Each room registers its sections in its own `own_data.py`, imported by the room's AppConfig.ready; this room
imports nothing of theirs. A section is a list of rows, a row is plain values by name; dates and times are ISO
in JSON and spoken in the PDF. Nothing is stored: a copy is written while it is read, only the fact is kept.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from points import clock, dates
from points.pdf import Sheet
from points.people.account_notices import DATA_COPIED
from points.people.errors import TooManyCopies
from points.people.models import OwnDataCopy, User
from points.people.notices import body_of, notify, title_of
from points.people.notices import of as notices_of

Value = str | int | bool | None | dt.date | dt.datetime
Row = Mapping[str, Value]
COPIES_PER_DAY = 5


@dataclass(frozen=True)
class Section:
    """Some rows about a person. `names` are the rows' fields in order, with what people call them."""

    code: str
    title: str | Promise
    names: Mapping[str, str | Promise]
    rows: Callable[[User], Iterable[Row]]
    order: int = field(default=50, kw_only=True)
    is_single: bool = field(default=False, kw_only=True)
    """One row only: written as a list of facts, not as one line of a list."""


SECTIONS: dict[str, Section] = {}


def register(section: Section) -> Section:
    """Make a section known.

    Raises:
        ValueError: another one has this code.
    """
    if SECTIONS.setdefault(section.code, section) != section:
        raise ValueError(f"two sections are called {section.code}")
    return section


def sections() -> list[Section]:
    return sorted(SECTIONS.values(), key=lambda section: (section.order, section.code))


@transaction.atomic
def begin_copy(user: User, *, form: str, by: User) -> OwnDataCopy:
    """Note that a copy is taken. Refuses with too_many_copies after `COPIES_PER_DAY` in 24 hours."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    now = clock.now()
    if user.data_copies.filter(made_at__gt=now - dt.timedelta(days=1)).count() >= COPIES_PER_DAY:
        raise TooManyCopies(number=COPIES_PER_DAY)
    copy = OwnDataCopy.objects.create(user=user, form=form, made_at=now)
    notify([user], DATA_COPIED, key=f"copy:{copy.pk}", url="/me/data/", copied_at=now)
    return copy


def as_json(user: User, language: str) -> Iterator[str]:
    """The copy as one JSON object, piece by piece."""

    def written(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, default=_iso)

    yield f'{{"format": "jindou-own-data-1", "made_at": {written(_iso(clock.now()))}'
    for section in sections():
        yield f",\n{written(section.code)}: ["
        is_first = True
        for row in _rows(section, user, language):
            yield ("" if is_first else ",") + "\n " + written(dict(row))
            is_first = False
        yield "]"
    yield "}\n"


def as_pdf(user: User, language: str) -> bytes:
    """The copy as a document to read and to print."""
    with translation.override(language):
        title = pgettext("copy of data", "What Jindou knows about me")
        sheet = Sheet(title=title)
        sheet.heading(title)
        made = pgettext("copy of data", "Made on %(day)s for %(name)s, member number %(number)s")
        sheet.multi_cell(
            0,
            7,
            made % {"day": dates.daytime(clock.now()), "name": user.display_name, "number": user.number},
            new_x="LMARGIN",
            new_y="NEXT",
        )
        for section in sections():
            sheet.small_heading(str(section.title))
            empty = True
            for row in section.rows(user):
                _write(sheet, section, row)
                empty = False
            if empty:
                sheet.multi_cell(0, 7, pgettext("copy of data", "Nothing"), new_x="LMARGIN", new_y="NEXT")
        return bytes(sheet.output())


def _write(sheet: Sheet, section: Section, row: Row) -> None:
    """Facts one below the other, or a row of a list as one paragraph; what is empty is left out."""
    shown = [(str(section.names[name]), spoken(value)) for name, value in row.items()]
    shown = [(name, text) for name, text in shown if text]
    if section.is_single:
        for pair in shown:
            if sheet.will_page_break(14):
                sheet.add_page()
            sheet.facts([pair])
        return
    sentence = pgettext("copy of data", "%(name)s: %(value)s")
    text = "   ".join(sentence % {"name": name, "value": value} for name, value in shown)
    sheet.multi_cell(0, 6, text, align="L", new_x="LMARGIN", new_y="NEXT")
    sheet.ln(2.5)


def _rows(section: Section, user: User, language: str) -> Iterator[Row]:
    """Row by row in the reader's language, although the page that asked has long been answered."""
    rows = iter(section.rows(user))
    while True:
        with translation.override(language):
            row = next(rows, None)
        if row is None:
            return
        yield row


def _iso(value: object) -> str:
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def spoken(value: Value) -> str:
    """A value as people read it."""
    if isinstance(value, dt.datetime):
        return f"{dates.longday(value)} {dates.clocktime(value)}"
    if isinstance(value, dt.date):
        return dates.longday(value)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return "" if value is None else str(value)


# --- What this room knows -------------------------------------------------------------------------------
def _person(user: User) -> Iterator[Row]:
    profile = getattr(user, "profile", None)
    yield {
        "number": user.number,
        "name": user.name,
        "username": user.username,
        "phone": user.phone,
        "email": user.email,
        "language": user.preferred_language,
        "elder_mode": user.elder_mode,
        "joined_at": user.date_joined,
        "last_sign_in_at": user.last_login,
        "birth_year": profile.birth_year if profile else None,
        "skills": profile.skills if profile else "",
        "national_number": profile.national_number if profile else "",
    }


def _consents(user: User) -> Iterator[Row]:
    for consent in user.consents.select_related("entered_by").order_by("pk"):
        is_own = consent.entered_by_id in (None, user.pk)
        yield {
            "purpose": consent.get_purpose_display(),
            "text_version": consent.text_version,
            "given_at": consent.given_at,
            "withdrawn_at": consent.withdrawn_at,
            "entered_by_community": not is_own,
        }


def _guardians(user: User) -> Iterator[Row]:
    for consent in user.guardian_consents.order_by("pk"):
        yield {
            "relation": consent.get_relation_display(),
            "guardian_name": consent.guardian_name,
            "guardian_phone": consent.guardian_phone,
            "given_at": consent.given_at,
            "revoked_at": consent.revoked_at,
        }


def _notices(user: User) -> Iterator[Row]:
    for notice in notices_of(user).iterator():
        yield {
            "at": notice.created_at,
            "title": title_of(notice),
            "text": body_of(notice),
            "read_at": notice.read_at,
            "mailed_at": notice.mailed_at,
        }


def _copies(user: User) -> Iterator[Row]:
    for copy in user.data_copies.order_by("pk"):
        yield {"at": copy.made_at, "form": copy.form}


def _closings(user: User) -> Iterator[Row]:
    for request in user.closing_requests.order_by("pk"):
        yield {
            "asked_at": request.asked_at,
            "state": request.get_state_display(),
            "due_at": request.due_at,
            "ended_at": request.ended_at,
        }


register(
    Section(
        "person",
        _("About me"),
        {
            "number": _("Member number"),
            "name": _("Name"),
            "username": _("User name"),
            "phone": _("Phone number"),
            "email": _("Mail address"),
            "language": _("Language"),
            "elder_mode": _("Elder mode"),
            "joined_at": _("Joined"),
            "last_sign_in_at": _("Last sign-in"),
            "birth_year": _("Year of birth"),
            "skills": _("Skills"),
            "national_number": _("Number in the national volunteer system"),
        },
        _person,
        order=0,
        is_single=True,
    )
)
register(
    Section(
        "consents",
        _("What I agreed to"),
        {
            "purpose": _("Purpose"),
            "text_version": _("Version of the text"),
            "given_at": _("Given at"),
            "withdrawn_at": _("Taken back at"),
            "entered_by_community": _("Entered by the community"),
        },
        _consents,
        order=10,
    )
)
register(
    Section(
        "guardians",
        _("Consents of my guardians"),
        {
            "relation": _("Relation"),
            "guardian_name": _("Guardian's name"),
            "guardian_phone": _("Guardian's phone number"),
            "given_at": _("Given at"),
            "revoked_at": _("Taken back at"),
        },
        _guardians,
        order=11,
    )
)
register(
    Section(
        "notices",
        _("My notices"),
        {
            "at": _("When"),
            "title": _("Title"),
            "text": _("Text"),
            "read_at": _("Read at"),
            "mailed_at": _("Mailed at"),
        },
        _notices,
        order=80,
    )
)
register(Section("copies", _("Copies of my data"), {"at": _("When"), "form": _("Form")}, _copies, order=90))
register(
    Section(
        "closing",
        _("Requests to close my account"),
        {
            "asked_at": _("Asked at"),
            "state": _("State"),
            "due_at": _("To be closed at"),
            "ended_at": _("Ended at"),
        },
        _closings,
        order=91,
    )
)
