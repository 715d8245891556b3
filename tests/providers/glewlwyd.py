"""Glewlwyd, from Debian: an instance of its plugin for each way to sign, and a client for each way to prove who it is."""

import json
import sqlite3
import urllib.error
import urllib.request

from people import PEOPLE
from provider import PLAIN_SECRET, SECRET, Provider, Registration, apt, apt_has, apt_version, quietly, query

SCHEMA = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3"
SCOPES = "openid profile email offline_access admin"

# What its page for a new plugin has filled in, but for PKCE (off there; a client that sends a
# verifier is refused then) and the claims, which somebody has to name.
PLUGIN = {
    "jwt-type": "rsa",
    "jwt-key-size": "256",
    "access-token-duration": 3600,
    "refresh-token-duration": 1209600,
    "code-duration": 600,
    "refresh-token-rolling": True,
    "refresh-token-one-use": "never",
    "allow-non-oidc": False,
    "auth-type-code-enabled": True,
    "auth-type-token-enabled": True,
    "auth-type-id-token-enabled": True,
    "auth-type-none-enabled": True,
    "auth-type-password-enabled": False,
    "auth-type-client-enabled": True,
    "auth-type-refresh-enabled": True,
    "jwks-show": True,
    "request-parameter-allow": True,
    "subject-type": "pairwise",
    "address-claim": {"type": "no"},
    "name-claim": "on-demand",
    "name-claim-scope": ["profile"],
    "email-claim": "on-demand",
    "email-claim-scope": ["email"],
    "scope-claim": "no",
    "claims": [{"name": "roles", "user-property": "roles", "type": "string", "mandatory": True, "on-demand": False, "scope": []}],
    "allowed-scope": SCOPES.split(),
    "pkce-allowed": True,
    "session-management-allowed": True,
    "session-cookie-name": "GLEWLWYD2_OIDC_SID",
    "session-cookie-expiration": 2419200,
}
KEYS = {
    "rsa": ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "rsa-pss": ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "ecdsa": ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "eddsa": ["genpkey", "-algorithm", "ED25519"],
}


