"""The verbs of the rewards room. Other rooms and the demo town call these and nothing else."""

from rewards.services.absence import answer, decide, forfeit_due, mark_absent, withdraw
from rewards.services.aid import aid_of_month, fulfil_aid, issue, open_aid, void
from rewards.services.annulling import annul
from rewards.services.closing import close, close_days
from rewards.services.desk import find_voucher, fulfil, normalise_code
from rewards.services.ending import cancel, cancel_for_closing, expire_due, provider_cancel, remind_due
from rewards.services.forgetting import forget_words
from rewards.services.giving import give, mark_wish, wish
from rewards.services.moving import move
from rewards.services.queue import join, leave
from rewards.services.redeeming import redeem
from rewards.services.settlement import Statement, settle, statement
from rewards.services.slots import WeeklyPlan, add_slots, carry_out, preview
from rewards.services.stock import change_stock

__all__ = [
    "Statement",
    "WeeklyPlan",
    "add_slots",
    "aid_of_month",
    "annul",
    "answer",
    "cancel",
    "cancel_for_closing",
    "carry_out",
    "change_stock",
    "close",
    "close_days",
    "decide",
    "expire_due",
    "find_voucher",
    "forfeit_due",
    "forget_words",
    "fulfil",
    "fulfil_aid",
    "give",
    "issue",
    "join",
    "leave",
    "mark_absent",
    "mark_wish",
    "move",
    "normalise_code",
    "open_aid",
    "preview",
    "provider_cancel",
    "redeem",
    "remind_due",
    "settle",
    "statement",
    "void",
    "wish",
    "withdraw",
]
