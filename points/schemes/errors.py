"""What a scheme refuses, and why."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.refusals import Refusal


# --- Single values --------------------------------------------------------------------------------------
class RulesNotAnObject(Refusal):
    refusal_code = "rules_not_an_object"
    sentence = _("“%(key)s” must be a list of names with values, for example notice_days: 3.")


class UnknownRule(Refusal):
    refusal_code = "unknown_rule"
    sentence = _("There is no rule called “%(key)s”.")


class MissingRule(Refusal):
    refusal_code = "missing_rule"
    sentence = _("The rule “%(key)s” is missing.")


class BadRate(Refusal):
    refusal_code = "bad_rate"
    sentence = _(
        "“%(key)s”: “%(value)s” is not an exact number. Write 2, 1/2 or 1.5; nothing can be divided by zero."
    )


class NotWhole(Refusal):
    refusal_code = "not_whole"
    sentence = _("“%(key)s” must be a whole number, not “%(value)s”.")


class NegativeNumber(Refusal):
    refusal_code = "negative_number"
    sentence = _("“%(key)s” cannot be less than zero (%(value)s).")


class NumberOutOfRange(Refusal):
    refusal_code = "number_out_of_range"
    sentence = _("“%(key)s” must lie between %(low)s and %(high)s, not %(value)s.")


class NotYesOrNo(Refusal):
    refusal_code = "not_yes_or_no"
    sentence = _("“%(key)s” is answered with true or false, not “%(value)s”.")


class NotText(Refusal):
    refusal_code = "not_text"
    sentence = _("“%(key)s” must be a text, not “%(value)s”.")


class NotADay(Refusal):
    refusal_code = "not_a_day"
    sentence = _("“%(key)s” must be a day such as 2026-11-25, not “%(value)s”.")


class NotAList(Refusal):
    refusal_code = "not_a_list"
    sentence = _("“%(key)s” must be a list: one line with a dash for each entry.")


class NotOneOf(Refusal):
    refusal_code = "not_one_of"
    sentence = _("“%(key)s” is one of: %(choices)s; not “%(value)s”.")


class BadCode(Refusal):
    refusal_code = "bad_code"
    sentence = _("“%(key)s”: “%(value)s” is not written as it should be.")


# --- Parts together -------------------------------------------------------------------------------------
class UnknownUnit(Refusal):
    refusal_code = "unknown_unit"
    sentence = _("There is no unit “%(unit)s” here. Known units: %(known)s.")


class UnknownFact(Refusal):
    refusal_code = "unknown_fact"
    sentence = _("Nothing is known by the name “%(fact)s”. Add it under facts: with a name for people.")


class UnknownAct(Refusal):
    refusal_code = "unknown_act"
    sentence = _("No line under earning: is about the act “%(act)s”.")


class UnknownLevel(Refusal):
    refusal_code = "unknown_level"
    sentence = _("There is no level “%(level)s” in this ladder.")


class DuplicateId(Refusal):
    refusal_code = "duplicate_id"
    sentence = _("The name “%(id)s” stands twice. Every entry needs its own.")


class OneBasis(Refusal):
    refusal_code = "one_basis"
    sentence = _("“%(id)s” needs exactly one of rate, range and table.")


class OneQuestion(Refusal):
    refusal_code = "one_question"
    sentence = _(
        "A condition asks one thing: a fact with is, holds, or at_least and at_most; or either (“%(fact)s”)."
    )


class OneValidity(Refusal):
    refusal_code = "one_validity"
    sentence = _("Either %(months)s months or until %(until)s, not both.")


class Backwards(Refusal):
    refusal_code = "backwards"
    sentence = _("%(second)s comes before %(first)s. Please exchange them.")


class NotRising(Refusal):
    refusal_code = "not_rising"
    sentence = _("The steps of “%(name)s” must rise from one to the next.")


class ContradictoryCaps(Refusal):
    refusal_code = "contradictory_caps"
    sentence = _(
        "These limits contradict each other: %(narrow)s for %(per)s does not fit into %(wide)s for %(over)s."
    )


class LevelsCycle(Refusal):
    refusal_code = "levels_cycle"
    sentence = _("These levels wait for each other in a circle: %(levels)s.")


class ConversionCycle(Refusal):
    refusal_code = "conversion_cycle"
    sentence = _("These units are converted in a circle: %(units)s.")


class HoursNeverFall(Refusal):
    refusal_code = "hours_never_fall"
    sentence = _("Hours can be shown but never spent. Set spends: false for “%(id)s”, or use a time coin.")


class MeritIsNotSpent(Refusal):
    refusal_code = "merit_is_not_spent"
    sentence = _("“%(unit)s” is a merit: it is shown and ranked, but never spent.")


class OnlyCoinsPass(Refusal):
    refusal_code = "only_coins_pass"
    sentence = _(
        "“%(unit)s” cannot pass from the person helped to the helper: that would be pay. A time coin can."
    )


class TransferToAnybody(Refusal):
    refusal_code = "transfer_to_anybody"
    sentence = _("The transfer “%(id)s” must say to whom: add a condition about the relation.")


# --- Acts and requests ----------------------------------------------------------------------------------
class BeforeCountingStarts(Refusal):
    refusal_code = "before_counting_starts"
    sentence = _("The act of %(day)s is before counting starts on %(since)s.")


# --- Files ----------------------------------------------------------------------------------------------
class NotYaml(Refusal):
    refusal_code = "not_yaml"
    sentence = _("This is not a YAML file: %(reason)s")


class WrittenTwice(Refusal):
    refusal_code = "written_twice"
    sentence = _("“%(key)s” stands twice at the same place.")


# --- Versions -------------------------------------------------------------------------------------------
class RetroactiveVersion(Refusal):
    refusal_code = "retroactive_version"
    sentence = _(
        "New rules never change the past: service has already been recorded under this scheme, so a new "
        "version starts today or later, not on %(day)s."
    )


class OverlappingVersion(Refusal):
    refusal_code = "overlapping_version"
    sentence = _("Version %(number)s already starts on %(day)s. A new version must start after it.")


class NoGrid(Refusal):
    refusal_code = "no_grid"
    sentence = _("There is no grid unit with the code “%(code)s”.")


class GridTaken(Refusal):
    refusal_code = "grid_taken"
    sentence = _("“%(grid)s” already has a scheme: “%(scheme)s”.")
