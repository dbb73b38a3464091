"""Every setting, from the environment. Nothing needs to be set on a developer's machine or for `make demo`;
with a DATABASE_URL of its own an installation must also say SECRET_KEY and ALLOWED_HOSTS."""

import os
import secrets
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import logs, postgres

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"
env = environ.Env()

DEBUG = env.bool("DEBUG", False)
# Set by `make demo`: made-up people, and the sign-in code is shown on the page. Never in production.
ANJU_DEMO = env.bool("ANJU_DEMO", False)
# True while no DATABASE_URL was given, on a developer's machine and in the demo.
EMBEDDED = not env.str("DATABASE_URL", "") or env.bool("ANJU_EMBEDDED", False)
AT_HOME = EMBEDDED or DEBUG or ANJU_DEMO


def _needed(name: str, hint: str) -> str:
    """A value an installation cannot go without."""
    value: str = env.str(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {hint}")
    return value


def _own_secret() -> str:
    """A key made once for this checkout, readable by its owner only."""
    kept = VAR / "secret_key"
    VAR.mkdir(exist_ok=True)
    try:
        with open(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass  # made earlier
    return kept.read_text()


if AT_HOME:
    SECRET_KEY = env.str("SECRET_KEY", "") or _own_secret()
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
else:
    SECRET_KEY = _needed(
        "SECRET_KEY",
        "make one with `python -c 'import secrets; print(secrets.token_urlsafe(50))'` and keep it for good.",
    )
    ALLOWED_HOSTS = _needed(
        "ALLOWED_HOSTS", "the names people type, separated by commas, such as anju.example.cn"
    ).split(",")

# ---------------------------------------------------------------- rooms and libraries
INSTALLED_APPS = [
    "accounts",
    "estates",
    "repairs",
    "oversight",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "config.middleware.RequestLog",
    "config.middleware.KnownHost",
    "config.middleware.RequestSize",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.KeptSessions",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.IdleSignOutMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,  # without a list of loaders Django caches compiled templates
        "OPTIONS": {
            "libraries": {"lucide": "config.icons"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# ---------------------------------------------------------------- data
try:
    DATABASES = {"default": postgres.connection_settings(env.str("DATABASE_URL", "") or postgres.embedded_url())}
except postgres.DatabaseUnusable as unusable:
    raise ImproperlyConfigured(str(unusable)) from None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Shared by all processes: a limit counted in one process's memory is no limit.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
# A town does millions of jobs: those that are done leave no row, those that failed stay to be looked at.
PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful"}

MEDIA_ROOT = VAR / "media"
FILE_UPLOAD_PERMISSIONS = 0o600
# Five photos of 15 MB pass: files are spooled to disk and are not counted in the memory limit, which is for words.
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 10
REQUEST_MAX_BYTES = 80 * 1024 * 1024

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
HASHED_STATIC = not DEBUG and (ANJU_DEMO or not EMBEDDED)
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not HASHED_STATIC
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["map", "jpg", "jpeg", "png", "gif", "webp", "woff", "woff2", "gz", "br"]
_STATIC_STORAGE = "CompressedManifestStaticFilesStorage" if HASHED_STATIC else "CompressedStaticFilesStorage"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": f"whitenoise.storage.{_STATIC_STORAGE}"},
}

# ---------------------------------------------------------------- people
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["config.people.PeopleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "display_name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "repairs:home"
GUEST_MERGERS = ["repairs.actions.adopt_guest"]
CSRF_FAILURE_VIEW = "repairs.views.report_send.csrf_failed"
PERSONAL_COOKIES = ["report"]  # the draft of a report; gone when somebody signs out

ACCOUNT_ADAPTER = "accounts.adapter.StaffAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.StaffSignInForm",
    "change_password": "accounts.forms.StaffPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PHONE_VERIFICATION_ENABLED = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False  # a resident on this phone may sign in as staff
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "20/m/ip,5/900s/key"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_ADAPTER = "accounts.adapter.StaffMFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.StaffCodeForm",
    "reauthenticate": "accounts.forms.StaffReauthenticateForm",
    "activate_totp": "accounts.forms.StaffActivateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "安居报修"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True
# How many proxies of ours stand in front: with a wrong number the whole town shares one limit.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", 0)

# ---------------------------------------------------------------- browser
HTTPS = env.bool("ANJU_HTTPS", not AT_HOME)
SESSION_COOKIE_AGE = 90 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
# Other names under the same domain are not ours to promise for (includeSubDomains, preload).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# ---------------------------------------------------------------- words, time, messages
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]  # each in its own words
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

SMS_BACKEND = env.str("SMS_BACKEND", "accounts.sms.FileSms")
SMS_FILE = VAR / "sms" / "messages.jsonl"
SMS_DAY_CAP = env.int("SMS_DAY_CAP", 5000)  # sign-in codes a day, all phones together
SMS_PHONE_DAY_CAP = env.int("SMS_PHONE_DAY_CAP", 20)  # messages about repairs a day to one phone; danger goes through
SMS_KINDS = env.str("SMS_KINDS", "question,reminder,progress").split(",")  # `MessageKind`: what is paid for
QUIET_FROM, QUIET_UNTIL = env.int("QUIET_FROM", 22), env.int("QUIET_UNTIL", 7)  # hours without text messages
SMS_TIMEOUT = env.float("SMS_TIMEOUT", 15)  # seconds a provider may take to answer
CARRIER_TIMEOUT = env.float("CARRIER_TIMEOUT", 15)  # the same for mail servers, push services, chats and calls
CALL_BACKEND = env.str("CALL_BACKEND", "repairs.carriers.call.FileCall")
CALL_FILE = VAR / "calls" / "calls.jsonl"
# For accounts.sms_aliyun.AliyunSms and accounts.sms_tencent.TencentSms (README, "Messages").
SMS_KEY_ID, SMS_KEY_SECRET = env.str("SMS_KEY_ID", ""), env.str("SMS_KEY_SECRET", "")
SMS_SIGN, SMS_TEMPLATE = env.str("SMS_SIGN", ""), env.str("SMS_TEMPLATE", "")
SMS_TEMPLATE_VARIABLE, SMS_APP_ID = env.str("SMS_TEMPLATE_VARIABLE", "text"), env.str("SMS_APP_ID", "")
SMS_ENDPOINT, SMS_REGION = env.str("SMS_ENDPOINT", ""), env.str("SMS_REGION", "ap-guangzhou")
# The same for repairs.carriers.call_aliyun.AliyunCall.
CALL_KEY_ID, CALL_KEY_SECRET = env.str("CALL_KEY_ID", ""), env.str("CALL_KEY_SECRET", "")
CALL_TEMPLATE, CALL_TEMPLATE_VARIABLE = env.str("CALL_TEMPLATE", ""), env.str("CALL_TEMPLATE_VARIABLE", "text")
CALL_SHOWN_NUMBER, CALL_ENDPOINT = env.str("CALL_SHOWN_NUMBER", ""), env.str("CALL_ENDPOINT", "")
SMS_COUNTRY_CODES = [86, 852, 853, 886]  # elsewhere a message may cost a hundred times as much
SITE_URL = env.str("SITE_URL", "").rstrip("/")  # as people type it, for links in e-mails
# Without a mail server nobody is offered e-mail; at home letters are files.
EMAIL_HOST = env.str("EMAIL_HOST", "")
EMAIL_PORT = env.int("EMAIL_PORT", 465)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_USER", ""), env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", not EMAIL_USE_TLS)
EMAIL_TIMEOUT = CARRIER_TIMEOUT
EMAIL_FILE_PATH = VAR / "mail"
_MAILER = "smtp" if EMAIL_HOST else "filebased"
EMAIL_BACKEND = env.str("EMAIL_BACKEND", f"django.core.mail.backends.{_MAILER}.EmailBackend")
MAIL_IS_ON = bool(EMAIL_HOST) or AT_HOME
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "anju@localhost")
# Made by `manage.py make_push_keys`; without them nobody is offered notifications.
PUSH_PRIVATE_KEY, PUSH_PUBLIC_KEY = env.str("PUSH_PRIVATE_KEY", ""), env.str("PUSH_PUBLIC_KEY", "")
PUSH_CONTACT = env.str("PUSH_CONTACT", f"mailto:{DEFAULT_FROM_EMAIL}")
# Browsers name the push service themselves; no other host is ever asked.
PUSH_SERVICES = env.list(
    "PUSH_SERVICES",
    default=["fcm.googleapis.com", "push.services.mozilla.com", "notify.windows.com", "push.apple.com"],
)
ICP_NUMBER = env.str("ICP_NUMBER", "")
POLICE_NUMBER = env.str("POLICE_NUMBER", "")

LOGGING = logs.configuration(level=env.str("LOG_LEVEL", "INFO"))
LOGGING_CONFIG = "logging.config.dictConfig"
