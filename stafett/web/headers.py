"""The headers that every answer carries."""

from flask import Flask, Response, g, request

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
FIXED = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
A_YEAR = "max-age=31536000"


def register(app: Flask, *, secure: bool) -> None:
    """Add the headers to every answer; strict transport only where the address is https."""
    fixed = FIXED | (
        {"Strict-Transport-Security": f"{A_YEAR}; includeSubDomains"} if secure else {}
    )

    @app.after_request
    def _add(answer: Response) -> Response:
        for name, value in fixed.items():
            answer.headers[name] = value
        if request.endpoint == "static" and "v" in request.args:
            answer.headers["Cache-Control"] = f"{A_YEAR}, immutable"
        elif request.endpoint != "static":
            answer.headers.setdefault("Cache-Control", "no-store")
        if "request_id" in g:
            answer.headers["X-Request-Id"] = g.request_id
        return answer
