"""Settings shared by development, tests and production.

Everything that differs between two installations comes from the environment (`.env.example` lists it).
Business numbers (limits, periods, prices) are not here: they are data, in scheme versions and budgets.
"""

from __future__ import annotations

import datetime as dt
import warnings
from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _
from PIL import Image

import points.units  # noqa: F401  (registers BEAN, MINUTE and SCORE before django-money reads its settings)

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

# --- The house: one application per room, top floor last (see docs/) -----------------------------------
INSTALLED_APPS = [
    "points.people.apps.PeopleConfig",
    "points.ledger.apps.LedgerConfig",
    "points.grids.apps.GridsConfig",
    "points.schemes.apps.SchemesConfig",
    "points.records.apps.RecordsConfig",
    "points.activities.apps.ActivitiesConfig",
    "points.assessment.apps.AssessmentConfig",
    "rewards.apps.RewardsConfig",
    "points.audit.apps.AuditConfig",
    "cms.images.apps.ImagesConfig",
    "cms.apps.CmsConfig",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.images",
    "wagtail.documents",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "treebeard",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "djmoney",
    "django_htmx",
    "csp",
    "django_celery_beat",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.BackOfficePolicyMiddleware",
    "config.middleware.DevicePolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "points.grids.auth.BackOfficeDoorMiddleware",
    "config.middleware.SecondFactorMiddleware",
    "cms.middleware.AnnouncementRightsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cms.context.frame",
            ],
        },
    },
]

# --- Database, cache, mail ------------------------------------------------------------------------------
# FULL survives a power cut. OFF is for a file that is thrown away when its making fails (the demo's build).
SQLITE_SYNCHRONOUS = "OFF" if env.str("SQLITE_SYNCHRONOUS", default="FULL") == "OFF" else "FULL"
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        f"PRAGMA journal_mode=WAL; PRAGMA synchronous={SQLITE_SYNCHRONOUS}; PRAGMA foreign_keys=ON; "
        "PRAGMA busy_timeout=20000; PRAGMA cache_size=-20000; PRAGMA temp_store=MEMORY; "
        "PRAGMA mmap_size=134217728; "
        "PRAGMA journal_size_limit=67108864;"
    ),
}
ATOMIC_REQUESTS = False


def database(url_default: str) -> dict[str, Any]:
    """The database of DATABASE_URL; SQLite gets the options under which no writer is turned away."""
    config: dict[str, Any] = env.db("DATABASE_URL", default=url_default)
    config["ATOMIC_REQUESTS"] = ATOMIC_REQUESTS
    if config["ENGINE"] == "django.db.backends.sqlite3":
        Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        config["OPTIONS"] = {**config.get("OPTIONS", {}), **SQLITE_OPTIONS}
    else:
        config.setdefault("CONN_MAX_AGE", env.int("CONN_MAX_AGE", default=60))
        config["CONN_HEALTH_CHECKS"] = True
        # Behind PgBouncer each transaction may meet another session: nothing is left there for the next.
        pooled = env.bool("DATABASE_POOLED", default=False)
        config["DISABLE_SERVER_SIDE_CURSORS"] = pooled
        # Of all statements only the ledger's own calls are ever prepared (points/ledger/postgres.py).
        config["OPTIONS"] = {"prepare_threshold": None if pooled else 2, **config.get("OPTIONS", {})}
    return config


DATABASES = {"default": database(f"sqlite:///{BASE_DIR / 'var' / 'db.sqlite3'}")}
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://jindou")}
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="jindou@localhost")

