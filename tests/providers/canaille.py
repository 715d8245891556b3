"""Canaille, from PyPI, with what it knows in memory."""

import json

from people import PEOPLE
from provider import HERE, PLAIN_SECRET, SECRET, TARGET, Provider, Registration, quietly, venv

PYTHON = TARGET / "canaille" / "venv" / "bin" / "python"


class Canaille(Provider):
    name = "canaille"
    title = "Canaille"
    from_where = "PyPI"
    has_logout = True

    @classmethod
    def is_installed(cls):
        return (PYTHON.parent / "canaille").exists()

    @classmethod
    def install(cls):
        venv(cls.name, "canaille[oidc,server]==0.3.6")

    def version(self):
        return quietly([PYTHON, "-c", "from importlib.metadata import version; print(version('canaille'))"]).strip()

    def start(self):
        registrations = [
            ("default (RS512, basic)", "default", PLAIN_SECRET, {"token_endpoint_auth_method": "client_secret_basic"}),
            ("post alone", "post", PLAIN_SECRET, {"token_endpoint_auth_method": "client_secret_post"}),
            ("secret with `:`, `+`, `%` and a space", "signs", SECRET, {"token_endpoint_auth_method": "client_secret_basic"}),
            ("public client", "public", "", {"token_endpoint_auth_method": "none"}),
            ("PS256", "ps256", PLAIN_SECRET, {"id_token_signed_response_alg": "PS256"}),
            ("ES256", "es256", PLAIN_SECRET, {"id_token_signed_response_alg": "ES256"}),
            ("EdDSA", "eddsa", PLAIN_SECRET, {"id_token_signed_response_alg": "EdDSA"}),
            ("UserInfo as a signed JWT", "signed", PLAIN_SECRET, {"userinfo_signed_response_alg": "RS256"}),
        ]
        told = {
            "host": f"127.0.0.1:{self.port}",
            "app": self.app,
            "redirect_uri": self.redirect_uri,
            "after_logout": self.after_logout,
            "people": [vars(it) for it in PEOPLE],
            "clients": [
                {"token_endpoint_auth_method": "client_secret_basic", **more, "client_id": client_id, "client_secret": secret}
                for _, client_id, secret, more in registrations
            ],
        }
        self.spawn([PYTHON, "-I", HERE / "canaille_site.py", json.dumps(told)], "/.well-known/openid-configuration")
        # Roles are its groups, which it tells whoever asks for the scope of that name.
        return [
            Registration(label, self.url, client_id, secret, fails=["role guard"])
            for label, client_id, secret, _ in registrations
        ]

    def asks_who(self, page):
        # The password is asked for on the next page.
        return any(name == "login" for form in page.forms() for name, _, _ in form["fields"])

    def form(self, page):
        # The first form of a page may be that of its language.
        forms = [form for form in page.forms() if form["buttons"] and form["method"] == "post"]
        return forms[0] if forms else None

    def button(self, form):
        return next((it for it in form["buttons"] if it in (("answer", "accept"), ("answer", "logout"))), form["buttons"][0])
