"""The users' pages, under /tickets/."""

from django.urls import path

from campus_helpdesk.web.portal import report, views

app_name = "portal"
urlpatterns = [
    path("", views.show_list, name="list"),
    path("new/", report.report, name="report"),
    path("new/category/", report.guess_category, name="guess"),
    path("<int:pk>/", views.show_ticket, name="ticket"),
    path("<int:pk>/messages/", views.messages_of, name="messages"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/category/", views.correct, name="category"),
    path("<int:pk>/next/", views.show_next, name="next"),
    path("<int:pk>/previous/", views.show_previous, name="previous"),
]
