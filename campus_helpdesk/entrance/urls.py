"""The entrance, at the site's root."""

from django.urls import path

from campus_helpdesk.entrance import views

app_name = "entrance"
urlpatterns = [
    path("", views.show_entrance, name="choose_role"),
    path("enter/", views.enter, name="enter"),
    path("leave/", views.leave, name="leave"),
    path("theme/", views.choose_theme, name="theme"),
]
