"""Photos of forms that are being written, for both roles."""

from django.urls import path

from campus_helpdesk.web.shared import photos

app_name = "photos"
urlpatterns = [
    path("", photos.upload, name="upload"),
    path("staged/", photos.poll, name="staged"),
]
