"""Evidence beside a request: papers and pictures, believed by their content and kept in private.

What a file is called and what a browser says it is count for nothing: a picture must open as one and is
written anew, without the camera's notes (place, device, time); a PDF must begin and end as one. Stored names
are random; the name the person gave is kept beside it, for people only.
"""

from __future__ import annotations

import hashlib
import io
import re
import secrets
import unicodedata
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from PIL import Image, ImageOps

from points import clock
from points.grids import errors
from points.grids.models import ApprovalEvidence, ApprovalRequest, FileRead
from points.people.models import User

LARGEST = 5 * 1024 * 1024
MOST_FILES = 5
PDF = "application/pdf"
PICTURES = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png"), "WEBP": ("image/webp", "webp")}
_UNWANTED = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")


@dataclass(frozen=True, slots=True)
class Paper:
    """One file, checked: what will be stored."""

    name: str
    content_type: str
    ending: str
    data: bytes


def check(name: str, data: bytes) -> Paper:
    """The file as it will be kept. Refuses with evidence_too_large, evidence_unreadable."""
    shown = plain_name(name)
    if len(data) > LARGEST:
        raise errors.EvidenceTooLarge(name=shown, limit=LARGEST // 1024 // 1024)
    if data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]:
        return Paper(shown, PDF, "pdf", data)
    return _picture(shown, data)


def check_all(files: Sequence[UploadedFile | Paper]) -> list[Paper]:
    """All files of one request; refuses like `check`, and with evidence_too_many. Too large is never read."""
    if len(files) > MOST_FILES:
        raise errors.EvidenceTooMany(limit=MOST_FILES)
    papers = []
    for file in files:
        if isinstance(file, Paper):
            papers.append(check(file.name, file.data))
            continue
        if (file.size or 0) > LARGEST:
            raise errors.EvidenceTooLarge(name=plain_name(file.name or ""), limit=LARGEST // 1024 // 1024)
        file.seek(0)
        papers.append(check(file.name or "", file.read()))
    return papers


def plain_name(name: str) -> str:
    """A file name that is safe to show and to send in a header."""
    text = _UNWANTED.sub(" ", unicodedata.normalize("NFC", name)).strip(" .")
    return text[-100:] or "file"


def keep(request: ApprovalRequest, papers: Sequence[Paper]) -> list[ApprovalEvidence]:
    """Store checked files beside a request."""
    return keep_as(partial(ApprovalEvidence, request=request), papers)


def keep_as(new_row: Callable[..., Any], papers: Sequence[Paper]) -> list[Any]:
    """Store checked files as rows of `new_row`; what was written is removed again when one fails."""
    kept: list[Any] = []
    try:
        for paper in papers:
            row = new_row(
                name=paper.name,
                content_type=paper.content_type,
                size=len(paper.data),
                sha256=hashlib.sha256(paper.data).hexdigest(),
            )
            row.file.save(f"{secrets.token_hex(16)}.{paper.ending}", ContentFile(paper.data), save=False)
            kept.append(row)
            row.save(force_insert=True)
    except Exception:
        for row in kept:
            row.file.delete(save=False)
        raise
    return kept


def hand_out(file: FieldFile, *, what: str, name: str, content_type: str, by: User) -> FileResponse:
    """One private file for somebody whose right the caller has checked; the reading is noted (law L-A24).

    Pictures are shown, anything else is saved. 404 when the file is gone.
    """
    try:
        opened = file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    FileRead.objects.create(by=by, at=clock.now(), what=what)
    answer = FileResponse(opened, content_type=content_type, as_attachment=content_type == PDF, filename=name)
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _picture(name: str, data: bytes) -> Paper:
    """The picture upright, without anything the camera wrote beside it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=tuple(PICTURES)) as opened:
                form = opened.format or ""
                content_type, ending = PICTURES[form]
                plain = ImageOps.exif_transpose(opened)
                plain.load()
            if form == "JPEG" or plain.mode not in ("RGB", "RGBA", "L", "LA"):
                plain = plain.convert("RGB" if form == "JPEG" else "RGBA")
            plain.info.clear()
            out = io.BytesIO()
            plain.save(out, format=form, **({} if form == "PNG" else {"quality": 88}))
    except (OSError, ValueError, SyntaxError, KeyError, Image.DecompressionBombError, Warning) as error:
        raise errors.EvidenceUnreadable(name=name) from error
    return Paper(name, content_type, ending, out.getvalue())