# --- People and sign-in ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "points.grids.auth.RolesBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "points.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "phone", "email"}
ACCOUNT_FORMS = {"login": "points.people.signing.LoginForm", "signup": "points.people.signing.SignupForm"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "phone", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PHONE_VERIFICATION_ENABLED = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
# Mail addresses are optional, never verified, and no code is ever sent to one: an unverified address must not
# keep a clerk from adding the second step.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Whoever enters the back office must have a second factor (true, and not to be switched off, in production).
STAFF_SECOND_FACTOR = False

# Shows the line "this is a demonstration" on every page.
DEMO_NOTICE = env.bool("DEMO_NOTICE", default=False)

# --- Language and time ----------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# --- Units of account -----------------------------------------------------------------------------------
CURRENCIES = ("BEAN", "MINUTE", "SCORE", "CNY")
DEFAULT_CURRENCY = "BEAN"
CURRENCY_CODE_MAX_LENGTH = 8

# --- Static files and uploads ---------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media"))()
# Files that no address leads to: sheets on their way in, evidence beside approval requests. Shared by the web
# and the worker processes; read only through views that check the reader.
PRIVATE_ROOT = env.path("PRIVATE_ROOT", default=str(BASE_DIR / "var" / "private"))()
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {"BACKEND": "points.grids.storage.PrivateStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Uploads are the business of the server in front; the development settings serve them themselves.
SERVE_MEDIA = env.bool("SERVE_MEDIA", default=False)
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
MAX_PIXELS = 25_000_000
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

# --- Wagtail --------------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "金豆"
WAGTAILADMIN_BASE_URL = env.str("WAGTAILADMIN_BASE_URL", default="http://127.0.0.1:8000")
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILIMAGES_IMAGE_MODEL = "cms_images.CustomImage"
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp", "gif"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 5 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = MAX_PIXELS
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "xlsx", "csv", "txt"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILSEARCH_BACKENDS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "wagtail.search.backends.database"}
}

# --- Background work ------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="")
CELERY_TASK_ALWAYS_EAGER = not CELERY_BROKER_URL
CELERY_TASK_EAGER_PROPAGATES = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 540
CELERY_TASK_SOFT_TIME_LIMIT = 480
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {}
if CELERY_BROKER_URL.startswith(("redis", "sentinel")):
    # A killed worker's task comes back after this many seconds; longer than the longest task may run.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 600,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
    }
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "close forgotten shifts": {"task": "activities.close_forgotten", "schedule": dt.timedelta(minutes=5)},
    "offer free places": {"task": "activities.settle_waitlists", "schedule": dt.timedelta(minutes=5)},
    "remind of tomorrow": {"task": "activities.remind", "schedule": crontab(hour="9,17", minute=5)},
    "release beans after the notice": {"task": "records.release_due", "schedule": dt.timedelta(minutes=10)},
    "expire vouchers": {"task": "rewards.expire_due", "schedule": dt.timedelta(hours=1)},
    "end missed appointments": {"task": "rewards.forfeit_due", "schedule": dt.timedelta(hours=1)},
    "remind of vouchers": {"task": "rewards.remind_due", "schedule": crontab(hour=9, minute=0)},
    "expire approval requests": {"task": "grids.expire_requests", "schedule": dt.timedelta(hours=1)},
    "lapse old beans": {"task": "ledger.lapse_due", "schedule": crontab(hour=1, minute=10)},
    "close the month": {
        "task": "ledger.close_month",
        "schedule": crontab(day_of_month="1", hour=3, minute=10),
    },
    "forget devices of check-ins": {
        "task": "activities.forget_devices",
        "schedule": crontab(hour=4, minute=35),
    },
    "clean sign-in sheets": {"task": "activities.clean_imports", "schedule": crontab(hour=4, minute=20)},
    "mail what cannot wait": {"task": "people.mail_notices", "schedule": dt.timedelta(minutes=2)},
    "mail the news of the day": {"task": "people.mail_digest", "schedule": dt.timedelta(minutes=10)},
    "close accounts": {"task": "cms.close_due", "schedule": dt.timedelta(hours=1)},
    "erase what is old": {"task": "people.erase_old", "schedule": crontab(hour=4, minute=40)},
    "seal the books": {"task": "ledger.seal_pending", "schedule": dt.timedelta(minutes=1)},
}

# --- Browser policy -------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- Logs: one line per event on standard error, no personal data ---------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"fontTools": {"level": "WARNING"}},  # it tells which characters a paper has
}
