"""What can be assessed: a closed vocabulary, so that no indicator can name, count or photograph residents.

Visits, reports about people and the parties of a dispute are not in it, and nobody can type an indicator of
their own (journey J5). A new kind is a change of the code, reviewed as such.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Function(models.TextChoices):
    """The four functions of a micro-grid leader (微网格长的四员)."""

    PUBLICITY = "publicity", pgettext_lazy("leader's function", "Announcer")
    SUPERVISION = "supervision", pgettext_lazy("leader's function", "Supervisor")
    INFORMATION = "information", pgettext_lazy("leader's function", "Informant on public matters")
    COOPERATION = "cooperation", pgettext_lazy("leader's function", "Coordinator")


class Source(models.TextChoices):
    """Where the number of an indicator comes from."""

    FACT = "fact", pgettext_lazy("source of an indicator", "Counted by the system")
    CLAIM = "claim", pgettext_lazy("source of an indicator", "Claimed with evidence")
    RATING = "rating", pgettext_lazy("source of an indicator", "Ratings without names")


class Kind(models.TextChoices):
    """Everything an indicator can be about: the leader's own work and public places, never people."""

    ACTIVITIES_RUN = "activities_run", pgettext_lazy("indicator", "Activities held in the grid")
    MEETINGS_HELD = "meetings_held", pgettext_lazy("indicator", "Residents' meetings held")
    PROMPT_RECORDS = "prompt_records", pgettext_lazy("indicator", "Attendance confirmed in time")
    NOTICE_BOARD = "notice_board", pgettext_lazy("indicator", "Notice board kept up to date")
    FACILITY = "facility", pgettext_lazy("indicator", "Fault of a public facility reported")
    TRAINING = "training", pgettext_lazy("indicator", "Training attended")
    PROPOSAL = "proposal", pgettext_lazy("indicator", "Written proposal for a shared place")
    JOINT_WORK = "joint_work", pgettext_lazy("indicator", "Worked together with another grid or unit")
    RATINGS = "ratings", pgettext_lazy("indicator", "Residents' ratings")


SOURCES: dict[str, Source] = {
    Kind.ACTIVITIES_RUN: Source.FACT,
    Kind.MEETINGS_HELD: Source.FACT,
    Kind.PROMPT_RECORDS: Source.FACT,
    Kind.NOTICE_BOARD: Source.CLAIM,
    Kind.FACILITY: Source.CLAIM,
    Kind.TRAINING: Source.CLAIM,
    Kind.PROPOSAL: Source.CLAIM,
    Kind.JOINT_WORK: Source.CLAIM,
    Kind.RATINGS: Source.RATING,
}
CLAIMED = tuple(kind for kind, source in SOURCES.items() if source == Source.CLAIM)


class Question(models.TextChoices):
    """The short form that residents answer, one to five stars each. There is no free text."""

    REACHABLE = "reachable", _("I know how to reach the leader of my grid.")
    INFORMED = "informed", _("I hear of what concerns our building in good time.")
    HELPFUL = "helpful", _("When I raise something about a shared place, I get an answer.")


STARS = 5
LEAST_ANSWERS = 5
"""Ratings count and are shown from five answers up (journey J5): below that an answer could be guessed."""
LEAST_LEADERS = 5
"""A middle of fewer results would tell a leader the neighbour's."""
