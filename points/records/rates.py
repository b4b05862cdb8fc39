"""How often one address may ask. Kept in the cache: forgotten after a minute, and no list of visitors."""

from __future__ import annotations

import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

PER_MINUTE = 20


def is_too_often(request: HttpRequest, what: str, *, limit: int = PER_MINUTE) -> bool:
    """Whether this address has asked more than `limit` times in the present minute; counts this time."""
    address = salted_hmac("points.records.rates", get_adapter().get_client_ip(request)).hexdigest()[:20]
    key = f"rate:{what}:{address}:{int(time.time()) // 60}"
    cache.add(key, 0, timeout=120)
    try:
        return cache.incr(key) > limit
    except ValueError:  # it went out of the cache between the two
        return False
