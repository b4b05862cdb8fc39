"""The codes on vouchers: twelve characters to type, and a signature that only the QR code carries.

Typed, a code has 60 bits and wrong ones are counted at the desk. The picture adds a signature of 96 bits, so
that nobody draws a QR code of their own for a code they have guessed or overheard.
"""

from __future__ import annotations

import base64
import secrets

from django.utils.crypto import constant_time_compare, salted_hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U to misread."""
CODE_LENGTH = 12
SIGNATURE_BYTES = 12
SALT = "rewards.voucher"


def random_voucher_code() -> str:
    """Twelve Crockford characters: 60 bits."""
    return "".join(secrets.choice(ALPHABET) for _unused in range(CODE_LENGTH))


def grouped(code: str) -> str:
    """`7K4M Q2WD 9XPA`: easier to read aloud."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def signature(code: str) -> str:
    """The signature that belongs to a code: 16 characters, 96 bits."""
    digest = salted_hmac(SALT, code, algorithm="sha256").digest()[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(digest).decode()


def is_signed(code: str, given: str) -> bool:
    """Whether `given` is the signature of `code`."""
    return constant_time_compare(given, signature(code))


def qr_text(address: str, code: str) -> str:
    """What a voucher's QR code says: the address of the desk's page with the code and its signature."""
    return f"{address}?code={code}&s={signature(code)}"
