"""The pages of secret links, under /t/."""

from django.urls import path

from campus_helpdesk.web.secret_link import feed, photos, views
from messaging.attachments.files import LARGE, SMALL

app_name = "link"
urlpatterns = [
    path("<str:secret>/", views.show_ticket, name="ticket"),
    path("<str:secret>/feed.atom", feed.show_feed, name="feed"),
    path("<str:secret>/photos/", photos.upload, name="upload"),
    path("<str:secret>/photos/staged/", photos.poll, name="staged"),
    path("<str:secret>/photos/<uuid:pk>/large.jpg", photos.show_photo, {"size": LARGE}, name="large"),
    path("<str:secret>/photos/<uuid:pk>/small.jpg", photos.show_photo, {"size": SMALL}, name="small"),
    path("<str:secret>/messages/", views.answer, name="messages"),
    path("<str:secret>/solved/", views.tell_whether_solved, name="solved"),
    path("<str:secret>/mail/", views.ask_for_mail, name="mail"),
    path("<str:secret>/revoke/", views.revoke, name="revoke"),
]
