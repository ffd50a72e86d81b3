"""A minimal list of the same rows with Django REST framework: no roles, no sessions, no rules."""

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from rest_framework.generics import ListCreateAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.serializers import ModelSerializer

from tickets.models import Ticket


class BaselineTicket(ModelSerializer):
    class Meta:
        model = Ticket
        fields = ["id", "description", "building", "room", "category", "status", "opened_at", "modified_at"]
        read_only_fields = ["category", "status", "opened_at", "modified_at"]


class NewestFirst(CursorPagination):
    page_size = 25
    ordering = "-id"


class BaselineList(ListCreateAPIView):
    authentication_classes = permission_classes = []
    parser_classes = [JSONParser]
    pagination_class = NewestFirst
    queryset = Ticket.objects.all()
    serializer_class = BaselineTicket

    def perform_create(self, serializer: BaselineTicket) -> None:
        now = timezone.now()
        serializer.save(category="it", opened_at=now, modified_at=now)


urlpatterns = [path("tickets", BaselineList.as_view()), path("healthz", lambda request: HttpResponse())]
