"""oidc-provider, from npm, with the pages for signing in that it has for development."""

import json
import shutil

from people import PEOPLE
from provider import HERE, PLAIN_SECRET, SECRET, TARGET, Provider, Registration, quietly

MODULES = TARGET / "oidc-provider" / "node_modules"


class OidcProvider(Provider):
    name = "oidc-provider"
    title = "oidc-provider"
    from_where = "npm"
    has_logout = True

    @classmethod
    def is_installed(cls):
        return bool(shutil.which("node")) and (MODULES / "oidc-provider").exists()

    @classmethod
    def install(cls):
        MODULES.parent.mkdir(parents=True, exist_ok=True)
        quietly(["npm", "install", "--no-save", "--prefix", MODULES.parent, "oidc-provider@9.13.3"])

    def version(self):
        return json.loads((MODULES / "oidc-provider" / "package.json").read_text())["version"]

    def start(self):
        registrations = [
            ("default (RS256, basic, claims at UserInfo)", "default", PLAIN_SECRET, {}),
            ("post alone", "post", PLAIN_SECRET, {"token_endpoint_auth_method": "client_secret_post"}),
            ("secret with `:`, `+`, `%` and a space", "signs", SECRET, {}),
            ("public client", "public", "", {"token_endpoint_auth_method": "none"}),
            ("PS256", "ps256", PLAIN_SECRET, {"id_token_signed_response_alg": "PS256"}),
            ("ES256", "es256", PLAIN_SECRET, {"id_token_signed_response_alg": "ES256"}),
            ("EdDSA", "eddsa", PLAIN_SECRET, {"id_token_signed_response_alg": "EdDSA"}),
            ("UserInfo as a signed JWT", "signed", PLAIN_SECRET, {"userinfo_signed_response_alg": "RS256"}),
        ]
        clients = [
            {
                "client_id": client_id,
                "redirect_uris": [self.redirect_uri],
                "post_logout_redirect_uris": [self.after_logout],
                "grant_types": ["authorization_code", "refresh_token"],
                **({"client_secret": secret} if secret else {}),
                **more,
            }
            for _, client_id, secret, more in registrations
        ]
        told = {
            "modules": str(MODULES),
            "issuer": self.url,
            "port": self.port,
            "clients": clients,
            "conform": True,
            "people": [vars(it) for it in PEOPLE],
        }
        self.spawn(["node", HERE / "oidc_provider.mjs", json.dumps(told)], "/.well-known/openid-configuration")
        return [
            # Without `prompt=consent` there is no `offline_access` (Core §11), and no refresh token.
            Registration(label, self.url, client_id, secret, fails=["refresh"])
            for label, client_id, secret, _ in registrations
        ]
