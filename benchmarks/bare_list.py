"""The barest list of the same rows that Django REST framework can give: no role, no session, no rule."""

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from rest_framework.generics import ListCreateAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.serializers import ModelSerializer

from tickets.models import Ticket


class BareTicket(ModelSerializer):
    class Meta:
        model = Ticket
        fields = ["id", "description", "building", "room", "category", "status", "opened_at", "modified_at"]
        read_only_fields = ["category", "status", "opened_at", "modified_at"]


class NewestFirst(CursorPagination):
    page_size = 25
    ordering = "-id"


class BareList(ListCreateAPIView):
    authentication_classes = permission_classes = []
    parser_classes = [JSONParser]
    pagination_class = NewestFirst
    queryset = Ticket.objects.all()
    serializer_class = BareTicket

    def perform_create(self, serializer: BareTicket) -> None:
        now = timezone.now()
        serializer.save(category="it", opened_at=now, modified_at=now)


urlpatterns = [path("tickets", BareList.as_view()), path("healthz", lambda request: HttpResponse())]
