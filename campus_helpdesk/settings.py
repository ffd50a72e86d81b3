"""Settings of the Django side, read from the environment. `.env.example` describes each."""

from pathlib import Path

from csp.constants import NONE, SELF
from jinja2 import select_autoescape

from campus_helpdesk.configuration import environment, log_settings
from common import __version__
from common.celery_options import broker_url, transport_options
from common.service_keys import broker_prefix

BASE_DIR = Path(__file__).resolve().parent.parent
WEB_DIR = BASE_DIR / "campus_helpdesk/web"

# --- who and where -------------------------------------------------------------------------------
THIS_MACHINE = "127.0.0.1 localhost [::1]"
DEBUG = environment.flag("DEBUG", default=False)
SECRET_KEY = environment.secret("SECRET_KEY")
SERVICE_KEY = environment.secret("SERVICE_KEY")
SERVICE_KEY_OLD = environment.secret("SERVICE_KEY_OLD", is_required=False)
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS", default=THIS_MACHINE)
CSRF_TRUSTED_ORIGINS = environment.origins("TRUSTED_ORIGINS")
CAMPUS_TIME_ZONE = environment.time_zone("CAMPUS_TIME_ZONE", default="UTC")
ADMIN_ENABLED = environment.flag("ADMIN_ENABLED", default=True)
IS_TLS = environment.flag("TLS", default=False)
RETAIN_MONTHS = environment.months("RETAIN_MONTHS")
PUBLIC_FEEDS = environment.flag("PUBLIC_FEEDS", default=False)
CLOSED_BY_LINK = environment.flag("CLOSED_BY_LINK", default=True)
ROLE_SOURCE = environment.choice("ROLE_SOURCE", "door", "proxy")
MONITOR_KEY = environment.secret("MONITOR_KEY", is_required=False)
PROXY_SECRET = environment.secret("PROXY_SECRET", is_required=ROLE_SOURCE == "proxy")
TRUSTED_PROXIES = environment.networks("TRUSTED_PROXIES")

keys = [key for key in (SECRET_KEY, SERVICE_KEY, SERVICE_KEY_OLD, MONITOR_KEY, PROXY_SECRET) if key]
if len(set(keys)) < len(keys):
    environment.refuse(
        "SECRET_KEY, SERVICE_KEY, SERVICE_KEY_OLD, MONITOR_KEY, PROXY_SECRET must differ from each other."
    )
if "*" in ALLOWED_HOSTS:
    environment.refuse("ALLOWED_HOSTS must name the site; `*` is refused.")
if DEBUG and set(ALLOWED_HOSTS) - set(THIS_MACHINE.split()):
    environment.refuse(
        f"With DEBUG=1, ALLOWED_HOSTS may only contain {THIS_MACHINE}, because errors are shown to everyone."
    )
if IS_TLS and not TRUSTED_PROXIES:
    environment.refuse(
        "TLS=1 needs TRUSTED_PROXIES, the addresses of the proxies that report whether a request used https."
    )
if ROLE_SOURCE == "proxy" and not TRUSTED_PROXIES:
    environment.refuse(
        "ROLE_SOURCE=proxy needs TRUSTED_PROXIES, the addresses of the proxies that may send a role."
    )

DATA_FOLDER = environment.text("DATA", default=str(BASE_DIR))  # on the disk whose free space readyz reports

ROOT_URLCONF = "campus_helpdesk.urls"
WSGI_APPLICATION = "campus_helpdesk.wsgi.application"
LANGUAGE_CODE = "en"
USE_I18N = False  # one language: no lookups in catalogues
USE_TZ = True
TIME_ZONE = CAMPUS_TIME_ZONE
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "campus_helpdesk",
    "campus_helpdesk.apps.HelpdeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "pgtrigger",
    "pghistory",
    "csp",
    "django_htmx",
    "lucide",
    "places",
    "tickets",
    "messaging",
    "messaging.attachments",
    "incoming_mail",
    "notifications",
    "analytics_gateway",
]

MIDDLEWARE = [
    "campus_helpdesk.middleware.request_logging.RequestLogMiddleware",
    "campus_helpdesk.entrance.proxy_headers.ProxyHeadersMiddleware",
    "campus_helpdesk.middleware.security_headers.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "campus_helpdesk.operations.health.HealthMiddleware",
    "campus_helpdesk.middleware.api_timezone.ApiTimezoneMiddleware",
    "campus_helpdesk.middleware.method_preserving_redirects.MethodPreservingRedirectMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "campus_helpdesk.middleware.require_https.RequireHttpsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "campus_helpdesk.middleware.compression.CompressionMiddleware",
    "campus_helpdesk.middleware.request_size.RequestSizeMiddleware",
    "campus_helpdesk.middleware.throttling.middleware.ThrottlingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "campus_helpdesk.entrance.middleware.RoleMiddleware",
    "campus_helpdesk.entrance.repeated_fields.RepeatedFieldsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "campus_helpdesk.middleware.error_pages.ErrorPageMiddleware",
]

# Pages use Jinja, which takes a fifth of the time of Django's templates; the admin uses Django's own.
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [WEB_DIR / "templates", BASE_DIR / "notifications/templates"],
        "OPTIONS": {
            "autoescape": select_autoescape(disabled_extensions=("txt",), default=True),
            "environment": "campus_helpdesk.web.shared.jinja_environment.make_environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "campus_helpdesk.web.shared.jinja_environment.shared_csrf_input",
                "campus_helpdesk.entrance.themes.theme",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB_DIR / "admin_templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"campus": "campus_helpdesk.web.templatetags.campus"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "campus_helpdesk.entrance.themes.theme",
            ],
        },
    },
]

