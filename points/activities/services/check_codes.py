"""The code on the organiser's screen: six digits to type, and a QR to scan, of the same half minute.

Both are made from the shift's secret and the window (HMAC-SHA256), so a photograph of the screen is
worthless a minute later. The windows before and after also count, because people type slowly. The QR is an
address of the site with the shift and 96 bits of proof; whose phone opens it must sign in. Only the server's
clock counts.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
import unicodedata

from points import clock
from points.activities import errors
from points.activities.models import Shift

WINDOW_SECONDS = 30
NEIGHBOURS = (-1, 0, 1)
JUST_EXPIRED_WINDOWS = 60
PROOF_BYTES = 12
TOKEN = re.compile(r"(?:^|/)(?P<shift>[0-9]{1,18})-(?P<proof>[A-Za-z0-9_-]{16})/?$")


def window_of(at: dt.datetime) -> int:
    return int(at.timestamp()) // WINDOW_SECONDS


def seconds_left(at: dt.datetime | None = None) -> int:
    """How long the code on the screen still stands, in seconds (1–30)."""
    return WINDOW_SECONDS - int((at or clock.now()).timestamp()) % WINDOW_SECONDS


def code_of_window(shift: Shift, window: int) -> str:
    digest = hmac.new(shift.secret.encode(), f"{shift.pk}:{window}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def proof_of_window(shift: Shift, window: int) -> str:
    """What the QR proves: 96 bits as 16 characters that may stand in an address."""
    digest = hmac.new(shift.secret.encode(), f"qr:{shift.pk}:{window}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:PROOF_BYTES]).decode()


def check_code(shift: Shift, at: dt.datetime | None = None) -> str:
    """The six digits to show now."""
    return code_of_window(shift, window_of(at or clock.now()))


def check_token(shift: Shift, at: dt.datetime | None = None) -> str:
    """What stands at the end of the QR's address now."""
    return f"{shift.pk}-{proof_of_window(shift, window_of(at or clock.now()))}"


def matches(shift: Shift, typed: str, at: dt.datetime) -> bool:
    """True if `typed` is the code of this half minute or of a neighbour."""
    window = window_of(at)
    return any(hmac.compare_digest(code_of_window(shift, window + step), typed) for step in NEIGHBOURS)


def just_expired(shift: Shift, typed: str, at: dt.datetime) -> bool:
    """True if `typed` was the code within the last half hour."""
    window = window_of(at)
    return any(code_of_window(shift, window - step) == typed for step in range(2, JUST_EXPIRED_WINDOWS + 1))


def clean_code(typed: str) -> str:
    """Digits only; full-width digits (１２３) and spaces are people's ways of typing the same."""
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(character for character in plain if character.isascii() and character.isdigit())


def is_token(text: str) -> bool:
    """Whether this is a scanned address (or its end) and not six typed digits."""
    return TOKEN.search(text.strip()) is not None


def scanned_shift(text: str, at: dt.datetime | None = None) -> Shift:
    """The shift whose QR stands on the organiser's screen now. Raises WrongQr, QrExpired."""
    found = TOKEN.search(text.strip())
    shift = Shift.objects.select_related("activity").filter(pk=int(found["shift"])).first() if found else None
    if found is None or shift is None:
        raise errors.WrongQr
    window, proof = window_of(at or clock.now()), found["proof"]
    if any(hmac.compare_digest(proof_of_window(shift, window + step), proof) for step in NEIGHBOURS):
        return shift
    if any(proof_of_window(shift, window - step) == proof for step in range(2, JUST_EXPIRED_WINDOWS + 1)):
        raise errors.QrExpired
    raise errors.WrongQr
