"""The users' pages, under /tickets/."""

from django.urls import path

from campus_helpdesk.entrance.guards import role_required
from campus_helpdesk.web.portal import report, views
from campus_helpdesk.web.shared.ticket_views import TicketViews
from tickets.filters import TicketFilter

app_name = "portal"
urlpatterns = [
    path("", views.show_list, name="list"),
    path("new/", report.report, name="report"),
    path("new/category/", report.guess_category, name="guess"),
    *TicketViews("portal", role_required, TicketFilter).urls(),
]