# --- data ----------------------------------------------------------------------------------------
DATABASES = {"default": environment.database("DATABASE_URL", is_production=IS_TLS)}
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    "connect_timeout": 3,
    # Detects a server that has disappeared silently, also during long waits.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20000,
    # The third ends statements whose client is gone, such as a killed process.
    "options": "-c statement_timeout=15000 -c lock_timeout=3000 -c client_connection_check_interval=1000"
    " -c idle_in_transaction_session_timeout=30000 -c timezone=UTC",
}
PGHISTORY_CREATED_AT_FUNCTION = "CLOCK_TIMESTAMP()"

SESSION_ENGINE = "campus_helpdesk.entrance.sessions"
SESSION_COOKIE_AGE = 28800
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- queue ---------------------------------------------------------------------------------------
REDIS_URL = environment.address(
    "REDIS_URL",
    "redis://127.0.0.1:6379/0",
    form="redis://host:6379/0 or unix:///path/to/socket?db=0",
    schemes=("redis", "rediss", "unix"),
    is_production=IS_TLS,
)
CELERY_BROKER_URL = broker_url(REDIS_URL)
BROKER_PREFIX = broker_prefix(SERVICE_KEY)
# Publishing waits a second at most: the row is stored, and the reconciler publishes it later.
CELERY_BROKER_TRANSPORT_OPTIONS = transport_options(BROKER_PREFIX, connect_seconds=1, socket_seconds=1)
CELERY_TASK_PUBLISH_RETRY = False

# --- API -----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["campus_helpdesk.entrance.authentication.CallerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["campus_helpdesk.entrance.authentication.CallerPermission"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "campus_helpdesk.entrance.authentication.RoleFirstNegotiation",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["campus_helpdesk.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "campus_helpdesk.api.exception_handler.handle_exception",
    "UNAUTHENTICATED_USER": None,
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%S.%fZ",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Campus Helpdesk",
    "DESCRIPTION": "Tickets, their messages, and analyses of them.",
    "VERSION": __version__,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "campus_helpdesk.api.openapi.drop_samples",
    ],
    "COMPONENT_SPLIT_REQUEST": True,
}

# --- browser -------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "__Host-sessionid" if IS_TLS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if IS_TLS else "csrftoken"
CSRF_COOKIE_AGE = None  # ends with the browser, as the session does
BROWSER_COOKIE_NAME = "__Host-campus_browser" if IS_TLS else "campus_browser"
THEME_COOKIE_NAME = "__Host-theme" if IS_TLS else "theme"
SECURE_HSTS_SECONDS = 31536000 if IS_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_TLS
# People are redirected to https. Programs are refused, so that unencrypted requests are noticed.
SECURE_REDIRECT_EXEMPT = ["^api/(?!docs/)", "^(readyz|metrics)$"]
# Set by a trusted proxy only: the second middleware drops it otherwise.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_TLS else None
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # no preload: the domain belongs to the campus
CSRF_FAILURE_VIEW = "campus_helpdesk.entrance.csrf_failure.refuse_forgery"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
RESULT_UPLOAD_MAX_SIZE = 8 * 1024 * 1024

# --- photos --------------------------------------------------------------------------------------
FILES = environment.files(
    "FILES_URL", default=Path(environment.text("DATA", default=str(BASE_DIR / "var"))) / "files"
)
# To the disk as they arrive, however small.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# --- mail that comes in ----------------------------------------------------------------------------
INBOX_ADDRESS = environment.mail_address("INBOX_ADDRESS")
INBOX_URL = environment.mailbox("INBOX_URL")
INBOX_TRUSTED_HOST = environment.text("INBOX_TRUSTED_HOST", default="").lower()
INBOX_DAYS = environment.number("INBOX_DAYS", default=30, most=3650)
# --- mail ------------------------------------------------------------------------------------------
SITE_URL = environment.site(
    "SITE_URL", default=f"http{'s' if IS_TLS else ''}://{ALLOWED_HOSTS[0].lstrip('.')}"
)
MAIL_SERVER = environment.mail_server("EMAIL_URL")
EMAIL_HOST, EMAIL_PORT = MAIL_SERVER["HOST"], MAIL_SERVER["PORT"]  # without a host, mails wait in the outbox
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL_SERVER["HOST_USER"], MAIL_SERVER["HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL_SERVER["USE_TLS"], MAIL_SERVER["USE_SSL"]
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL, MAIL_DOMAIN = environment.mail_sender(
    "EMAIL_FROM", default="Campus Helpdesk <helpdesk@localhost>"
)
MAIL_ADDRESS_DAYS = environment.number("MAIL_ADDRESS_DAYS", default=30, most=3650)

# --- rate limits: per session / per address, per minute ------------------------------------------------
RATE_LIMITS = environment.flag("RATE_LIMITS", default=True)
RATES = {
    "entrance": environment.rate("RATE_DOOR", default="10/60"),
    "ticket": environment.rate("RATE_TICKET", default="10/60"),
    "message": environment.rate("RATE_MESSAGE", default="20/120"),
    "analysis": environment.rate("RATE_ANALYSIS", default="6/30"),
    "photo": environment.rate("RATE_PHOTO", default="30/300"),
    "typing": environment.rate("RATE_TYPING", default="60/600"),
}
ANALYSES_AT_ONCE = 2 if RATE_LIMITS else None

STATIC_URL = "static/"
STATICFILES_DIRS = [WEB_DIR / "static"]
STATIC_ROOT = environment.text("STATIC_ROOT", default="") or None
# Collected and hashed in images; served directly from the apps elsewhere.
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": FILES,
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_ROOT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

LOGGING = log_settings.LOGGING
