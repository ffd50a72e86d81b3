import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "campus_helpdesk.settings")
application = get_wsgi_application()
# Load every view now: what is loaded before gunicorn forks is shared by its workers.
assert get_resolver().url_patterns
