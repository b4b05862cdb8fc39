"""The member card: a number to read out and a code to scan, on a screen or on paper.

The code is the member number, the card's serial and 80 bits of signature; it opens nothing by itself, and
only whoever keeps a roster can read it. A lost card is replaced: the serial grows, and the old code is dead.
"""

from __future__ import annotations

import hmac
import re

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from points.people.errors import CardReplaced, CardUnknown, NotYours
from points.people.models import CROCKFORD, User

SALT = "points.people.cards"
SIGNATURE_LETTERS = 16
CARD = re.compile(r"^JD-(?P<number>[0-9A-Z]{1,12})-(?P<serial>[0-9]{1,6})-(?P<proof>[0-9A-Z]{16})$")


def is_card(text: str) -> bool:
    """Whether this was scanned from a card (and not a typed number, phone or user name)."""
    return CARD.match(text.strip().upper()) is not None


def card_code(user: User) -> str:
    """What the card's QR says: capital letters and digits only, so that it stays small."""
    return f"JD-{user.number}-{user.card_serial}-{_proof(user.number, user.card_serial)}".upper()


def person_of_card(text: str) -> User:
    """The active person whose card this is. Raises CardUnknown, CardReplaced (an old card)."""
    found = CARD.match(text.strip().upper())
    if found is None:
        raise CardUnknown()
    number, serial = found["number"].lower(), int(found["serial"])
    is_ours = any(
        hmac.compare_digest(_proof(number, serial, secret).upper(), found["proof"])
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    )
    user = User.objects.filter(number=number, is_active=True).first() if is_ours else None
    if user is None:
        raise CardUnknown()
    if user.card_serial != serial:
        raise CardReplaced()
    return user


@transaction.atomic
def renew_card(user: User, *, by: User) -> User:
    """A new card; the old one is dead from now on. Raises NotYours: only the person does this."""
    if by.pk != user.pk:
        raise NotYours()
    User.objects.filter(pk=user.pk).update(card_serial=F("card_serial") + 1)
    user.refresh_from_db(fields=["card_serial"])
    return user


def _proof(number: str, serial: int, secret: str | None = None) -> str:
    made = salted_hmac(SALT, f"{number}:{serial}", secret=secret, algorithm="sha256")
    bits = int.from_bytes(made.digest()[:10], "big")
    return "".join(CROCKFORD[bits >> 5 * place & 31] for place in range(SIGNATURE_LETTERS))
