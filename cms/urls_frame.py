from django.urls import path

from cms.views import frame

app_name = "frame"
urlpatterns = [
    path("elder/", frame.elder, name="elder"),
    path("privacy/", frame.privacy, name="privacy"),
    path("complaints/", frame.complaints, name="complaints"),
    path("styleguide/", frame.styleguide, name="styleguide"),
]
