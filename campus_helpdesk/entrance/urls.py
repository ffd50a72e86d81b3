"""The entrance, at the site's root."""

from django.urls import path

from campus_helpdesk.entrance import views

app_name = "door"
urlpatterns = [
    path("", views.show_entrance, name="door"),
    path("enter/", views.enter, name="enter"),
    path("leave/", views.leave, name="leave"),
    path("theme/", views.choose_theme, name="theme"),
]
