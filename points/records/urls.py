from django.urls import path

from points.records import views

app_name = "records"
urlpatterns = [path("notice/", views.notice, name="notice")]
