"""LemonLDAP::NG, from Debian: its portal with its demonstration accounts, and a relying party for each registration."""

import json
import pathlib

from people import Person
from provider import PLAIN_SECRET, SECRET, Provider, Registration, apt, apt_has, apt_version, quietly

PORTAL = pathlib.Path("/usr/share/lemonldap-ng/portal")
CONF = pathlib.Path("/var/lib/lemonldap-ng/conf/lmConf-1.json")

# Its portal does not start as a provider without what the package only recommends or suggests.
PACKAGES = [
    "lemonldap-ng",
    "libemail-sender-perl",
    "libgd-securityimage-perl",
    "libimage-magick-perl",
    "libio-string-perl",
    "libmime-tools-perl",
    "libstring-random-perl",
]

PSGI = """
use Plack::Builder;
use Lemonldap::NG::Portal::Main;
builder {
    enable "Plack::Middleware::Static", path => '^/static/', root => '/usr/share/lemonldap-ng/portal/htdocs/';
    Lemonldap::NG::Portal::Main->run({ configStorage => { confFile => '%s/lemonldap-ng.ini' } });
};
"""




class Demonstrator(Person):
    """An account of its demonstration, whose password is its name."""

    def __init__(self, user, name, roles):
        super().__init__(user, name, roles)
        self.email, self.password = f"{user}@badwolf.org", user


class LemonLdapNg(Provider):
    name = "lemonldap-ng"
    title = "LemonLDAP::NG"
    from_where = "Debian"
    has_logout = True
    admin = Demonstrator("dwho", "Doctor Who", ["admin"])
    other = Demonstrator("rtyler", "Rose Tyler", [])

    @classmethod
    def is_installed(cls):
        return apt_has(*PACKAGES)

    @classmethod
    def install(cls):
        apt(*PACKAGES)

    def version(self):
        return apt_version("lemonldap-ng")

    def start(self):
        key, public = self.folder / "key.pem", self.folder / "public.pem"
        quietly(["openssl", "genrsa", "-out", key, "2048"])
        quietly(["openssl", "rsa", "-in", key, "-pubout", "-out", public])
        for folder in ("conf", "sessions/lock", "psessions/lock", "cache"):
            (self.folder / folder).mkdir(parents=True)
        conf = json.loads(CONF.read_text())
        store = {
            "Directory": f"{self.folder}/sessions",
            "LockDirectory": f"{self.folder}/sessions/lock",
            "generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256",
        }
        persistent = {"Directory": f"{self.folder}/psessions", "LockDirectory": f"{self.folder}/psessions/lock"}
        registrations = {
            "default": (PLAIN_SECRET, {}),
            "signs": (SECRET, {}),
            "rs512": (PLAIN_SECRET, {"oidcRPMetaDataOptionsIDTokenSignAlg": "RS512"}),
            "idtoken": (PLAIN_SECRET, {"oidcRPMetaDataOptionsIDTokenForceClaims": 1}),
            "signed": (PLAIN_SECRET, {"oidcRPMetaDataOptionsUserInfoSignAlg": "RS256"}),
            "jwt": (PLAIN_SECRET, {"oidcRPMetaDataOptionsAccessTokenJWT": 1, "oidcRPMetaDataOptionsAccessTokenSignAlg": "RS256"}),
            "public": ("", {"oidcRPMetaDataOptionsPublic": 1}),
        }
        conf.update(
            portal=self.url + "/",
            domain="127.0.0.1",
            globalStorageOptions=store,
            persistentStorageOptions=persistent,
            localSessionStorageOptions={**conf["localSessionStorageOptions"], "cache_root": f"{self.folder}/cache"},
            issuerDBOpenIDConnectActivation=1,
            oidcServicePrivateKeySig=key.read_text(),
            oidcServicePublicKeySig=public.read_text(),
            oidcServiceKeyIdSig="key",
            oidcServiceAllowAuthorizationCodeFlow=1,
            macros={**conf["macros"], "roles": '$uid eq "dwho" ? "admin" : ""'},
            oidcRPMetaDataExportedVars={
                it: {"name": "cn", "email": "mail", "preferred_username": "uid", "roles": "roles"} for it in registrations
            },
            oidcRPMetaDataOptions={
                it: {
                    "oidcRPMetaDataOptionsClientID": it,
                    "oidcRPMetaDataOptionsClientSecret": secret,
                    "oidcRPMetaDataOptionsRedirectUris": self.redirect_uri,
                    "oidcRPMetaDataOptionsPostLogoutRedirectUris": self.after_logout,
                    "oidcRPMetaDataOptionsIDTokenSignAlg": "RS256",
                    "oidcRPMetaDataOptionsRefreshToken": 1,
                    # Having asked for consent, 2.16 remembers its own page and ends there after a logout.
                    "oidcRPMetaDataOptionsBypassConsent": 1,
                    **more,
                }
                for it, (secret, more) in registrations.items()
            },
        )
        (self.folder / "conf" / "lmConf-1.json").write_text(json.dumps(conf))
        (self.folder / "lemonldap-ng.ini").write_text(
            f"""
[all]
logLevel = info
[configuration]
type = File
dirName = {self.folder}/conf
[portal]
staticPrefix = /static
templateDir = {PORTAL}/templates
languages = en
"""
        )
        app = self.folder / "portal.psgi"
        app.write_text(PSGI % self.folder)
        self.spawn(
            ["plackup", "-s", "HTTP::Server::PSGI", "-E", "deployment", "-o", "127.0.0.1", "-p", self.port, app],
            "/.well-known/openid-configuration",
            {"LLNG_DEFAULTCONFFILE": f"{self.folder}/lemonldap-ng.ini"},
        )
        return [
            Registration(label, self.url, client_id, registrations[client_id][0])
            for label, client_id in [
                ("default (RS256, claims at UserInfo)", "default"),
                ("secret with `:`, `+`, `%` and a space", "signs"),
                ("RS512", "rs512"),
                ("claims in the ID token", "idtoken"),
                ("UserInfo as a signed JWT", "signed"),
                ("access token as a JWT", "jwt"),
                ("public client", "public"),
            ]
        ]
