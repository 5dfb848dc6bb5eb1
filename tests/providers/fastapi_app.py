"""An app with Wristband's official SDK for FastAPI, as the SDK's README writes one.

The local provider has no confidential client, so three things are adapted, and nothing else of the SDK:

1. The client authenticates with `client_id` in the form instead of HTTP Basic (RFC 6749, section 2.3.1).
2. Hosts below `localhost` are resolved to the loopback address.
3. Cookies need no HTTPS, which the SDK has a setting for.

The certificate is trusted by the environment variable SSL_CERT_FILE.
"""

import logging
import socket
import sys

import httpx
import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import RedirectResponse
from wristband.fastapi_auth import (
    AuthConfig,
    CallbackResultType,
    LogoutConfig,
    SessionMiddleware,
    WristbandAuth,
    get_session,
)

application_vanity_domain, client_id, port = sys.argv[1], sys.argv[2], int(sys.argv[3])

resolve = socket.getaddrinfo


def resolve_below_localhost(host, *rest, **named):
    name = host.decode() if isinstance(host, bytes) else host
    return resolve("127.0.0.1" if str(name).endswith(".localhost") else host, *rest, **named)


socket.getaddrinfo = resolve_below_localhost


class PublicClient(httpx.AsyncHTTPTransport):
    """Sends what a public client sends instead of a client secret."""

    async def handle_async_request(self, request):
        if request.headers.get("authorization", "").startswith("Basic "):
            form = (await request.aread()) + b"&client_id=" + client_id.encode()
            headers = {"content-type": "application/x-www-form-urlencoded"}
            request = httpx.Request(request.method, request.url, headers=headers, content=form)
        return await super().handle_async_request(request)


auth = WristbandAuth(
    AuthConfig(
        client_id=client_id,
        client_secret="this client is public: no secret",
        wristband_application_vanity_domain=application_vanity_domain,
        dangerously_disable_secure_cookies=True,
        scopes=["openid", "offline_access", "email", "profile"],
    )
)
auth._wristband_api.client = httpx.AsyncClient(transport=PublicClient())

# A refused renewal is part of the tests.
logging.getLogger("wristband").setLevel(logging.CRITICAL)

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key="0123456789abcdef0123456789abcdef", secure=False)
signed_in = auth.create_session_auth_dependency()
with_token = auth.create_jwt_auth_dependency()


@app.get("/")
async def home():
    return {"page": "home"}


@app.get("/auth/login")
async def login(request: Request):
    return await auth.login(request)


@app.get("/auth/callback")
async def callback(request: Request, session=Depends(get_session)):
    result = await auth.callback(request)
    if result.type == CallbackResultType.REDIRECT_REQUIRED:
        response = await auth.create_callback_response(request, result.redirect_url)
        response.headers["x-reason"] = str(result.reason.value)
        return response
    session.from_callback(result.callback_data, {"email": result.callback_data.user_info.email})
    return await auth.create_callback_response(request, result.callback_data.return_url or f"http://localhost:{port}/")


@app.get("/auth/logout")
async def logout(request: Request, session=Depends(get_session)):
    config = LogoutConfig(refresh_token=session.refresh_token, tenant_name=session.tenant_name)
    session.clear()
    return await auth.logout(request, config)


@app.get("/session")
async def show_session(session=Depends(signed_in)):
    return {
        "email": session.email,
        "tenant_name": session.tenant_name,
        "user_id": session.user_id,
        "access_token": session.access_token,
        "refresh_token": session.refresh_token,
    }


@app.get("/expire")
async def expire(session=Depends(get_session)):
    session.expires_at = 1
    session.save()
    return {}


@app.get("/api")
async def api(result=Depends(with_token)):
    return {"sub": result.payload.sub}


uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
