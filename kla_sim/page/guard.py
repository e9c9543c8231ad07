"""Who may speak to the page: this machine's own browser that was given the printed address.

The address carries a random token, which the first visit exchanges for a cookie that scripts and
other sites cannot read or send. Names of other hosts, questions from other sites and bodies beyond
a size are refused before any route sees them.
"""

from __future__ import annotations

import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kla_sim.language import LANGUAGES, speaking, text

MOST_BYTES = 4 * 1024 * 1024
"""A text of 1 MiB, each sign of which a form may write as three, and what stands beside it."""

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",  # without any, browsers call the origin of a form `null`
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
_READING = ("GET", "HEAD")


class TooLargeError(Exception):
    """A body went on beyond what a question may hold."""


class Guard:
    """Lets through what the page itself asks, in the language that its reader chose.

    Parameters
    ----------
    port : on which the page is served; part of the cookie's name, since cookies ignore ports.
    token : the secret of the printed address.
    language : spoken until another is chosen.
    """

    def __init__(self, app: ASGIApp, port: int, token: str, language: str) -> None:
        self._app, self._token, self._language = app, token, language
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._cookie, self._spoken = f"kla_sim-{port}", f"kla_sim-language-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a question, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = Headers(scope=scope)
        cookies = _cookies_of(headers)
        with speaking(self._language_of(scope, cookies)):
            refused = self._refusal(scope, headers, cookies)
            if refused is not None:
                await refused(scope, receive, _with_headers(send))
                return
            await self._pass_on(scope, receive, _with_headers(send))

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, _limited(receive), send)
        except TooLargeError:
            await PlainTextResponse(text("page", "too_large"), 413)(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers, cookies: dict[str, str]) -> Response | None:
        """Return what is answered to a question that is not let through."""
        host = headers.get("host", "")
        if host not in self._hosts:
            return PlainTextResponse(text("page", "wrong_host"), 403)
        if scope["method"] not in _READING and headers.get("origin") != f"http://{host}":
            return PlainTextResponse(text("page", "wrong_origin"), 403)
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["method"] == "GET" and scope["path"] == "/" and self._is_token(given):
            return self._entry()
        if not self._is_token(cookies.get(self._cookie, "")):
            return PlainTextResponse(text("page", "wrong_token"), 403)
        if int(_digits(headers.get("content-length", "0"))) > MOST_BYTES:
            return PlainTextResponse(text("page", "too_large"), 413)
        return None

    def _entry(self) -> Response:
        """Return the answer that exchanges the token of the address for a cookie."""
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self._cookie, self._token, httponly=True, samesite="strict")
        return answer

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self._token.encode())

    def _language_of(self, scope: Scope, cookies: dict[str, str]) -> str:
        chosen = cookies.get(self._spoken, "")
        return chosen if chosen in LANGUAGES else self._language


def _cookies_of(headers: Headers) -> dict[str, str]:
    try:
        return {name: one.value for name, one in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _digits(text: str) -> str:
    return text if text.isascii() and text.isdigit() and len(text) < 20 else str(MOST_BYTES + 1)


def _limited(receive: Receive) -> Receive:
    """Return a way to receive a body that ends with an error where it grows too large."""
    n_bytes = 0

    async def receive_some() -> Message:
        nonlocal n_bytes
        message = await receive()
        n_bytes += len(message.get("body", b""))
        if n_bytes > MOST_BYTES:
            raise TooLargeError
        return message

    return receive_some


def _with_headers(send: Send) -> Send:
    """Return a way to send an answer with the headers that it does not set itself."""

    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with
