from django.urls import re_path

from messaging.api import ConversationView

urlpatterns = [
    re_path(r"^tickets/(?P<pk>[0-9]+)/messages/$", ConversationView.as_view(), name="conversation")
]
