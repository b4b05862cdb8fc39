"""Phone numbers as people type them, and the one form in which we keep them."""

from __future__ import annotations

import re
import unicodedata

PHONE = re.compile(r"^\+?\d{6,15}$")
_SEPARATORS = re.compile(r"[\s\-‐-―().·]+")


def normalise_phone(text: str) -> str:
    """`+86 138-0000-1234`, `１３８００００１２３４`, `0086 138…` → `13800001234`; foreign numbers keep `+`.

    Returns the text without separators when it is not a phone number; `is_phone` tells.
    """
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text or ""))
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    mainland = plain.removeprefix("+86")
    if mainland != plain or (plain.startswith("86") and len(plain) == 13):
        mainland = mainland.removeprefix("86") if mainland == plain else mainland
        if re.fullmatch(r"1\d{10}|\d{6,12}", mainland):
            return mainland
    return plain


def is_phone(text: str) -> bool:
    """Whether a normalised text can be a phone number."""
    return bool(PHONE.match(text))
