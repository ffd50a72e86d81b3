from django.urls import path, re_path

from messaging.attachments import api
from messaging.attachments.files import LARGE, SMALL

urlpatterns = [
    re_path(
        r"^tickets/(?P<pk>[0-9]+)/attachments/$", api.TicketPhotosView.as_view(), name="ticket-attachments"
    ),
    path("attachments/", api.UploadView.as_view(), name="attachments"),
    path("attachments/<uuid:pk>/", api.DetailView.as_view(), name="attachment"),
    path("attachments/<uuid:pk>/remove/", api.RemovalView.as_view(), name="attachment-remove"),
    path("attachments/<uuid:pk>/large.jpg", api.FileView.as_view(), {"size": LARGE}, name="attachment-large"),
    path("attachments/<uuid:pk>/small.jpg", api.FileView.as_view(), {"size": SMALL}, name="attachment-small"),
]
