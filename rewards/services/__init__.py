"""The verbs of the rewards room. Other rooms and the demo town call these and nothing else."""

from rewards.services.desk import find_voucher, fulfil, normalise_code
from rewards.services.ending import cancel, cancel_for_closing, expire_due, provider_cancel
from rewards.services.redeeming import redeem
from rewards.services.settlement import Statement, settle, statement
from rewards.services.slots import add_slots

__all__ = [
    "Statement",
    "add_slots",
    "cancel",
    "cancel_for_closing",
    "expire_due",
    "find_voucher",
    "fulfil",
    "normalise_code",
    "provider_cancel",
    "redeem",
    "settle",
    "statement",
]
