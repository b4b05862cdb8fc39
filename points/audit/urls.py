from django.urls import path

from points.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.TrialBalance.as_view(), name="trial_balance"),
    path("verify/", views.Verify.as_view(), name="verify"),
    path("accounts/", views.Accounts.as_view(), name="accounts"),
    path("accounts/<int:pk>/", views.AccountPage.as_view(), name="account"),
    path("transactions/<int:pk>/", views.TransactionPage.as_view(), name="transaction"),
    path("export/", views.ExportPage.as_view(), name="export"),
    path("export/<slug:fmt>/", views.Download.as_view(), name="download"),
    path("budgets/", views.Budgets.as_view(), name="budgets"),
]
