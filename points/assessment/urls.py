"""Addresses of the assessment room, and the short address of the ratings."""

from __future__ import annotations

from django.urls import path

from points.assessment.views import leader, office, site

app_name = "assessment"
urlpatterns = [
    path("rate/<str:token>/", site.rate, name="rate"),
    path("assessment/", site.period_list, name="list"),
    path("assessment/claims/<int:pk>/", office.review_claim, name="review_claim"),
    path("assessment/claims/<int:pk>/withdraw/", leader.withdraw, name="withdraw"),
    path("assessment/claims/<int:pk>/evidence/<int:paper>/", leader.evidence, name="evidence"),
    path("assessment/facts/<int:pk>/", office.review_fact, name="review_fact"),
    path("assessment/appeals/<int:pk>/", office.judge, name="judge"),
    path("assessment/<slug:code>/", site.period, name="period"),
    path("assessment/<slug:code>/mine/", leader.mine, name="mine"),
    path("assessment/<slug:code>/claim/", leader.claim, name="claim"),
    path("assessment/<slug:code>/appeal/<int:indicator>/", leader.appeal, name="appeal"),
    path("assessment/<slug:code>/ratings/", leader.poster, name="poster"),
    path("assessment/<slug:code>/manage/", office.manage, name="manage"),
    path("assessment/<slug:code>/review/", office.review, name="review"),
    path("assessment/<slug:code>/appeals/", office.appeals, name="appeals"),
]
