"""What teams tell people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from points.people.notices import NoticeKind, Topic, register

TEAM_ASKED = register(
    NoticeKind(
        code="team_asked",
        topic=Topic.TEAMS,
        title=_("Somebody wants to join “%(team)s”"),
        body=_("Somebody asks to join. Please answer on the team's page."),
    )
)
TEAM_TAKEN_IN = register(
    NoticeKind(
        code="team_taken_in",
        topic=Topic.TEAMS,
        title=_("You are in “%(team)s”"),
        body=_("You have been taken in. On the team's page you can let the leader sign you up."),
    )
)
TEAM_REFUSED = register(
    NoticeKind(
        code="team_refused",
        topic=Topic.TEAMS,
        title=_("“%(team)s” has not taken you in"),
        body=_("There are other teams, and every activity is open to you without one."),
    )
)
