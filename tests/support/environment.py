"""The variables with which a worker starts."""

GOOD = {
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "SERVICE_KEY": "a-key-of-32-or-more-different-letters",
    "HELPDESK_API_URL": "http://127.0.0.1:8000/api/v1",
}
