from django.urls import path

from points.grids import inbox

app_name = "approvals"
urlpatterns = [
    path("", inbox.Inbox.as_view(), name="inbox"),
    path("<int:pk>/", inbox.RequestPage.as_view(), name="request"),
    path("<int:pk>/decide/", inbox.Decide.as_view(), name="decide"),
    path("<int:pk>/evidence/<int:paper>/", inbox.Evidence.as_view(), name="evidence"),
]
