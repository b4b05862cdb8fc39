"""What the rewards room erases when somebody closes the account (J6)."""

from __future__ import annotations

from django.db import transaction

from points.people.models import User
from rewards.models import NoShow, Waiting, Wish


@transaction.atomic
def forget_words(member: User) -> None:
    """Erase wishes, places in queues, and what the person wrote about missed appointments."""
    Wish.objects.filter(member=member).delete()
    Waiting.objects.filter(member=member).delete()
    NoShow.objects.filter(redemption__member=member).update(answer="")
