"""Refusals about teams."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.refusals import Refusal


class TeamNameTaken(Refusal):
    refusal_code = "team_name_taken"
    sentence = _("There is already a team called “%(name)s” here.")


class UnitElsewhere(Refusal):
    refusal_code = "unit_elsewhere"
    sentence = _("“%(name)s” does not belong to that place, so it cannot guide the team.")


class NotTeamLeader(Refusal):
    refusal_code = "not_team_leader"
    sentence = _("Only a leader of the team can do this.")


class TeamRequestGone(Refusal):
    refusal_code = "team_request_gone"
    sentence = _("This request has already been answered or taken back.")


class NotInTeam(Refusal):
    refusal_code = "not_in_team"
    sentence = _("This person is not in the team.")


class LastLeader(Refusal):
    refusal_code = "last_leader"
    sentence = _("You are the only leader. Make somebody else a leader first, then leave.")
