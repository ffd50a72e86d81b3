"""The users' pages, under /tickets/."""

from django.urls import path

from campus_helpdesk.entrance.guards import role_required
from campus_helpdesk.web.portal import (
    following,
    mail_news,
    own_links,
    places,
    report,
    similar_reports,
    views,
)
from campus_helpdesk.web.shared.ticket_views import TicketViews
from tickets.filters import TicketFilter

app_name = "portal"
urlpatterns = [
    path("", views.show_list, name="list"),
    path("new/", report.report, name="report"),
    path("new/category/", report.guess_category, name="guess"),
    path("new/similar/", similar_reports.show_similar, name="similar"),
    path("<int:pk>/me-too/", similar_reports.me_too, name="me_too"),
    path("new/places/", places.show_options, name="places"),
    path("news/", following.show_news, name="news"),
    path("forget/", following.forget_reports, name="forget"),
    path("<int:pk>/sent/", report.show_sent, name="sent"),
    path("<int:pk>/link/", own_links.make_new_link, name="link"),
    path("<int:pk>/mail/", mail_news.ask_for_mail, name="mail"),
    path("<int:pk>/follow/", following.follow_ticket, name="follow"),
    path("<int:pk>/unfollow/", following.unfollow_ticket, name="unfollow"),
    *TicketViews("portal", role_required, TicketFilter).urls(),
]
