"""The sentence of every code that a rule can answer with. Codes are stored in records: never rename one.

Written for a reader in the seventh grade: what happened, what the rule says, what follows.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

FIRST_FORM: dict[str, Any] = {
    "rate": ngettext_lazy(
        "%(minutes)s minutes × %(rate)s beans per hour × %(factor)s = %(beans)s bean",
        "%(minutes)s minutes × %(rate)s beans per hour × %(factor)s = %(beans)s beans",
        "beans",
    ),
    "supplemented": _("Entered later from paper: the hours count, but earn no beans."),
    "too_short": _(
        "%(minutes)s of %(planned)s planned minutes: below %(percent)s%% the hours count, but earn no beans."
    ),
    "cap": ngettext_lazy(
        "Daily cap of %(cap)s beans: %(left)s bean left that day.",
        "Daily cap of %(cap)s beans: %(left)s beans left that day.",
        "left",
    ),
    "cap_reached": _("Daily cap of %(cap)s beans: already reached that day."),
}
"""Lines stored before rules were made of parts."""

AWARD: dict[str, Any] = {
    "by_hours": _("You served %(time)s. The rule gives %(rate)s for %(per)s, so that makes %(points)s."),
    "by_counted_hours": _("%(time)s count. The rule gives %(rate)s for %(per)s, so that makes %(points)s."),
    "by_times": _("You did this %(times)s times. Each time gives %(rate)s, so that makes %(points)s."),
    "by_once": _("You did this once. The rule gives %(points)s for it."),
    "by_quantity": _(
        "%(quantity)s was counted (%(measure)s). The rule gives %(rate)s for every %(per)s: %(points)s."
    ),
    "by_table": _("%(quantity)s was counted (%(measure)s). From %(start)s on the rule gives %(points)s."),
    "by_score": _("The reviewer chose %(score)s out of %(low)s to %(high)s: %(points)s."),
    "below_minimum": _("It counts from %(least)s on (%(measure)s). This was %(quantity)s, so no points."),
    "coefficient": _(
        "This kind (%(fact)s: %(value)s) counts %(factor)s times: %(before)s become %(points)s."
    ),
    "streak": _("This was number %(count)s in a row. Every %(every)s in a row give %(extra)s more."),
    "deadline": _("Done by %(until)s it counts %(factor)s times: %(points)s."),
    "after_deadlines": _("The last day for this was %(until)s. It was done later, so it gives no points."),
    "claimed_late": _(
        "It must be reported within %(days)s days. It was reported after %(late)s days, so no points."
    ),
    "before_counting_starts": _("It was done on %(day)s, but counting starts on %(since)s. So no points."),
    "after_counting_ends": _("It was done on %(day)s, but counting ended on %(until)s. So no points."),
    "not_in_catalogue": _("These rules give no points for this."),
    "condition_not_met": _("The rule asks: %(condition)s. That is not so here, so no points."),
    "hours_class": _("These hours are “%(name)s”. They count as hours, but give no points."),
    "hours_class_factor": _("These hours are “%(name)s”. They count %(factor)s times: %(points)s."),
    "voided": _("Because of “%(fact)s” this activity gives no points."),
    "stayed_too_short": _(
        "You stayed %(time)s of %(planned)s planned. Below %(percent)s%% hours count, but give no points."
    ),
    "minutes_counted": _("For the points your %(time)s count as %(counted)s. Your real time stays recorded."),
    "minutes_limit": _(
        "At most %(most)s count for %(period)s. %(left)s are left, so %(counted)s count for points."
    ),
    "points_limit": _("At most %(most)s for %(period)s. %(left)s were left, so you get %(points)s."),
    "limit_reached": _("At most %(most)s for %(period)s. That was reached before, so nothing is added."),
    "limit_lifted": _("At most %(most)s for %(period)s, but a written decision lifts that limit here."),
    "rounded": _("Only whole points are paid: %(before)s become %(points)s."),
    "rounded_running": _(
        "Parts of points are kept and added up: with the earlier ones you get %(points)s now."
    ),
    "overflow": _("You can hold at most %(most)s. %(over)s go to “%(place)s”."),
    "overflow_dropped": _(
        "You can hold at most %(most)s. %(over)s more are not paid out. Hours still count."
    ),
    "not_service": _("This is a thank-you for something that is not volunteer service: no hours for it."),
}

DECISION: dict[str, Any] = {
    "allowed": _("This is possible. It takes %(points)s."),
    "allowed_shown": _("This is possible. %(points)s are shown, nothing is taken."),
    "allowed_benefit": _("This is possible: %(choice)s, worth %(yuan)s yuan."),
    "allowed_return": _("The goods are taken back and %(points)s come back."),
    "allowed_collect": _("The voucher is valid until %(until)s."),
    "rest_outside": _("The other %(yuan)s yuan are between you and the shop; they are no matter of points."),
    "also_takes": _("It also takes %(points)s."),
    "goes_to_helper": _("%(points)s go to the person who helps, when the help is confirmed."),
    "use_not_offered": _("These rules do not offer this."),
    "no_cash": _("Points are a thank-you and are never paid out in money."),
    "wrong_account": _("This cannot be done from this kind of account (%(account)s)."),
    "wrong_bucket": _("These points can only be given away."),
    "condition_not_met_use": _("The rule asks: %(condition)s. That is not so here."),
    "closed_today": _("It is closed on %(day)s. The next open day is %(next)s."),
    "closed_for_good": _("It is closed on %(day)s."),
    "closed_now": _("It is closed at %(clock)s. Open: %(hours)s."),
    "below_least": _("At least %(least)s are needed at a time."),
    "not_in_steps": _("Only multiples of %(step)s can be used."),
    "quota_used_up": _("At most %(most)s (%(counted)s) in %(period)s. %(used)s are used."),
    "not_enough": _("%(points)s are needed; %(left)s can be used."),
    "not_enough_also": _("%(points)s are needed as well; there are %(left)s."),
    "nothing_new_here": _("At this shop %(left)s can be shown. The others were shown here before."),
    "rate_outside": _("The shop's rate must lie between %(low)s and %(high)s yuan."),
    "no_benefit_yet": _("The first step is %(start)s; this is %(have)s."),
    "not_among_choices": _("Choose one of: %(choices)s."),
    "no_refund": _("What was exchanged cannot be given back for points."),
    "voucher_lapsed": _("The voucher was valid until %(until)s."),
    "price_missing": _("A price is needed: points or yuan."),
    "no_voucher": _("There is no voucher for this."),
}

LEVEL: dict[str, Any] = {
    "level_reached": _("“%(name)s”: %(needs)s are reached."),
    "no_level_yet": _("No level yet."),
    "level_next": _("For “%(name)s” are still missing: %(missing)s."),
    "level_kept": _("“%(name)s” was reached before and stays."),
    "prize": _("%(prize)s: %(count)s times so far (for every %(every)s)."),
    "counter_reached": _("%(name)s: %(count)s in %(period)s, and %(threshold)s are enough. %(effect)s"),
    "counter_below": _("%(name)s: %(count)s in %(period)s. From %(threshold)s on: %(effect)s"),
    "expires": _("Can be used until %(day)s."),
    "expires_never": _("Never lapses."),
    "ranked": _("Place %(place)s with %(score)s."),
    "ranked_role": _("Place %(place)s among “%(role)s” with %(score)s."),
}

SENTENCES: dict[str, Any] = FIRST_FORM | AWARD | DECISION | LEVEL
