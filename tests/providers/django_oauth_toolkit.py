"""django-oauth-toolkit, as its own documentation sets it up: one project, one file."""

import json
import os

from people import PEOPLE
from provider import HERE, TARGET, PLAIN_SECRET, SECRET, Provider, Registration, quietly, venv

VENV = TARGET / "django-oauth-toolkit" / "venv"
PYTHON = VENV / "bin" / "python"


class DjangoOAuthToolkit(Provider):
    name = "django-oauth-toolkit"
    title = "django-oauth-toolkit"
    from_where = "PyPI"
    has_logout = True

    @classmethod
    def is_installed(cls):
        return (VENV / "bin" / "django-admin").exists()

    @classmethod
    def install(cls):
        venv(cls.name, "django-oauth-toolkit==3.4.1", "Django==5.2.19")

    def version(self):
        return quietly([PYTHON, "-c", "from importlib.metadata import version; print(version('django-oauth-toolkit'))"]).strip()

    def start(self):
        site = HERE / "django_site.py"
        environment = {"PROVIDER_FOLDER": str(self.folder), "PROVIDER_URL": self.url, "PYTHONDONTWRITEBYTECODE": "1"}
        clients = {
            "basic": dict(secret=PLAIN_SECRET),
            "signs": dict(secret=SECRET),
            "public": dict(secret=""),
        }
        data = {
            "people": [vars(it) for it in PEOPLE],
            "clients": clients,
            "redirect_uri": self.redirect_uri,
            "after_logout": self.after_logout,
        }
        quietly([PYTHON, site, "migrate", "--verbosity", "0"], env={**os.environ, **environment})
        quietly([PYTHON, site, "populate", json.dumps(data)], env={**os.environ, **environment})
        self.spawn(
            [PYTHON, site, "runserver", "--noreload", f"127.0.0.1:{self.port}"],
            "/o/.well-known/openid-configuration",
            environment,
        )
        issuer = self.url + "/o"
        return [
            Registration("default (RS256, confidential)", issuer, "basic"),
            Registration("secret with `:`, `+`, `%` and a space", issuer, "signs", SECRET),
            Registration("public client", issuer, "public", ""),
        ]

    def button(self, form):
        # The page of consent has *Cancel* first.
        return next((it for it in form["buttons"] if it[0] == "allow"), form["buttons"][0])
