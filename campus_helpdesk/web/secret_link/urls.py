"""The pages of secret links, under /t/."""

from django.urls import path

from campus_helpdesk.web.secret_link import views

app_name = "link"
urlpatterns = [
    path("<str:secret>/", views.show_ticket, name="ticket"),
    path("<str:secret>/messages/", views.answer, name="messages"),
    path("<str:secret>/solved/", views.tell_whether_solved, name="solved"),
    path("<str:secret>/revoke/", views.revoke, name="revoke"),
]
