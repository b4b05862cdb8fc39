"""What is stored about people, why, who sees it, for how long: one table for the page, the docs, the tests.

`tests/cms/test_privacy.py` walks every model that points to a person: a new table that is not named here
fails it. `docs/privacy.md` holds the same table; the test compares it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


@dataclass(frozen=True)
class Stored:
    """One kind of data. `term` is a code of `points.people.retention`; "" means: until the account is closed,
    and `stays` that it remains afterwards beside a number instead of a name."""

    code: str
    title: str | Promise
    what: str | Promise
    why: str | Promise
    seen_by: str | Promise
    models: tuple[str, ...]
    term: str = ""
    stays: bool = False

    def how_long(self, terms: Mapping[str, int]) -> str | Promise:
        """In words; `terms` are the days of each code."""
        if self.term:
            days = terms[self.term]
            return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
        if self.stays:
            return _("For good; when you close your account, a number stands in place of your name.")
        return _("Until you close your account.")


YOU = _("You alone")
OFFICE = _("You, and those who manage people in your part of town")

STORED = (
    Stored(
        "sign_in",
        _("To sign in"),
        _(
            "A user name, a phone number or a mail address; one is enough. "
            "Of your password only a fingerprint is kept, from which nobody can read it."
        ),
        _("So that it is you who signs in."),
        OFFICE,
        ("people.User", "account.EmailAddress", "mfa.Authenticator", "wagtailusers.UserProfile"),
    ),
    Stored(
        "about_you",
        _("About you"),
        _(
            "Your name, your part of town and your year of birth, if you tell us; "
            "your language and elder mode."
        ),
        _("To greet you, to show what is nearby, and to protect children."),
        OFFICE,
        ("people.VolunteerProfile", "grids.GridMembership"),
    ),
    Stored(
        "service",
        _("Your service"),
        _(
            "What you signed up for, when you came and left, what you did, where, for which unit, "
            "and who confirmed it."
        ),
        _("The law asks for true and complete records (Order 67, articles 3 and 7)."),
        _("You, the organisers, your community, the auditors; in the public notice your shortened name"),
        (
            "activities.Registration",
            "activities.WaitlistEntry",
            "activities.Absence",
            "activities.HeldQualification",
            "records.ServiceRecord",
            "records.Supplement",
            "records.Objection",
            "records.TrainingRecord",
            "records.Commendation",
            "records.Evaluation",
            "records.Certificate",
        ),
        stays=True,
    ),
    Stored(
        "beans",
        _("Your beans and vouchers"),
        _("Every bean in and out, with its reason, and what you exchanged it for."),
        _("So that every bean can be accounted for. The books carry your member number, not your name."),
        _("You, the desk (one voucher, your shortened name), the auditors"),
        ("ledger.Account", "ledger.Transaction", "rewards.Redemption", "rewards.NoShow"),
        stays=True,
    ),
    Stored(
        "consents",
        _("Your consents"),
        _("What you agreed to, in which words, when, and when you took it back."),
        _("To prove that we were allowed to (Personal Information Protection Law, article 14)."),
        OFFICE,
        ("people.Consent",),
        stays=True,
    ),
    Stored(
        "guardians",
        _("A guardian's consent"),
        _("For somebody under 14: the name and phone number of a parent or guardian, the relation, the day."),
        _("The law asks for it (Personal Information Protection Law, article 31)."),
        OFFICE,
        ("people.GuardianConsent",),
    ),
    Stored(
        "notices",
        _("Your notices"),
        _("What we told you, whether you opened it, and whether it was mailed."),
        _("So that you can read it again."),
        YOU,
        ("people.Notice",),
        term="notices",
    ),
    Stored(
        "mail",
        _("Mail to you"),
        _("Which topics you want by mail, and that a mail of a day was sent."),
        _("So that you get one mail a day and not two."),
        YOU,
        ("people.NoticeChoice", "people.Digest"),
    ),
    Stored(
        "copies",
        _("Copies of your data"),
        _("That and when you took a copy. The copy itself is not kept."),
        _("So that you notice when it was somebody else."),
        YOU,
        ("people.OwnDataCopy",),
        term="data_copies",
    ),
    Stored(
        "closing",
        _("Closing your account"),
        _("That you asked for it, when, and what should become of your beans."),
        _("To do it, and to prove that it was done."),
        YOU,
        ("people.ClosingRequest",),
        stays=True,
    ),
    Stored(
        "tasks",
        _("Your tasks"),
        _("Your roles and desks with their days, what you organised, decided, handed over or uploaded."),
        _("Whoever acts for others has to answer for it."),
        _("Those who manage people there, the auditors"),
        (
            "grids.RoleAssignment",
            "grids.ApprovalRequest",
            "grids.FileRead",
            "rewards.ProviderStaff",
            "rewards.HandOver",
            "rewards.StockChange",
            "rewards.ClosedDay",
            "rewards.AidBatch",
            "rewards.AidVoucher",
            "activities.Activity",
            "activities.Series",
            "activities.OrganiserMessage",
            "schemes.SchemeVersion",
            "schemes.SchemeDraft",
            "ledger.Halt",
        ),
        stays=True,
    ),
    Stored(
        "office",
        _("The back office"),
        _("What you wrote, changed or uploaded there, with the day."),
        _("So that pages and pictures have somebody who answers for them."),
        _("Those who work in the back office"),
        (
            "cms_images.CustomImage",
            "wagtailimages.Image",
            "wagtaildocs.Document",
            "wagtailadmin.EditingSession",
            "wagtailadmin.FormState",
            "wagtailcore.Page",
            "wagtailcore.Revision",
            "wagtailcore.UploadedFile",
            "wagtailcore.WorkflowState",
            "wagtailcore.TaskState",
            "wagtailcore.ModelLogEntry",
            "wagtailcore.PageLogEntry",
            "wagtailcore.Comment",
            "wagtailcore.CommentReply",
            "wagtailcore.PageSubscription",
            "cms.HomePage",
            "cms.AnnouncementIndexPage",
            "cms.AnnouncementPage",
        ),
        stays=True,
    ),
    Stored(
        "leading",
        _("Your work as a grid leader"),
        _("What was counted for a period, what you claimed and appealed, and the result with its reasons."),
        _("So that a result can be explained and appealed."),
        _("You, reviewers and the auditors; a ranking only as far as the community chose and you agreed"),
        (
            "assessment.AssessmentPeriod",
            "assessment.Stint",
            "assessment.Fact",
            "assessment.Claim",
            "assessment.Result",
            "assessment.ScoreChange",
            "assessment.Appeal",
        ),
        stays=True,
    ),
    Stored(
        "teams",
        _("Your teams and your calendar"),
        _("Which teams you belong to or asked to join; the secret address of your calendar."),
        _("So that teams can plan, and your phone can show your times."),
        _("You; of a team also its members"),
        ("grids.TeamMember", "activities.CalendarAddress"),
    ),
    Stored(
        "wishes",
        _("Your wishes"),
        _("What you would like to have, and what you want to be told about."),
        _("So that the community knows what is missing."),
        _("You; the community reads the words without your name"),
        ("rewards.Wish", "rewards.Waiting"),
    ),
    Stored(
        "sheets",
        _("Sign-in sheets"),
        _("The row report of a sheet that an organiser uploaded: names and phone numbers in it."),
        _("So that mistakes in a sheet can be found."),
        _("Whoever uploaded it"),
        ("activities.ImportRun",),
        term="import_reports",
    ),
    Stored(
        "refused_scans",
        _("Refused scans"),
        _("What was typed or scanned at a desk and refused, and by whom."),
        _("To find out when somebody tries codes."),
        _("Those who manage rewards there, the auditors"),
        ("rewards.RefusedScan",),
        term="refused_scans",
    ),
)
