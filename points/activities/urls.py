"""Addresses of the activities room: `activities:` for everybody, `organise:` for organisers."""

from __future__ import annotations

from django.urls import include, path

from points.activities.views import (
    absences,
    check,
    joining,
    organise,
    overdue,
    roster,
    series,
    site,
    supplement,
    teams,
    telling,
)
from points.activities.views import calendar as calendars
from points.activities.views import cards as card_views
from points.activities.views import papers as paper_views
from points.activities.views import today as today_views

activities = [
    path("activities/", site.activity_list, name="list"),
    path("activities/check/", check.check, name="check"),
    path("activities/check/<slug:token>/", check.scan, name="scan"),
    path("activities/<slug:code>/", site.activity_detail, name="detail"),
    path("activities/calendar/<slug:grid_code>.ics", calendars.grid_feed, name="grid_feed"),
    path("activities/<slug:code>/sign-up/", joining.sign_up, name="sign_up"),
    path("activities/<slug:code>/team/", teams.sign_up_together, name="team"),
    path("activities/<slug:code>/wait/", joining.wait, name="wait"),
    path("activities/<slug:code>/offer/", joining.answer_offer, name="answer_offer"),
    path("activities/<slug:code>/cancel/", site.cancel, name="cancel"),
    path("me/signups/", site.mine, name="mine"),
    path("me/absences/<int:pk>/", absences.absence, name="absence"),
    path("me/calendar/", calendars.address, name="calendar"),
    path("calendar/<str:token>.ics", calendars.feed, name="feed"),
]

checking = [
    path("organise/today/", today_views.today, name="today"),
    path("organise/<slug:code>/shifts/<int:pk>/cards/", card_views.cards, name="cards"),
    path("organise/<slug:code>/shifts/<int:pk>/sheet.pdf", paper_views.sheet_pdf, name="sheet_pdf"),
    path("organise/<slug:code>/poster.pdf", paper_views.poster_pdf, name="poster"),
]

organising = [
    *checking,
    path("organise/", organise.activity_list, name="list"),
    path("organise/new/", organise.create, name="create"),
    path("organise/overdue/", overdue.overdue, name="overdue"),
    path("organise/answers/", absences.answers, name="answers"),
    path("organise/answers/<int:pk>/", absences.decide, name="decide"),
    path("organise/<slug:code>/repeat/", series.repeat, name="repeat"),
    path("organise/<slug:code>/shifts/<int:pk>/message/", telling.message, name="message"),
    path("organise/<slug:code>/edit/", organise.edit, name="edit"),
    path("organise/<slug:code>/publish/", organise.publish, name="publish"),
    path("organise/<slug:code>/cancel/", organise.cancel, name="cancel"),
    path("organise/<slug:code>/roster/", roster.roster, name="roster"),
    path("organise/<slug:code>/shifts/<int:pk>/tick/", roster.tick, name="tick"),
    path("organise/<slug:code>/shifts/<int:pk>/walk-in/", roster.walk_in, name="walk_in"),
    path("organise/<slug:code>/shifts/<int:pk>/code/", roster.code_screen, name="code"),
    path("organise/<slug:code>/shifts/<int:pk>/confirm/", roster.confirm, name="confirm"),
    path("organise/<slug:code>/shifts/<int:pk>/sheet/", roster.sheet, name="sheet"),
    path("organise/<slug:code>/shifts/<int:pk>/supplement/", supplement.enter, name="supplement"),
]

circles = [
    path("teams/", teams.team_list, name="list"),
    path("teams/<slug:code>/", teams.team, name="team"),
    path("teams/<slug:code>/me/", teams.act, name="act"),
    path("teams/<slug:code>/answer/", teams.answer, name="answer"),
]

urlpatterns = [
    path("", include((activities, "activities"))),
    path("", include((organising, "organise"))),
    path("", include((circles, "teams"))),
]
