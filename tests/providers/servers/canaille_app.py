"""Canaille with its data in SQLite, one user, one public client, and tokens of 30 seconds."""

import json
import sys
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import RSAKey
from werkzeug.serving import run_simple

given = json.loads(sys.argv[1])
app = given["app"]
port = given["port"]
folder = Path(given["folder"])
database = folder / "db.sqlite3"


def signing_key():
    """The key of the ID tokens, which a restart keeps."""
    file = folder / "key.json"
    if not file.exists():
        file.write_text(json.dumps(RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True)))
    return json.loads(file.read_text())


def add_user(email, password, name):
    given_name, family_name = name.split(" ")
    names = {"formatted_name": name, "given_name": given_name, "family_name": family_name}
    user = models.User(user_name="ada", emails=[email], **names)
    Backend.instance.save(user)
    Backend.instance.set_user_password(user, password)


def add_client(scopes):
    client = models.Client(
        client_id=given["clientId"],
        client_id_issued_at=datetime.now(timezone.utc),
        client_name="The app",
        # Its origin is the one that may send requests from a page.
        client_uri=app["origin"],
        redirect_uris=[app["redirectUri"]],
        post_logout_redirect_uris=[app["postLogoutUrl"]],
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
        scope=scopes,
        token_endpoint_auth_method="none",
    )
    Backend.instance.save(client)
    client.audience = [client]
    Backend.instance.save(client)


is_new = not database.exists()
server = create_app(
    {
        "SECRET_KEY": "only for a test on this machine",
        "SERVER_NAME": f"127.0.0.1:{port}",
        "PREFERRED_URL_SCHEME": "http",
        "OAUTH2_TOKEN_EXPIRES_IN": {"authorization_code": 30, "refresh_token": 30},
        "CANAILLE": {"DATABASE": "sql", "SMTP": None},
        "CANAILLE_SQL": {"DATABASE_URI": f"sqlite:///{database}"},
        # No client is trusted, so users are asked as elsewhere than on this machine.
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [signing_key()], "TRUSTED_DOMAINS": []},
    }
)
if is_new:
    with server.app_context(), Backend.instance.session():
        add_user(**given["user"])
        add_client(given["scopes"])


class OneTokenASecond:
    """Canaille's access tokens of the same second are the same text, which its database refuses: the response is an
    error without CORS headers. How soon a test asks again depends on the machine, so the requests wait here.
    """

    def __init__(self, application):
        self.application = application
        self.lock = threading.Lock()
        # The server may just have been restarted, within the second of a token.
        self.last = int(time.time())

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] != "/oauth/token":
            return self.application(environ, start_response)
        with self.lock:
            while int(time.time()) == self.last:
                time.sleep(0.05)
            try:
                return self.application(environ, start_response)
            finally:
                self.last = int(time.time())


run_simple("127.0.0.1", port, OneTokenASecond(server), threaded=True)
