"""Answers a repeated unsafe request with what the first one was answered."""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from flask import Response, request
from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from stafett.errors import KeyReusedError
from stafett.web.models import KeptAnswer

KEPT_FOR = timedelta(hours=24)


def claim(session: Session, user_id: UUID, now: datetime) -> tuple[str | None, Response | None]:
    """Return this request's key, and the kept answer if somebody was here before.

    A request with the same key at the same moment waits here for the first one's end.

    Raises:
        KeyReusedError: the key belongs to another request.

    """
    key = request.headers.get("Idempotency-Key") or request.form.get("idempotency_key")
    if not key:
        return None, None
    key = sha256(key.encode("utf-8", "replace")).hexdigest()  # whatever was sent, it can be stored
    asked = sha256(f"{request.method} {request.full_path}\n".encode() + _body()).hexdigest()
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {"user_id": user_id, "key": key, "asked": asked, "kept_at": now}
    mine = dialect.insert(KeptAnswer).values(row).on_conflict_do_nothing().returning(KeptAnswer.key)
    if session.execute(mine).first():
        return key, None
    kept = session.get_one(KeptAnswer, (user_id, key))
    if now - kept.kept_at >= KEPT_FOR:
        kept.asked, kept.kept_at = asked, now
        session.flush()
        return key, None
    if kept.asked != asked:
        raise KeyReusedError
    answer = Response(kept.body, kept.status, mimetype=kept.mimetype)
    if kept.location:
        answer.headers["Location"] = kept.location
    return None, answer


def keep(session: Session, user_id: UUID, key: str | None, answer: Response) -> None:
    """Store the answer beside what it reports, in the same transaction."""
    if key:
        session.execute(
            update(KeptAnswer)
            .where(KeptAnswer.user_id == user_id, KeptAnswer.key == key)
            .values(
                status=answer.status_code,
                location=answer.headers.get("Location"),
                mimetype=answer.mimetype,
                body=answer.get_data(),
            )
        )


def forget(session: Session, now: datetime) -> None:
    """Delete the answers that no repeated request is given any more; they hold what was written."""
    session.execute(delete(KeptAnswer).where(KeptAnswer.kept_at <= now - KEPT_FOR))


def _body() -> bytes:
    """Return the bytes as sent; of a form (parsed, none left) its fields in order, less tokens."""
    if not request.form:
        return request.get_data()
    sent = [
        pair
        for pair in request.form.items(multi=True)
        if pair[0] not in {"csrf_token", "idempotency_key"}
    ]
    return repr(sent).encode()
