"""Who may call which address: the table that `tests/test_rights.py` holds the product to.

Every address of ours has one row: for which people it answers, with which arguments, and what is sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# --- The people -----------------------------------------------------------------------------------------
NOBODY: frozenset[str] = frozenset()
ANONYMOUS = "anonymous"
NEAR = frozenset({"organiser", "worker", "admin"})
FAR = frozenset({"far_organiser", "far_worker", "far_admin"})
VOLUNTEERS = frozenset({"member", "stranger"})
LEADERS = frozenset({"leader", "far_leader"})
"""Leaders of a micro-grid each: they organise there, and are assessed."""
DESKS = frozenset({"desk", "far_desk"})
TOWN = frozenset({"auditor", "superuser"})
OFFICE = NEAR | FAR | TOWN
"""Who may enter the back office."""
SIGNED_IN = VOLUNTEERS | LEADERS | DESKS | OFFICE
EVERYBODY = SIGNED_IN | {ANONYMOUS}

ORGANISERS = frozenset({"organiser", "worker", "admin", "superuser"})
MANAGERS = frozenset({"worker", "admin", "superuser"})
ADMINS = frozenset({"admin", "superuser"})
WHOLE_TOWN = frozenset({"superuser"})
READERS = frozenset({"organiser", "worker", "admin", "auditor", "superuser"})
AUDITORS = frozenset({"auditor", "admin", "superuser"})
ASSESSORS = frozenset({"worker", "admin", "auditor", "superuser"})
LEADER = frozenset({"leader"})
FAR_TOO = {"organiser": "far_organiser", "worker": "far_worker", "admin": "far_admin", "desk": "far_desk"}


def anywhere(people: frozenset[str]) -> frozenset[str]:
    """The same roles wherever they are held: for lists, which show everybody their own part."""
    return people | {FAR_TOO[who] for who in people if who in FAR_TOO}


# --- The table ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Right:
    """Who may use an address. Everybody else gets 404 (anonymous people the sign-in, volunteers 403 in the
    back office)."""

    may: frozenset[str]
    args: str = ""
    post: str | None = None
    no: dict[str, str] = field(default_factory=dict)
    """What particular people get instead."""
    mine: bool = False
    """A list of which everybody sees their own part: nothing of the first community for far people."""


def seen_by(people: frozenset[str], args: str = "", **more: Any) -> Right:
    return Right(people, args, **more)


def sent_by(people: frozenset[str], args: str = "", data: str = "", **more: Any) -> Right:
    """An address that takes POST only."""
    return Right(people, args, post=data, **more)


def viewset(
    args: str, view: frozenset[str], write: frozenset[str] = NOBODY, allowed: str = "", inspect: bool = True
):
    """The addresses of one scoped viewset. `allowed`: which of add, change, delete exist for anybody."""
    add = anywhere(write) if "add" in allowed else NOBODY
    change = write if "change" in allowed else NOBODY
    delete = write if "delete" in allowed else NOBODY
    rows = {
        "index": Right(anywhere(view), mine=True),
        "index_results": Right(anywhere(view), mine=True),
        "add": Right(add),
        "edit": Right(change, args),
        "delete": Right(delete, args),
        "history": Right(view, args),
        "history_results": Right(view, args),
        "usage": Right(change, args),
    }
    return rows | ({"inspect": Right(view, args)} if inspect else {})


VIEWSETS = {
    "gridunit": viewset("grid", READERS, ADMINS, "add change"),
    "organization": viewset("organization", READERS, MANAGERS, "add change delete"),
    "servicepoint": viewset("servicepoint", READERS, MANAGERS, "add change delete"),
    "roleassignment": viewset("role", MANAGERS, MANAGERS, "add delete"),
    "person": viewset("member", MANAGERS, MANAGERS, "change"),
    "reward": viewset("reward", MANAGERS, MANAGERS, "add change delete", inspect=False),
    "slot": viewset("slot", MANAGERS, MANAGERS, "add change delete", inspect=False),
    "provider": viewset("provider", MANAGERS, MANAGERS, "add change delete", inspect=False),
    "providerstaff": viewset("staff", MANAGERS, MANAGERS, "add change delete", inspect=False),
    "redemption": viewset("redemption", MANAGERS),
    "rewardoption": viewset("option", MANAGERS, MANAGERS, "add change", inspect=False),
    "openingspan": viewset("span", MANAGERS, MANAGERS, "add change delete", inspect=False),
    "refusedscan": viewset("refused_scan", AUDITORS, inspect=False),
    "service_record": viewset("record", READERS),
    "scheme_version": viewset("scheme_version", READERS),
    "activity": viewset("activity_pk", READERS, ORGANISERS, "change"),
    "objection": viewset("objection", READERS, inspect=False),
    "certificate": viewset("certificate_pk", READERS, inspect=False),
    "supplement": viewset("supplement", READERS, inspect=False),
    "training_record": viewset("training", READERS, ORGANISERS, "add", inspect=False),
    "commendation": viewset("commendation", READERS, ORGANISERS, "add", inspect=False),
    "evaluation": viewset("evaluation", READERS, ORGANISERS, "add", inspect=False),
    "supplement_limit": viewset("supplement_limit", ADMINS, ADMINS, "add change delete", inspect=False),
    "work_day": viewset("work_day", WHOLE_TOWN, WHOLE_TOWN, "add change delete", inspect=False)
    | {name: Right(anywhere(ADMINS), mine=True) for name in ("index", "index_results", "add")},
    "team": viewset("team_pk", READERS, MANAGERS, "add change"),
    "signuprules": viewset("signup_rules", READERS, MANAGERS, "add change delete"),
    "qualification": viewset("qualification", READERS, MANAGERS, "add change delete"),
    "heldqualification": viewset("held_qualification", MANAGERS, MANAGERS, "add change delete"),
    "assessment_set": viewset("indicator_set", ASSESSORS, MANAGERS, "add change", inspect=False),
    "assessment_indicator": viewset("indicator", ASSESSORS, MANAGERS, "add change delete", inspect=False),
    "assessment_period": viewset("period_pk", ASSESSORS, MANAGERS, "add change delete", inspect=False),
    "assessment_result": viewset("result", ASSESSORS),
}

RIGHTS: dict[str, Right] = {
    # For everybody
    "activities:list": seen_by(EVERYBODY),
    "activities:detail": seen_by(EVERYBODY, "activity"),
    "rewards:list": seen_by(EVERYBODY),
    "rewards:detail": seen_by(EVERYBODY, "reward_code"),
    "schemes:how": seen_by(EVERYBODY),
    "records:notice": seen_by(EVERYBODY),
    "records:check": seen_by(EVERYBODY),
    "records:check_number": seen_by(EVERYBODY, "certificate"),
    "frame:privacy": seen_by(EVERYBODY),
    "frame:complaints": seen_by(EVERYBODY),
    "frame:elder": sent_by(EVERYBODY, data="elder"),
    "frame:styleguide": seen_by(NOBODY, no={ANONYMOUS: "404"}),  # only in development
    "set_language": sent_by(EVERYBODY, data="language"),
    # My own things: nobody else has an address for them
    "me:home": seen_by(SIGNED_IN),
    "me:wallet": seen_by(SIGNED_IN),
    "me:records": seen_by(SIGNED_IN),
    "me:card": seen_by(SIGNED_IN),
    "me:new_card": sent_by(SIGNED_IN),
    "me:statement_line": seen_by(frozenset({"member"}), "transaction"),
    "me:receipt": seen_by(frozenset({"member"}), "transaction"),
    "records:record": seen_by(frozenset({"member"}), "record_number"),
    "records:object": seen_by(SIGNED_IN, "record_number"),  # it is in public notice
    "records:objections": seen_by(SIGNED_IN, mine=True),
    "records:withdraw": sent_by(frozenset({"member"}), "objection"),
    "records:claims": seen_by(SIGNED_IN, mine=True),
    "records:claim": seen_by(SIGNED_IN),
    "records:claim_take_back": sent_by(frozenset({"member"}), "supplement"),
    "records:claims_to_check": seen_by(anywhere(ORGANISERS) | LEADERS, mine=True),
    "records:claim_to_check": seen_by(ORGANISERS, "supplement"),
    "records:more": seen_by(SIGNED_IN, mine=True),
    "records:proof": seen_by(READERS | {"member"}, "commendation"),
    "records:certificates": seen_by(SIGNED_IN, mine=True),
    "records:certificate": seen_by(frozenset({"member"}), "certificate"),
    "records:certificate_pdf": seen_by(frozenset({"member"}), "certificate"),
    "records:issue": sent_by(SIGNED_IN, "organization"),  # whoever has no records there is told so
    "records_objection": seen_by(READERS, "objection"),
    "records_decide": sent_by(READERS, "objection", "reject"),  # whoever may not decide is told so
    "records_question": seen_by(READERS, "record_number"),
    "records_year": seen_by(OFFICE, mine=True),
    "me:notices": seen_by(SIGNED_IN),
    "me:notice": seen_by(frozenset({"member"}), "notice"),
    "me:all_read": sent_by(SIGNED_IN),
    "me:notice_choices": seen_by(SIGNED_IN),
    "me:stop_mail": seen_by(EVERYBODY, "stop_token"),  # the signature stands for the person
    "grids:profile": seen_by(SIGNED_IN),
    "me:consents": seen_by(SIGNED_IN),
    "me:consent": sent_by(SIGNED_IN, "purpose", "answer"),
    "me:withdraw_records": seen_by(SIGNED_IN),
    "me:guardian": seen_by(SIGNED_IN - {"stranger"}, "invitation"),  # whoever was given it; not the child
    "me:revoke_guardian": sent_by(frozenset({"member"}), "guarded"),
    "person_guardian": seen_by(MANAGERS, "member"),
    "me:own_data": seen_by(SIGNED_IN),
    "me:closing": seen_by(SIGNED_IN),
    "me:keep_account": sent_by(SIGNED_IN),
    "activities:mine": seen_by(SIGNED_IN),
    "activities:check": seen_by(SIGNED_IN),
    "activities:scan": seen_by(EVERYBODY, "token"),  # a code is looked at; the check-in page asks who it is
    "activities:sign_up": sent_by(SIGNED_IN, "activity", "position"),
    "activities:wait": sent_by(SIGNED_IN, "activity", "position"),
    "activities:answer_offer": sent_by(frozenset({"member"}), "activity", "entry"),
    "activities:absence": seen_by(frozenset({"member"}), "absence"),
    "activities:calendar": seen_by(SIGNED_IN),
    "activities:feed": seen_by(EVERYBODY, "feed_token"),  # whoever has the secret address
    "activities:grid_feed": seen_by(EVERYBODY, "grid_code"),
    "activities:cancel": sent_by(frozenset({"member"}), "activity", "registration"),
    "rewards:redeem": sent_by(SIGNED_IN, "reward_code", "key"),
    "rewards:vouchers": seen_by(SIGNED_IN),
    "rewards:voucher": seen_by(frozenset({"member"}), "voucher"),
    "rewards:cancel": sent_by(frozenset({"member"}), "voucher"),
    "rewards:queue": sent_by(SIGNED_IN, "reward_code", "leave"),
    "rewards:move": seen_by(frozenset({"member"}), "voucher"),
    "rewards:answer": sent_by(frozenset({"member"}), "missed", "words"),
    "rewards:give": seen_by(SIGNED_IN),
    "rewards:wishes": seen_by(SIGNED_IN),
    # The rewards' own pages in the back office
    "rewards_office:overview": seen_by(anywhere(MANAGERS), mine=True),
    "rewards_office:plan": seen_by(MANAGERS, "appointment"),
    "rewards_office:stock": seen_by(MANAGERS, "reward"),
    "rewards_office:close": seen_by(MANAGERS, "close"),
    "rewards_office:days": seen_by(MANAGERS, "provider"),
    "rewards_office:aid": seen_by(anywhere(MANAGERS), mine=True),
    "rewards_office:aid_sheet": seen_by(frozenset({"worker"}), "aid"),
    "rewards_office:cases": seen_by(anywhere(MANAGERS), mine=True),
    "rewards_office:wishes": seen_by(anywhere(MANAGERS), mine=True),
    # Teams: everybody sees them, and who belongs to one sees more
    "teams:list": seen_by(SIGNED_IN),
    "teams:team": seen_by(SIGNED_IN, "team"),
    "teams:act": sent_by(SIGNED_IN, "team", "join"),
    "teams:answer": sent_by(MANAGERS | {"member"}, "team", "take_in"),
    "activities:team": seen_by(frozenset({"member"}), "activity"),
    # Organising
    "organise:list": seen_by(anywhere(ORGANISERS) | LEADERS, mine=True),
    "organise:create": seen_by(anywhere(ORGANISERS) | LEADERS, mine=True),
    "organise:edit": seen_by(ORGANISERS, "activity"),
    "organise:publish": sent_by(ORGANISERS, "activity"),
    "organise:cancel": seen_by(ORGANISERS, "activity"),
    "organise:roster": seen_by(ORGANISERS, "activity"),
    "organise:code": seen_by(ORGANISERS, "shift"),
    "organise:tick": sent_by(ORGANISERS, "shift", "tick"),
    "organise:walk_in": sent_by(ORGANISERS, "shift", "walk_in"),
    "organise:confirm": seen_by(ORGANISERS, "shift"),
    "organise:sheet": seen_by(ORGANISERS, "shift"),
    "organise:overdue": seen_by(anywhere(ORGANISERS) | LEADERS, mine=True),
    "organise:supplement": seen_by(ORGANISERS, "shift_over"),
    "organise:repeat": seen_by(ORGANISERS, "activity"),
    "organise:message": seen_by(ORGANISERS, "shift"),
    "organise:answers": seen_by(anywhere(ORGANISERS) | LEADERS, mine=True),
    "organise:decide": seen_by(ORGANISERS, "absence"),
    "organise:today": seen_by(anywhere(ORGANISERS) | LEADERS, mine=True),
    "organise:cards": seen_by(ORGANISERS, "shift"),
    "organise:sheet_pdf": seen_by(ORGANISERS, "shift"),
    "organise:poster": seen_by(ORGANISERS, "activity"),
    # Sign-in sheets: what somebody uploaded is seen by nobody else
    "activities_import": seen_by(ORGANISERS, "activity"),
    "activities_imports": seen_by(anywhere(ORGANISERS), mine=True),
    "activities_import_run": seen_by(frozenset({"organiser"}), "sheet"),
    "activities_import_do": sent_by(frozenset({"organiser"}), "sheet", "check"),
    # The assessment of grid leaders: leaders read their own part, the office its own subtree
    "assessment:list": seen_by(EVERYBODY),
    "assessment:period": seen_by(EVERYBODY, "period"),
    "assessment:rate": seen_by(EVERYBODY, "rating"),
    "assessment:mine": seen_by(LEADER, "period"),
    "assessment:claim": seen_by(LEADER, "period"),
    "assessment:poster": seen_by(LEADER, "period"),
    "assessment:appeal": seen_by(LEADER, "line"),
    "assessment:withdraw": sent_by(LEADER, "claim"),
    "assessment:evidence": seen_by(MANAGERS | LEADER, "claim_paper"),
    "assessment:manage": seen_by(MANAGERS, "period"),
    "assessment:review": seen_by(MANAGERS, "period"),
    "assessment:review_claim": seen_by(MANAGERS, "claim"),
    "assessment:review_fact": sent_by(MANAGERS, "fact", "accept"),
    "assessment:appeals": seen_by(ADMINS, "period"),
    "assessment:judge": seen_by(ADMINS, "appeal"),
    # The desk
    "desk:home": seen_by(DESKS | anywhere(MANAGERS) | {"auditor"}, mine=True),
    "desk:scan": seen_by(DESKS),
    "desk:fulfil": sent_by(frozenset({"desk"}), data="fulfil"),
    "desk:done": seen_by(frozenset({"desk"}), "fulfilled"),
    "desk:aid": sent_by(frozenset({"desk"}), data="aid"),
    "desk:aid_done": seen_by(frozenset({"desk"}), "aid_done"),
    "desk:absent": seen_by(SIGNED_IN, mine=True),
    "desk:cancel": sent_by(frozenset({"desk"}), "redemption", "reason"),
    "desk:annul": seen_by(MANAGERS | {"desk"}, "fulfilled"),
    "desk:statement": seen_by(MANAGERS | {"desk", "auditor"}, "statement"),
    "desk:statement_csv": seen_by(MANAGERS | {"desk", "auditor"}, "statement"),
    "desk:statement_xlsx": seen_by(MANAGERS | {"desk", "auditor"}, "statement"),
    "desk:statement_pdf": seen_by(MANAGERS | {"desk", "auditor"}, "statement"),
    "desk:settle": sent_by(MANAGERS, "statement"),
    # The auditor's room
    "audit:trial_balance": seen_by(frozenset({"auditor", "superuser"})),
    "audit:verify": sent_by(frozenset({"auditor", "superuser"})),
    "audit:accounts": seen_by(frozenset({"auditor", "superuser"})),
    "audit:account": seen_by(frozenset({"auditor", "superuser"}), "account"),
    "audit:transaction": seen_by(frozenset({"auditor", "superuser"}), "transaction"),
    "audit:export": seen_by(frozenset({"auditor", "superuser"})),
    "audit:download": seen_by(frozenset({"auditor", "superuser"}), "format"),
    "audit:budgets": seen_by(anywhere(ADMINS), mine=True),
    # Approval requests, and the scheme editor
    "approvals:inbox": seen_by(OFFICE, mine=True),
    "approvals:request": seen_by(AUDITORS, "approval"),
    "approvals:decide": sent_by(AUDITORS, "approval", "withdraw"),  # all but the maker are told why not
    "approvals:evidence": seen_by(AUDITORS, "evidence"),
    "scheme_editor:list": seen_by(OFFICE, mine=True),
    "scheme_editor:timeline": seen_by(READERS, "scheme"),
    "scheme_editor:new": sent_by(ADMINS, "scheme"),
    "scheme_editor:draft": seen_by(AUDITORS, "draft"),
    "scheme_editor:part": seen_by(AUDITORS, "draft_part"),
    "scheme_editor:item": seen_by(AUDITORS, "draft_item"),
    "scheme_editor:yaml": seen_by(AUDITORS, "draft"),
    "scheme_editor:download": seen_by(AUDITORS, "draft"),
    "scheme_editor:try": seen_by(AUDITORS, "draft"),
    "scheme_editor:preview": seen_by(AUDITORS, "draft"),
    "scheme_editor:submit": seen_by(ADMINS, "draft"),
    "scheme_editor:discard": sent_by(ADMINS, "draft"),
    **{f"{name}:{view}": right for name, rows in VIEWSETS.items() for view, right in rows.items()},
}
