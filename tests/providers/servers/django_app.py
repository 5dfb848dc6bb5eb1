"""A Django project in one file, with django-oauth-toolkit, one user, one public client, and tokens of 30 seconds."""

import json
import sys
from pathlib import Path

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.management import call_command

given = json.loads(sys.argv[1])
app = given["app"]
folder = Path(given["folder"])
database = folder / "db.sqlite3"


def signing_key():
    """The key of the ID tokens, which a restart keeps."""
    file = folder / "key.pem"
    if not file.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        form = serialization.PrivateFormat.PKCS8
        file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return file.read_text()


LOGIN_FORM = """<!doctype html>
<title>Sign in</title>
<form method="post">{% csrf_token %}{{ form.as_p }}<button>Sign in</button></form>
"""

settings.configure(
    SECRET_KEY="only for a test on this machine",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database, "OPTIONS": {"timeout": 20}}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    # The strong one only costs the tests time.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "corsheaders",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "corsheaders.middleware.CorsMiddleware",
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request"],
                "loaders": [
                    # Django has the form, but leaves the page to each project.
                    ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN_FORM}),
                    "django.template.loaders.app_directories.Loader",
                ],
            },
        }
    ],
    STATIC_URL="static/",
    CORS_ALLOWED_ORIGINS=[app["origin"]],
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": signing_key(),
        "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
        "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": False,
        "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Validator",
        "SCOPES": {"openid": "Your identity", "profile": "Your name", "email": "Your e-mail address"},
        "ACCESS_TOKEN_EXPIRE_SECONDS": 30,
        # For redirects to the app, which has no certificate.
        "ALLOWED_SCHEMES": ["http", "https"],
    },
)
django.setup()

# Models can be imported only after the setup.
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.auth.views import LoginView  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider import urls as oauth2_urls  # noqa: E402
from oauth2_provider.models import Application  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402

urlpatterns = [path("accounts/login/", LoginView.as_view()), path("o/", include(oauth2_urls))]


class Validator(OAuth2Validator):
    """Has what django-oauth-toolkit leaves to each project: the claims, and `prompt=none`, which is an error 500 without it."""

    oidc_claim_scope = {**OAuth2Validator.oidc_claim_scope, "email": "email", "name": "profile"}

    def get_additional_claims(self):
        return {"email": lambda request: request.user.email, "name": lambda request: request.user.get_full_name()}

    def validate_silent_login(self, request):
        # The view itself refuses users without a session.
        return True

    def validate_silent_authorization(self, request):
        return request.client.skip_authorization


def add_user(email, password, name):
    first, last = name.split(" ")
    User.objects.create_user(email, email, password, first_name=first, last_name=last)


def add_client():
    Application.objects.create(
        name="The app",
        client_id=given["clientId"],
        client_type=Application.CLIENT_PUBLIC,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        algorithm=Application.RS256_ALGORITHM,
        redirect_uris=app["redirectUri"],
        post_logout_redirect_uris=app["postLogoutUrl"],
        # The app belongs to the provider, so users are not asked.
        skip_authorization=True,
    )


if not database.exists():
    call_command("migrate", verbosity=0)
    add_user(**given["user"])
    add_client()
call_command("runserver", f"127.0.0.1:{given['port']}", use_reloader=False, skip_checks=True)
