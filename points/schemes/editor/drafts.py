"""From a draft to a version in force: begin, change, submit; approve, or send back.

Approval goes through `points.grids.approvals`: the request carries the complete rules and the day, so that
what is approved is what was read, whatever happens to the draft.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from points import clock
from points.grids import approvals, policies
from points.grids.errors import NotAllowed
from points.grids.evidence import Paper
from points.grids.models import ApprovalRequest
from points.grids.policies import Action
from points.people.models import User
from points.schemes.editor import errors
from points.schemes.editor.plain import difference, plain_words
from points.schemes.errors import OverlappingVersion
from points.schemes.models import Scheme, SchemeDraft, SchemeVersion
from points.schemes.parts.codec import Problem
from points.schemes.parts.scheme import Rules
from points.schemes.services import publish_version

KIND = "scheme_version"
MANAGE = Action.MANAGE_SCHEMES


# --- Writing --------------------------------------------------------------------------------------------
@transaction.atomic
def begin_draft(
    scheme: Scheme, *, by: User, source: SchemeVersion | SchemeDraft | None = None
) -> SchemeDraft:
    """A draft with the rules of `source`, or of the newest version. Refuses with not_allowed."""
    if not policies.can(by, MANAGE, scheme.grid):
        raise NotAllowed()
    newest = scheme.versions.order_by("-effective_from").first()
    source = source or newest
    rules = Rules.from_dict(source.rules).to_dict() if isinstance(source, SchemeVersion) else {}
    if isinstance(source, SchemeDraft):
        rules = source.rules
    return SchemeDraft.objects.create(scheme=scheme, based_on=newest, rules=rules, made_by=by)


@transaction.atomic
def change_draft(
    draft: SchemeDraft,
    *,
    by: User,
    revision: int,
    rules: Mapping[str, Any] | None = None,
    effective_from: dt.date | None = None,
    note: str | None = None,
) -> SchemeDraft:
    """Keep new rules, a new day or a new note. `revision` is the one the person had before the eyes.

    Refuses with not_allowed, draft_closed, draft_changed.
    """
    draft = _open(draft, by)
    if draft.revision != revision:
        raise errors.DraftChanged()
    if rules is not None:
        draft.rules = dict(rules)
    if note is not None:
        draft.effective_from = effective_from
        draft.note = note.strip()[:300]
    draft.revision += 1
    draft.changed_at = clock.now()
    draft.save()
    return draft


@transaction.atomic
def discard_draft(draft: SchemeDraft, *, by: User) -> None:
    """Throw a draft away. What was once submitted stays readable in its request."""
    _open(draft, by).delete()


def problems_of(draft: SchemeDraft) -> tuple[Rules | None, list[Problem]]:
    """The rules of the draft, or everything that is wrong with them."""
    return Rules.examine(draft.rules)


def _open(draft: SchemeDraft, by: User) -> SchemeDraft:
    found = (
        SchemeDraft.objects.select_for_update(of=("self",), no_key=True)
        .select_related("scheme__grid", "request")
        .get(pk=draft.pk)
    )
    if not policies.can(by, MANAGE, found.scheme.grid):
        raise NotAllowed()
    if not found.can_change:
        raise errors.DraftClosed()
    return found


# --- Submitting -----------------------------------------------------------------------------------------
@transaction.atomic
def submit_draft(
    draft: SchemeDraft, *, by: User, files: Sequence[UploadedFile | Paper], note: str | None = None
) -> ApprovalRequest:
    """Ask a second person to put the draft in force; the evidence is the published notice.

    Refuses with draft_closed, draft_wrong, day_missing, day_past, nothing_changed, overlapping_version, and
    whatever `request_approval` refuses.
    """
    draft = _open(draft, by)
    rules, problems = problems_of(draft)
    if rules is None:
        raise errors.DraftWrong(why=problems[0].refusal.as_text())
    if draft.effective_from is None:
        raise errors.DayMissing()
    if note is not None:
        draft.note = note.strip()[:300]
    scheme = draft.scheme
    number = (scheme.versions.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    payload = {
        "scheme": scheme.code,
        "draft": draft.pk,
        "rules": rules.to_dict(),
        "effective_from": draft.effective_from.isoformat(),
        "note": draft.note,
    }
    request = approvals.request_approval(
        KIND,
        subject=f"scheme:{scheme.code}",
        grid=scheme.grid,
        payload=payload,
        summary="new",
        params={"scheme": scheme.name, "number": number, "day": draft.effective_from.isoformat()},
        by=by,
        files=files,
    )
    draft.request = request
    draft.save()
    return request


def _check(request: ApprovalRequest) -> None:
    """What could never be approved is refused when it is submitted."""
    scheme, day = _scheme(request), _day(request)
    newest = scheme.versions.order_by("-effective_from").first()
    if newest is None:
        return
    if day <= newest.effective_from:
        raise OverlappingVersion(number=newest.number, day=newest.effective_from.isoformat())
    if day < clock.today():
        raise errors.DayPast(day=day.isoformat())
    if Rules.from_dict(newest.rules).to_dict() == request.payload["rules"]:
        raise errors.NothingChanged()


def put_in_force(request: ApprovalRequest, by: User) -> str:
    """The approved rules become the next version of their scheme."""
    version = publish_version(
        _scheme(request), rules=request.payload["rules"], effective_from=_day(request), by=by
    )
    SchemeDraft.objects.filter(pk=request.payload.get("draft"), request=request).update(version=version)
    return f"scheme_version:{version.label}"


def _scheme(request: ApprovalRequest) -> Scheme:
    return Scheme.objects.select_related("grid").get(code=request.payload["scheme"])


def _day(request: ApprovalRequest) -> dt.date:
    return dt.date.fromisoformat(request.payload["effective_from"])


def _details(request: ApprovalRequest) -> list[tuple[str, str]]:
    """The sentences that come and go, for whoever decides."""
    scheme = _scheme(request)
    before = scheme.versions.filter(effective_from__lt=_day(request)).order_by("-effective_from").first()
    new = Rules.from_dict(request.payload["rules"])
    found = []
    if request.payload.get("note"):
        found.append((gettext("What changes, and why"), str(request.payload["note"])))
    if before is None:
        return [*found, (gettext("The rules in plain words"), "\n".join(plain_words(new)))]
    gone, come = difference(Rules.from_dict(before.rules), new)
    none = gettext("Nothing that is said in words")
    found.append((pgettext("scheme change", "No longer true"), "\n".join(gone) or none))
    found.append((pgettext("scheme change", "New"), "\n".join(come) or none))
    return found


def _url(request: ApprovalRequest) -> str:
    draft = SchemeDraft.objects.filter(pk=request.payload.get("draft"), request=request).first()
    return reverse("scheme_editor:draft", args=[draft.pk]) if draft else ""


def register() -> None:
    """Called once, when the room is ready."""
    approvals.register(
        approvals.Kind(
            code=KIND,
            label=_("New rules of a scheme"),
            sentences={"new": _("“%(scheme)s”: version %(number)s, in force from %(day)s")},
            maker_action=MANAGE,
            checker_action=MANAGE,
            approve=put_in_force,
            check=_check,
            details=_details,
            url=_url,
            # Only administrators manage schemes: two persons, not two roles.
            other_role=False,
            days=30,
        )
    )
