"""The conversation over HTTP, under its ticket."""

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from django_common.requests import get_caller
from django_common.strict_filters import FilterBackend, PagingFilter
from messaging.actions import post_message
from messaging.models import Message
from messaging.serializers import MessageInput, MessageSerializer
from tickets.access import require
from tickets.actions import refuse_closed
from tickets.api import KEY, find_ticket, read_body, read_key
from tickets.paging import ConversationPagination


class ConversationView(GenericAPIView):
    queryset = Message.objects.all()
    serializer_class = MessageSerializer
    pagination_class = ConversationPagination
    filter_backends = [FilterBackend]
    filterset_class = PagingFilter
    scope = ""

    @extend_schema(operation_id="tickets_messages_list", responses=MessageSerializer(many=True))
    def get(self, request: Request, pk: str) -> Response:
        ticket = find_ticket(request, pk)
        messages = Message.objects.filter(ticket=ticket).visible_to(get_caller(request).role)
        page = self.paginate_queryset(self.filter_queryset(messages))
        return self.get_paginated_response(MessageSerializer(page, many=True).data)

    @extend_schema(parameters=[KEY], request=MessageInput, responses={201: MessageSerializer})
    def post(self, request: Request, pk: str) -> Response:
        caller, ticket = get_caller(request), find_ticket(request, pk)
        require(caller, "message", ticket)
        body, error = read_body(request)
        if body.get("is_internal") is True:
            require(caller, "note", ticket)
        refuse_closed(ticket, by=caller)
        if error:
            raise error
        key = read_key(request)
        message = post_message(ticket, by=caller, key=key, **MessageInput.read(body))
        return Response(MessageSerializer(message).data, status=201)
