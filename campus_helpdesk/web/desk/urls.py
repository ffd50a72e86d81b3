"""The helpdesk's pages, under /desk/."""

from django.urls import path

from campus_helpdesk.entrance.guards import helpdesk_required
from campus_helpdesk.web.desk import (
    analytics,
    category_accuracy,
    incoming_mail,
    merging,
    moves,
    outbox,
    photos,
    pinned_analyses,
    places,
    posters,
    queue,
    reports,
)
from campus_helpdesk.web.desk.drilldown import QueueFilter
from campus_helpdesk.web.shared.ticket_edit import TEXTS
from campus_helpdesk.web.shared.ticket_views import TicketViews

app_name = "desk"
TICKET_VIEWS = TicketViews("desk", helpdesk_required, QueueFilter, (*TEXTS, "category"))
urlpatterns = [
    path("", queue.show_queue, name="queue"),
    path("move/", moves.move_many, name="move_many"),
    *TICKET_VIEWS.urls("tickets/"),
    path("tickets/<int:pk>/activate/", moves.activate, name="activate"),
    path("tickets/<int:pk>/close/", moves.close, name="close"),
    path("tickets/<int:pk>/similar/", merging.propose, name="proposals"),
    path("tickets/<int:pk>/merge/", merging.merge, name="merge"),
    path("tickets/<int:pk>/unmerge/", merging.unmerge, name="unmerge"),
    path("analytics/", analytics.show_services, name="analytics"),
    path("analytics/<uuid:pk>/", analytics.show_analysis, name="analysis"),
    path("analytics/<uuid:pk>/cancel/", analytics.cancel, name="cancel"),
    path("analytics/<uuid:pk>/pin/", pinned_analyses.pin, name="pin"),
    path("mail/", incoming_mail.show_mails, name="mails"),
    path("mail/<int:pk>/", incoming_mail.show_mail, name="mail"),
    path("mail/<int:pk>/ticket/", incoming_mail.open_ticket, name="mail_ticket"),
    path("mail/<int:pk>/discard/", incoming_mail.discard_mail, name="discard_mail"),
    path("outbox/", outbox.show_outbox, name="outbox"),
    path("outbox/<uuid:pk>/", outbox.show_delivery, name="delivery"),
    path("outbox/<uuid:pk>/retry/", outbox.retry, name="retry_delivery"),
    path("photos/<uuid:pk>/remove/", photos.remove, name="remove_photo"),
    path("pinned/", pinned_analyses.show_pinned, name="pinned"),
    path("pinned/<int:pk>/", pinned_analyses.show_pin, name="pin_card"),
    path("pinned/<int:pk>/unpin/", pinned_analyses.unpin, name="unpin"),
    path("places/", places.show_places, name="places"),
    path("places/merge/", places.merge, name="merge_places"),
    path("places/keep/", places.keep, name="keep_places"),
    path("places/import/", places.load, name="load_places"),
    path("places/proposals/<int:pk>/dismiss/", places.dismiss, name="dismiss_proposal"),
    path("places/posters/", posters.show_posters, name="posters"),
    path("quality/", category_accuracy.show_category_accuracy, name="category_accuracy"),
    path("quality/use/", category_accuracy.use_version, name="use_version"),
    path("reports/", reports.show_reports, name="reports"),
    path("reports/<int:pk>/pause/", reports.pause, name="pause"),
    path("reports/<int:pk>/resume/", reports.resume, name="resume"),
    path("reports/<int:pk>/delete/", reports.delete, name="delete"),
]
