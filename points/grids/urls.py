from django.urls import path

from points.grids import views

app_name = "grids"
urlpatterns = [
    path("me/profile/", views.profile, name="profile"),
]
