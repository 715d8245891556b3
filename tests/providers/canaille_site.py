"""Canaille with what it knows in memory: told by one argument, in JSON, whom it knows and who may ask."""

import datetime
import json
import sys

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import ECKey, OKPKey, RSAKey

told = json.loads(sys.argv[1])
# Keys of no one algorithm: it takes any of the right type, whatever the key says.
keys = [RSAKey.generate_key(2048), ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")]
app = create_app(
    {
        "SECRET_KEY": "of a test",
        "SERVER_NAME": told["host"],
        "PREFERRED_URL_SCHEME": "http",
        "CANAILLE": {"DATABASE": "memory", "TIMEZONE": "UTC"},
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [it.as_dict(private=True) for it in keys]},
    }
)
with app.app_context(), Backend.instance.session():
    groups = {}
    for it in told["people"]:
        user = models.User(
            user_name=it["user"],
            formatted_name=it["name"],
            given_name=it["given"],
            family_name=it["family"],
            emails=[it["email"]],
            password=it["password"],
        )
        Backend.instance.save(user)
        for role in it["roles"]:
            groups.setdefault(role, []).append(user)
    for name, members in groups.items():
        Backend.instance.save(models.Group(display_name=name, members=members))
    for it in told["clients"]:
        client = models.Client(
            client_name=it["client_id"],
            client_uri=told["app"],
            client_id_issued_at=datetime.datetime.now(datetime.timezone.utc),
            grant_types=["authorization_code", "refresh_token"],
            response_types=["code"],
            scope=["openid", "profile", "email", "groups", "offline_access"],
            redirect_uris=[told["redirect_uri"]],
            post_logout_redirect_uris=[told["after_logout"]],
            **it,
        )
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)
app.run("127.0.0.1", int(told["host"].split(":")[1]), threaded=True)