class Glewlwyd(Provider):
    name = "glewlwyd"
    title = "Glewlwyd"
    from_where = "Debian"
    has_logout = True

    @classmethod
    def is_installed(cls):
        return apt_has("glewlwyd")

    @classmethod
    def install(cls):
        apt("glewlwyd")

    def version(self):
        return apt_version("glewlwyd")

    def start(self):
        self.database()
        settings = self.folder / "glewlwyd.conf"
        settings.write_text(
            f"""
port={self.port}
bind_address="127.0.0.1"
external_url="{self.url}"
login_url="login.html"
api_prefix="api"
static_files_path="/usr/share/glewlwyd/webapp/"
log_mode="console"
log_level="DEBUG"
cookie_domain=""
cookie_secure=0
session_expiration=2419200
session_key="GLEWLWYD2_SESSION_ID"
admin_session_authentication="cookie"
profile_session_authentication="cookie"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
user_middleware_module_path="/usr/lib/glewlwyd/user_middleware"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
hash_algorithm="SHA512"
database = {{ type = "sqlite3"; path = "{self.folder}/glewlwyd.db"; }};
static_files_mime_types = ( {{ extension = ".html"; mime_type = "text/html"; compress = 0; }} );
"""
        )
        self.spawn(["glewlwyd", "-c", settings], "/config")
        self.cookie = self.log_in("admin", "password")
        self.property("user", "roles")
        self.property("client", "post_logout_redirect_uris")
        for scope in SCOPES.split():
            if scope != "openid":
                self.api("POST", "/scope/", {"name": scope, "display_name": scope, "description": scope, "password_required": False, "scheme": {}})
        for it in PEOPLE:
            user = dict(username=it.user, name=it.name, email=it.email, password=it.password, enabled=True)
            self.api("POST", "/user/", {**user, "scope": ["g_profile", *SCOPES.split()], "roles": it.roles})
        for name, kind in [("oidc", "rsa"), ("ps256", "rsa-pss"), ("es256", "ecdsa"), ("eddsa", "eddsa")]:
            self.plugin(name, kind)
        for client_id, secret, method in [
            ("default", PLAIN_SECRET, "client_secret_basic"),
            ("post", PLAIN_SECRET, "client_secret_post"),
            ("signs", SECRET, "client_secret_basic"),
            ("public", "", "none"),
        ]:
            client = {
                "client_id": client_id,
                "name": client_id,
                "confidential": bool(secret),
                "enabled": True,
                "scope": [],
                "redirect_uri": [self.redirect_uri],
                "authorization_type": ["code", "refresh_token"],
                "token_endpoint_auth_method": [method],
                "post_logout_redirect_uris": [self.after_logout],
            }
            self.api("POST", "/client/", {**client, **({"client_secret": secret} if secret else {})})

        def issuer(name):
            return f"{self.url}/api/{name}"

        # It decodes nothing in a header: RFC 6749 §2.3.1 has `+`, `%` and a space encoded there.
        return [
            Registration(label, issuer(name), client_id, secret, fails=["sign-in"] if client_id == "signs" else [])
            for label, name, client_id, secret in [
                ("default (RS256, basic)", "oidc", "default", PLAIN_SECRET),
                ("post alone", "oidc", "post", PLAIN_SECRET),
                ("secret with `:`, `+`, `%` and a space", "oidc", "signs", SECRET),
                ("public client", "oidc", "public", ""),
                ("PS256", "ps256", "default", PLAIN_SECRET),
                ("ES256", "es256", "default", PLAIN_SECRET),
                ("EdDSA", "eddsa", "default", PLAIN_SECRET),
            ]
        ]

    def database(self):
        with sqlite3.connect(self.folder / "glewlwyd.db") as it:
            it.executescript(open(SCHEMA).read())

    def property(self, of, name):
        module = self.api("GET", f"/mod/{of}/database")
        module["parameters"]["data-format"][name] = {
            "multiple": True, "read": True, "write": True, "profile-read": True, "profile-write": False,
        }
        self.api("PUT", f"/mod/{of}/database", module)
        self.api("PUT", f"/mod/{of}/database/reset")

    def plugin(self, name, kind):
        key, public = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        quietly(["openssl", *KEYS[kind], "-out", key])
        quietly(["openssl", "pkey", "-in", key, "-pubout", "-out", public])
        parameters = {
            **PLUGIN,
            "iss": f"{self.url}/api/{name}",
            "jwt-type": kind,
            "key": key.read_text(),
            "cert": public.read_text(),
        }
        self.api("POST", "/mod/plugin/", {"module": "oidc", "name": name, "display_name": name, "parameters": parameters, "order_rank": 0})

    def log_in(self, user, password):
        body = json.dumps({"username": user, "password": password}).encode()
        request = urllib.request.Request(self.url + "/api/auth/", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return answer.headers["Set-Cookie"].split(";")[0]

    def api(self, method, path, body=None):
        headers = {"Content-Type": "application/json", "Cookie": self.cookie}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + "/api" + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from error
        return json.loads(text) if text else None

    # Its pages are a script: what that calls is called here.
    def asks_who(self, page):
        return page.url.startswith(self.url + "/login.html")

    def sign_in(self, browser, page, person):
        assert self.asks_who(page), f"not the page for signing in: {page.url.split('?')[0]} ({page.status}) {page.words()}"
        asked = query(page.url)

        def call(method, path, body):
            answer = browser.send(method, f"{self.url}/api{path}", json.dumps(body), {"Content-Type": "application/json"})
            assert answer.status == 200, f"{method} {path}: {answer.status} {answer.text}"

        call("POST", "/auth/", {"username": person.user, "password": person.password})
        call("PUT", f"/auth/grant/{asked['client_id']}/", {"scope": asked["scope"]})
        page = browser.open(asked["callback_url"] + "&g_continue")
        assert page.url.startswith(self.app + "/"), f"stays at {page.url.split('?')[0]} ({page.status})"
        return page

    def sign_out(self, browser, page):
        asked = query(page.url)
        if not self.asks_who(page) or asked.get("prompt") != "end_session":
            return page
        session = f"{self.url}/api/{asked['plugin']}/session/{asked['sid']}"
        browser.send("DELETE", session)
        browser.send("DELETE", f"{self.url}/api/profile/session/")
        browser.send("DELETE", f"{self.url}/api/auth/")
        return browser.open(asked["callback_url"])
