from django.urls import path

from points.schemes import views

app_name = "schemes"
urlpatterns = [path("how-beans-work/", views.how, name="how")]
