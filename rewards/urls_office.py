"""Addresses of the rewards' own pages in the back office: `rewards_office:`."""

from __future__ import annotations

from django.urls import path, re_path

from rewards.views import office

app_name = "rewards_office"
urlpatterns = [
    path("", office.Overview.as_view(), name="overview"),
    path("plan/<int:pk>/", office.Plan.as_view(), name="plan"),
    path("stock/<int:pk>/", office.Stock.as_view(), name="stock"),
    re_path(r"^close/(?P<what>reward|provider)/(?P<pk>[0-9]{1,18})/$", office.Close.as_view(), name="close"),
    path("days/<int:pk>/", office.Days.as_view(), name="days"),
    path("aid/", office.Aid.as_view(), name="aid"),
    path("aid/<int:pk>/", office.AidSheet.as_view(), name="aid_sheet"),
    path("cases/", office.Cases.as_view(), name="cases"),
    path("wishes/", office.Wishes.as_view(), name="wishes"),
]
