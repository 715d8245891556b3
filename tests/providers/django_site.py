"""The project of django-oauth-toolkit: settings, addresses and what fills it, in one file."""

import json
import os
import pathlib
import sys

import django
from django.conf import settings

FOLDER = pathlib.Path(os.environ["PROVIDER_FOLDER"])
KEY = FOLDER / "key.pem"


def key():
    if not KEY.exists():
        from cryptography.hazmat.primitives import serialization as it
        from cryptography.hazmat.primitives.asymmetric import rsa

        made = rsa.generate_private_key(65537, 2048)
        KEY.write_bytes(made.private_bytes(it.Encoding.PEM, it.PrivateFormat.PKCS8, it.NoEncryption()))
    return KEY.read_text()


LOGIN = '<form method="post">{% csrf_token %}{{ form }}<button>Log in</button></form>'

settings.configure(
    SECRET_KEY="of a test",
    DEBUG=False,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="django_site",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(FOLDER / "db.sqlite3")}},
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN}),
                    "django.template.loaders.app_directories.Loader",
                ],
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    LOGIN_URL="/accounts/login/",
    USE_TZ=True,
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": key(),
        "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
        "OAUTH2_VALIDATOR_CLASS": "django_site.Validator",
        "SCOPES": {name: name for name in ("openid", "profile", "email", "offline_access", "admin")},
    },
)
sys.modules.setdefault("django_site", sys.modules[__name__])
django.setup()

from django.contrib.auth.views import LoginView  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402


# Roles are an app's own at django-oauth-toolkit: the documented hook adds them.
class Validator(OAuth2Validator):
    oidc_claim_scope = {**OAuth2Validator.oidc_claim_scope, "roles": "openid"}

    def get_additional_claims(self):
        return {
            "name": lambda request: request.user.get_full_name(),
            "email": lambda request: request.user.email,
            "roles": lambda request: [group.name for group in request.user.groups.all()],
        }


urlpatterns = [
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("accounts/login/", LoginView.as_view()),
]


def populate(data):
    from django.contrib.auth.models import Group, User
    from oauth2_provider.models import Application

    for it in data["people"]:
        user = User.objects.create_user(
            it["user"], it["email"], it["password"], first_name=it["given"], last_name=it["family"]
        )
        for role in it["roles"]:
            user.groups.add(Group.objects.get_or_create(name=role)[0])
    for client_id, it in data["clients"].items():
        Application.objects.create(
            name=client_id,
            client_id=client_id,
            client_secret=it["secret"],
            client_type="confidential" if it["secret"] else "public",
            authorization_grant_type="authorization-code",
            redirect_uris=data["redirect_uri"],
            post_logout_redirect_uris=data["after_logout"],
            algorithm="RS256",
        )


if __name__ == "__main__":
    if sys.argv[1] == "populate":
        populate(json.loads(sys.argv[2]))
    else:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
