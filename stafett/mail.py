"""Sends mail over SMTP, the same words to everybody: nobody can read in it whom it is about."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from stafett.settings import is_loopback

TIMEOUT = 20
"""Seconds to wait for a server that says nothing."""
SUBJECT = "Noe venter på deg i Stafett"
WORDS = """\
Hei!

Det er noe nytt som venter på deg i Stafett. Logg inn for å se hva det er:
{base_url}/

Her står det ikke mer, for at ingen andre skal få vite noe.

Hvor ofte du får e-post, bestemmer du selv:
{base_url}/varsler
"""


_LATER = "E-posten er ikke sendt ennå, og ligger i utboksen: {}"


class NoSuchAddressError(Exception):
    """The server knows for certain that nobody can be reached there."""


class MailError(Exception):
    """The mail did not go; it may go later."""


class Postman:
    """An open connection to the server of `STAFETT_MAIL_URL`, which may name `?from=`."""

    def __init__(self, server: smtplib.SMTP, sender: str, base_url: str) -> None:
        """Keep the connection, the address that all mail comes from, and Stafett's own."""
        self._server, self._sender, self._base_url = server, sender, base_url

    def send(self, notice_id: UUID, address: str, now: datetime) -> None:
        """Send the one mail there is. Its id is the notice's, so that a second copy is known.

        Raises:
            NoSuchAddressError: the server says so.
            MailError: anything else went wrong.

        """
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, address, SUBJECT
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<{notice_id.hex}@{self._sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(WORDS.format(base_url=self._base_url))
        try:
            self._server.send_message(mail, self._sender, [address])
        except smtplib.SMTPRecipientsRefused as problem:
            (code, _), *_ = problem.recipients.values()
            raise (NoSuchAddressError if code // 100 == 5 else MailError) from problem  # noqa: PLR2004 for good
        except (smtplib.SMTPException, OSError) as problem:
            raise MailError(_LATER.format(type(problem).__name__)) from problem


@contextmanager
def postman(mail_url: str, base_url: str) -> Iterator[Postman]:
    """Open a connection, encrypted unless the server is this machine.

    Raises:
        MailError: the server cannot be reached, or will not be spoken to in secret.

    """
    url = urlsplit(mail_url)
    host = url.hostname or ""
    sender = parse_qs(url.query).get("from", [f"stafett@{urlsplit(base_url).hostname}"])[0]
    context = ssl.create_default_context()
    try:
        server = (
            smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT, context=context)
            if url.scheme == "smtps"
            else smtplib.SMTP(host, url.port or 25, timeout=TIMEOUT)
        )
    except (smtplib.SMTPException, OSError) as problem:
        raise MailError(_LATER.format(type(problem).__name__)) from problem
    try:
        try:
            if url.scheme == "smtp" and not is_loopback(host):
                server.starttls(context=context)
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
        except (smtplib.SMTPException, OSError) as problem:
            raise MailError(_LATER.format(type(problem).__name__)) from problem
        yield Postman(server, sender, base_url)
    finally:
        with suppress(OSError):  # what has gone has gone, whatever the server says in parting
            server.quit()
        server.close()
