"""A leader signs up several of the team at once: everybody, or those who fit, said for each person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from points.activities import errors, notices
from points.activities.models import Position, Registration
from points.activities.services.registration import sign_up
from points.activities.services.seats import lock_position
from points.grids import teams
from points.grids.errors_teams import NotInTeam, NotTeamLeader
from points.grids.models import Team, TeamMember
from points.people.models import User
from points.people.notices import notify
from points.refusals import Refusal


@dataclass
class TeamSignup:
    """What one press did: who has a seat, and why others have none."""

    done: list[Registration] = field(default_factory=list)
    refused: list[tuple[User, Refusal]] = field(default_factory=list)


def sign_up_team(
    position: Position, *, team: Team, people: Iterable[User], by: User, all_or_none: bool = False
) -> TeamSignup:
    """Give seats to the chosen members who agreed to it, in one transaction; each is told.

    `all_or_none`: if one does not fit, nobody gets a seat. Raises NotTeamLeader, NobodyChosen.
    """
    wanted = sorted({person.pk: person for person in people}.values(), key=lambda person: person.pk)
    if not wanted:
        raise errors.NobodyChosen
    result = TeamSignup()
    with transaction.atomic():
        lock_position(position.pk)  # once, before anybody: persons follow in the order of their keys
        if not teams.leads(by, team):
            raise NotTeamLeader
        members = {
            each.user_id: each
            for each in TeamMember.objects.filter(team=team, user__in=wanted, state=TeamMember.State.MEMBER)
        }
        for person in wanted:
            try:
                with transaction.atomic():
                    result.done.append(seat_for(position, person, members.get(person.pk), by=by))
            except Refusal as refusal:
                result.refused.append((person, refusal))
        if all_or_none and result.refused:
            result.done = []
            transaction.set_rollback(True)
            return result
        for registration in result.done:
            tell(registration, team, by)
    return result


def seat_for(position: Position, person: User, member: TeamMember | None, *, by: User) -> Registration:
    if member is None:
        raise NotInTeam
    if person.pk != by.pk and not member.may_sign_me_up:
        raise errors.MemberNotAgreed
    return sign_up(position, volunteer=person, by=by)


def tell(registration: Registration, team: Team, by: User) -> None:
    if registration.volunteer_id == by.pk:
        return
    shift = registration.shift
    notify(
        [registration.volunteer],
        notices.SIGNED_UP_BY_LEADER,
        key=f"registration:{registration.pk}",
        url=shift.activity.get_absolute_url(),
        activity=shift.activity.title,
        starts_at=shift.starts_at,
        position=registration.position.name,
        team=team.name,
    )
