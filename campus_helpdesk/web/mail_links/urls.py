"""The pages behind the links in mails, under /mail/."""

from django.urls import path

from campus_helpdesk.web.mail_links import views

app_name = "mail"
urlpatterns = [
    path("confirm/<str:token>/", views.confirm_address, name="confirm"),
    path("unsubscribe/<str:token>/", views.unsubscribe_address, name="unsubscribe"),
]
