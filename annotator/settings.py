"""Settings. They come from the environment alone; the table of all of them is on the help page "Deployment".

Without DATABASE_URL the embedded servers are used and everything has a default: that is `manage.py up`, development
and the tests. With DATABASE_URL this is production: nothing embedded is imported, and what has no safe default is
required.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from celery.schedules import crontab
from django.contrib.messages import constants

from annotator.configuration.api import *  # noqa: F403 - what no installation changes has rooms of its own
from annotator.configuration.environment import Environment, refuse
from annotator.configuration.headers import *  # noqa: F403
from annotator.configuration.installed import *  # noqa: F403
from annotator.launching.addresses import left_address
from annotator.operation.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
LOCAL_DIR = Path(env.text("ATTEST_STATE_DIR", str(BASE_DIR / ".local")))
TESTING = "pytest" in sys.modules or env.truth("ATTEST_TESTING", False)
if TESTING:
    os.environ.pop("CELERY_BROKER_URL", None)  # Celery reads this variable itself, before any setting
PRODUCTION = bool(env.text("DATABASE_URL")) and not TESTING
PROCESS = env.text("ATTEST_PROCESS", "command")  # "web", "worker" or "command": decides how long a statement may take

# --- database and broker -----------------------------------------------------------------------------------------

EMBEDDED: Any = None
if env.text("DATABASE_URL"):
    as_owner = bool(env.text("MIGRATION_DATABASE_URL")) and sys.argv[1:2] == ["migrate"]
    address = env.database("MIGRATION_DATABASE_URL" if as_owner else "DATABASE_URL")
    DATABASES: dict[str, dict[str, Any]] = {"default": address | {"ENGINE": "annotator.database"}}
    broker_cure = "Write it as redis://host:6379/0, rediss://..., amqp://user:password@host:5672/vhost."
    CELERY_BROKER_URL = "memory://" if TESTING else env.required("CELERY_BROKER_URL", broker_cure)
    if not CELERY_BROKER_URL.startswith(("redis", "valkey", "amqp", "pyamqp", "sentinel", "memory://")):
        refuse("CELERY_BROKER_URL", CELERY_BROKER_URL, broker_cure, secret=True)
else:
    from annotator.embedded import cluster

    EMBEDDED = cluster.find(durable=not TESTING, directory=env.text("ATTEST_STATE_DIR"))
    DATABASES = {
        "default": {
            "ENGINE": "annotator.embedded",
            "NAME": env.text("ATTEST_DATABASE", "attest"),
            "USER": "attest",
            "HOST": str(EMBEDDED.sockets),
            "PORT": "5432",
            "EMBEDDED": EMBEDDED,
        }
    }
    CELERY_BROKER_URL = "memory://" if TESTING else env.text("CELERY_BROKER_URL", EMBEDDED.broker_url)

# A page that takes longer than this is a fault; workers and commands have statements that rightly take long.
# The server is stricter with itself (4.5 s) than we with a server that says nothing (4.8 s): within five seconds
# whoever asked has an answer.
STATEMENT_TIMEOUT_MS = {"web": env.whole("STATEMENT_TIMEOUT_MS", 4500, least=100)}.get(PROCESS, 0)
database = DATABASES["default"]
database.setdefault("OPTIONS", {}).update(
    connect_timeout=3,
    options=f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c idle_in_transaction_session_timeout=60000"
    " -c plan_cache_mode=force_generic_plan",
    answer_limit=STATEMENT_TIMEOUT_MS / 1000 + 0.3 if STATEMENT_TIMEOUT_MS else None,
    # Only statements of claims.models.statements are ever prepared. 0 behind a pooler that hands out connections by
    # the transaction and knows no prepared statements (PgBouncer before 1.21).
    prepare_threshold=env.whole("DB_PREPARE_AFTER", 2) or None,
)
database["CONN_HEALTH_CHECKS"] = True
database["TEST"] = {"NAME": f"test_attest_{os.getpid()}"}  # several test runs may share one server
if pool_size := env.whole("DB_POOL_MAX", 0, most=500):
    # Not on the embedded server: after a restart each stale connection of a pool costs one failed request.
    from annotator.database.base import PatientConnection

    database["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": pool_size,
        "timeout": 4,
        "connection_class": PatientConnection,
    }
else:
    database["CONN_MAX_AGE"] = 0 if TESTING else 600
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- background work: the row is the queue, the message only says "look at job N" ----------------------------------

CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = env.whole("TASK_SOFT_TIME_LIMIT", 3600)
CELERY_TASK_TIME_LIMIT = CELERY_TASK_SOFT_TIME_LIMIT + 60
CELERY_TASK_PUBLISH_RETRY = False  # a broker that is away must not hold up a request; the sweep sends again
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {}
if CELERY_BROKER_URL.startswith("memory"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.02}
elif not CELERY_BROKER_URL.startswith(("amqp", "pyamqp")):
    # The scan for unacknowledged messages runs every second instead of every hundred.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": env.whole("CELERY_VISIBILITY_TIMEOUT", 3600, least=1),
        "unacked_restore_throttle": 1,
        # A page only sends nudges, and the sweep repeats a lost one; a worker waits for messages.
        "socket_connect_timeout": 1 if PROCESS == "web" else 5,
        "socket_timeout": 1 if PROCESS == "web" else 10,
    }
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "claims.tasks.sweep", "schedule": 5.0, "options": {"expires": 5}},
    # By the clock, in UTC: a restart of beat does not put the night off, and no hour comes twice or not at all.
    "nightly": {"task": "claims.tasks.nightly", "schedule": crontab(hour=2, minute=40)},
}

# --- what is installed -------------------------------------------------------------------------------------------

ROOT_URLCONF = "annotator.urls"
WSGI_APPLICATION = "annotator.wsgi.application"
ASGI_APPLICATION = "annotator.asgi.application"
# --- people and secrets ------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "claims.User"
AUTHENTICATION_BACKENDS = ["annotator.operation.sign_in.SignInBackend"]
SESSION_ENGINE = "annotator.operation.sign_in"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # 160 ms less for each sign-in
# Owners and staff need a second factor before anything else opens.
SECOND_FACTOR_REQUIRED = env.truth("REQUIRE_SECOND_FACTOR", PRODUCTION)
ACCOUNT_ADAPTER = "claims.web.account.door.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_FORMS = {
    "login": "claims.web.account.door.SignInForm",
    "reset_password": "claims.web.account.door.ForgottenForm",
}
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses come from invitations, or from the person themselves
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Passwords and codes are counted by claims.people.attempts.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "1000/m/ip", "reset_password": "20/m/ip,5/m/key"}
MFA_ADAPTER = "claims.web.account.door.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "claims.web.account.door.CodeForm",
    "reauthenticate": "claims.web.account.door.CodeAgainForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Attest"
MFA_TOTP_TOLERANCE = 1  # clocks of telephones differ; a code still works once
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
SOCIALACCOUNT_ADAPTER = "claims.web.account.door.ProviderAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if oidc_server := env.text("OIDC_SERVER_URL"):
    if not oidc_server.startswith("https://"):
        refuse("OIDC_SERVER_URL", oidc_server, "Write the issuer's address, which begins with https://.")
    CONTENT_SECURITY_POLICY = with_provider(CONTENT_SECURITY_POLICY, oidc_server)  # noqa: F405
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": env.text("OIDC_NAME", "Your organisation"),
                "client_id": env.required("OIDC_CLIENT_ID", "It is what the identity provider calls this site."),
                "secret": env.required("OIDC_CLIENT_SECRET", "The identity provider shows it beside the client id."),
                "settings": {"server_url": oidc_server},
            }
        ],
    }
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

DEBUG = env.truth("DEBUG", False)
if PRODUCTION:
    if DEBUG:
        refuse(
            "DEBUG",
            env.text("DEBUG"),
            "It shows source code and settings to visitors; unset it where DATABASE_URL is set.",
        )
    SECRET_KEY = env.required("SECRET_KEY", "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'")
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
        refuse("SECRET_KEY", SECRET_KEY, "It needs at least 50 random characters.", secret=True)
    env.required("ALLOWED_HOSTS", "List the host names that visitors use, separated by commas.")
    env.required("CSRF_TRUSTED_ORIGINS", "List the origins that forms are sent from, as https://attest.example.org.")
else:
    from annotator.configuration.local_secret import local_secret

    SECRET_KEY = env.text("SECRET_KEY") or local_secret(LOCAL_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", (*LOOPBACK, "testserver") if TESTING else LOOPBACK)
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
if "*" in ALLOWED_HOSTS and PRODUCTION:
    refuse("ALLOWED_HOSTS", "*", "Name the hosts; a star lets anybody choose the host name in links.")
for origin in CSRF_TRUSTED_ORIGINS:
    if not origin.startswith("https://" if PRODUCTION else ("https://", "http://")):
        refuse("CSRF_TRUSTED_ORIGINS", origin, "Each origin begins with https://.")
METRICS_TOKEN = env.text("METRICS_TOKEN")
SECURITY_CONTACT = env.text("SECURITY_CONTACT", "mailto:security@localhost")

# Every web process has to know which codes were used.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "claims_cacheentry"}}

# The words of a message's level are the names that the style sheets have for them.
MESSAGE_TAGS = {constants.SUCCESS: "good", constants.WARNING: "attention", constants.ERROR: "problem"}

# --- cookies, transport, uploads ---------------------------------------------------------------------------------

SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "csrf"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz(/web)?$", r"^metrics$"]
SECURE_HSTS_SECONDS = 2 * 365 * 86_400 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER: tuple[str, str] | None = None
if env.truth("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024  # a request body without files: the largest article text the API takes
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 100
FILE_UPLOAD_PERMISSIONS = 0o600

# --- requests to other machines ------------------------------------------------------------------------------------

OUTBOUND_USER_AGENT = env.text("OUTBOUND_USER_AGENT", "Attest/0.1 (article import)")
OUTBOUND_ROBOTS = env.truth("OUTBOUND_ROBOTS", True)  # whether robots.txt of other sites is followed
OUTBOUND_CA_FILE = env.text("OUTBOUND_CA_FILE")  # certificates to trust in the place of the usual ones
OUTBOUND_TEST_HOSTS: dict[str, tuple[str, int]] = {}  # public name -> server of a test on this machine
for entry in env.words("OUTBOUND_TEST_HOSTS"):
    if not TESTING:
        refuse(
            "OUTBOUND_TEST_HOSTS", entry, "It leads around the checks of addresses and is for tests alone; unset it."
        )
    name, _, place = entry.partition("=")
    OUTBOUND_TEST_HOSTS[name] = (place.rpartition(":")[0], int(place.rpartition(":")[2]))

# A language model behind an OpenAI-compatible address, such as http://127.0.0.1:8080/v1. Empty: nothing is asked.
MODEL_ENDPOINT = env.text("MODEL_ENDPOINT")
if MODEL_ENDPOINT and not MODEL_ENDPOINT.startswith(("http://", "https://")):
    refuse("MODEL_ENDPOINT", MODEL_ENDPOINT, "Write the address that /chat/completions comes after: http://host/v1.")
MODEL_NAME = env.required("MODEL_NAME", "Name the model that MODEL_ENDPOINT serves.") if MODEL_ENDPOINT else ""
MODEL_API_KEY = env.text("MODEL_API_KEY")
MODEL_SECONDS = env.whole("MODEL_SECONDS", 40, least=1, most=50)  # below a job's lease

# A folder with a model of sentence embeddings, which ranks the same claim elsewhere anew. Empty: by words alone.
EMBEDDING_MODEL = env.text("EMBEDDING_MODEL")
if EMBEDDING_MODEL and not (Path(EMBEDDING_MODEL) / "model.safetensors").is_file():
    refuse("EMBEDDING_MODEL", EMBEDDING_MODEL, "Name the folder of a model2vec model (it holds model.safetensors).")
if EMBEDDING_MODEL and find_spec("model2vec") is None:
    refuse("EMBEDDING_MODEL", EMBEDDING_MODEL, "Install the extra first: pip install '.[embeddings]'.")

# Where `manage.py deposit_release` deposits; https://sandbox.zenodo.org/api is for trying. The token is never logged.
ZENODO_ENDPOINT = env.text("ZENODO_ENDPOINT", "https://zenodo.org/api")
if not ZENODO_ENDPOINT.startswith(("http://", "https://")):
    refuse("ZENODO_ENDPOINT", ZENODO_ENDPOINT, "Write an address such as https://zenodo.org/api.")
ZENODO_TOKEN = env.text("ZENODO_TOKEN")

# --- files, static files, language, time -------------------------------------------------------------------------

STORAGE = env.text("STORAGE", "database")
if STORAGE == "database":
    file_storage: dict[str, Any] = {"BACKEND": "claims.models.stored_file.DatabaseStorage"}
elif STORAGE.startswith("file:///"):
    file_storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": STORAGE.removeprefix("file://")},
    }
else:
    refuse("STORAGE", STORAGE, "Write database, or file:///absolute/path on a volume that every machine shares.")
plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
manifest = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {"default": file_storage, "staticfiles": {"BACKEND": plain if TESTING or DEBUG else manifest}}
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(LOCAL_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TESTING or DEBUG
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch"), ("tr", "Türkçe")]
LOCALE_PATHS = [BASE_DIR / "annotator/locale"]
FORMAT_MODULE_PATH = "annotator.formats"
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = logging_settings(
    as_json=env.choice("LOG_FORMAT", ("json", "plain"), default="json" if PRODUCTION else "plain") == "json",
    level=env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO" if PRODUCTION else "WARNING"),
)

# --- mail --------------------------------------------------------------------------------------------------------

# smtp+tls://user:password@host:587. Without it nothing is sent: invitations are links that one copies.
mail_address = env.text("EMAIL_URL")
MAIL_IS_ON = bool(mail_address)
if mail_address:
    vars().update(env.mail("EMAIL_URL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("MAIL_FROM", "Attest <attest@localhost>")
# What links begin with where no page was asked for: in the worker's letters, and in what `invite` prints. `up` leaves
# the address it listens on in the state directory.
OWN_ADDRESS = left_address(LOCAL_DIR) if EMBEDDED and not TESTING else ""
SITE_URL = env.text("SITE_URL", next(iter(CSRF_TRUSTED_ORIGINS), OWN_ADDRESS or "http://localhost:8000")).rstrip("/")
EMAIL_SUBJECT_PREFIX = ""
