"""The helpdesk's pages, under /desk/."""

from django.urls import path

from campus_helpdesk.web.desk import (
    analytics,
    moves,
    pinned_analyses,
    quality,
    queue,
    reports,
    tickets,
)

app_name = "desk"
urlpatterns = [
    path("", queue.show_queue, name="queue"),
    path("move/", moves.move_many, name="move_many"),
    path("tickets/<int:pk>/", tickets.show_ticket, name="ticket"),
    path("tickets/<int:pk>/messages/", tickets.messages_of, name="messages"),
    path("tickets/<int:pk>/edit/", tickets.edit, name="edit"),
    path("tickets/<int:pk>/category/", tickets.correct, name="category"),
    path("tickets/<int:pk>/next/", tickets.show_next, name="next"),
    path("tickets/<int:pk>/previous/", tickets.show_previous, name="previous"),
    path("tickets/<int:pk>/activate/", moves.activate, name="activate"),
    path("tickets/<int:pk>/close/", moves.close, name="close"),
    path("analytics/", analytics.show_services, name="analytics"),
    path("analytics/<uuid:pk>/", analytics.show_analysis, name="analysis"),
    path("analytics/<uuid:pk>/cancel/", analytics.cancel, name="cancel"),
    path("analytics/<uuid:pk>/pin/", pinned_analyses.pin, name="pin"),
    path("pinned/", pinned_analyses.show_pinned, name="pinned"),
    path("pinned/<int:pk>/", pinned_analyses.show_pin, name="pin_card"),
    path("pinned/<int:pk>/unpin/", pinned_analyses.unpin, name="unpin"),
    path("quality/", quality.show_quality, name="quality"),
    path("quality/use/", quality.use_version, name="use_version"),
    path("reports/", reports.show_reports, name="reports"),
    path("reports/<int:pk>/pause/", reports.pause, name="pause"),
    path("reports/<int:pk>/resume/", reports.resume, name="resume"),
    path("reports/<int:pk>/delete/", reports.delete, name="delete"),
]
