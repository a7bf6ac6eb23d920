"""Reads the environment once, at start, and stops with every problem listed; nothing else does."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import SplitResult, parse_qs, urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

DEFAULT_DATABASE_URL = "sqlite:///var/stafett.db"
DEFAULT_BASE_URL = "http://127.0.0.1:5000"
DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
SHORTEST_KEY = 32
FEWEST_DIFFERENT = 8  # a random key of 32 hex digits has fewer once in 27 million
KNOWN_KEYS = re.compile(
    "change.?me|secret.?key|password|passord|hemmelig|example|eksempel|stafett|0123456789|abcdefgh",
    re.IGNORECASE,
)
SENDER = re.compile(r"[^\s@<>,;:\"'\\]+@[A-Za-z0-9.-]+")
PROFILES = Path(__file__).parent / "profile"
Value = TypeVar("Value")


class SettingsError(Exception):
    """The environment cannot be used. `problems` has one Norwegian sentence per wrong setting."""

    def __init__(self, problems: list[str]) -> None:
        """Keep every problem, so that an operator mends them all in one go."""
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator decides. Secrets and addresses with passwords stay out of `repr`."""

    database_url: str = field(repr=False)
    owner_database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    profile: str
    base_url: str
    mail_url: str | None = field(repr=False)
    anchor_dir: Path | None
    syslog: tuple[str, int] | None
    allow_synthetic_ids: bool

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, serving: bool = True) -> Self:
        """Read and check every `STAFETT_` setting; an empty value counts as not set.

        `serving` is false for commands that answer nobody: they may go without a secret key
        and get one that lasts as long as the process. Raises `SettingsError` with all problems.
        """
        problems: list[str] = []

        def read(name: str, parse: Callable[[str], Value], default: Value) -> Value:
            value = environ.get(name, "").strip()
            if not value:
                return default
            try:
                return parse(value)
            except ValueError as problem:
                problems.append(f"{name} {problem}.")
                return default

        database_url = read("STAFETT_DATABASE_URL", _database, DEFAULT_DATABASE_URL)
        owner_url = read("STAFETT_OWNER_DATABASE_URL", _database, database_url)
        if not problems and owner_url.partition(":")[0] != database_url.partition(":")[0]:
            problems.append(
                "STAFETT_OWNER_DATABASE_URL må være samme slags database som STAFETT_DATABASE_URL."
            )
        secret_key = read("STAFETT_SECRET_KEY", _secret_key, "")
        if serving and not environ.get("STAFETT_SECRET_KEY", "").strip():
            problems.append(
                f"STAFETT_SECRET_KEY mangler: sett en tilfeldig tekst på minst {SHORTEST_KEY} tegn."
            )
        settings = cls(
            database_url=database_url,
            owner_database_url=owner_url,
            secret_key=secret_key or secrets.token_urlsafe(SHORTEST_KEY),
            profile=read("STAFETT_PROFILE", _profile, "standard"),
            base_url=read("STAFETT_BASE_URL", _base_url, DEFAULT_BASE_URL),
            mail_url=read("STAFETT_MAIL_URL", _mail, None),
            anchor_dir=read("STAFETT_ANCHOR_DIR", _folder, None),
            syslog=read("STAFETT_SYSLOG", _host_and_port, None),
            allow_synthetic_ids=read("STAFETT_ALLOW_SYNTHETIC_IDS", _yes_or_no, default=False),
        )
        if problems:
            raise SettingsError(problems)
        return settings

    @property
    def secure_cookies(self) -> bool:
        """Whether visitors come over https, so that cookies are Secure and HSTS is sent."""
        return self.base_url.startswith("https://")


def _database(value: str) -> str:
    try:
        url: URL = make_url(value)
    except (ArgumentError, ValueError):
        msg = "er ikke en databaseadresse; skriv sqlite:///FIL eller postgresql://VERT/BASE"
        raise ValueError(msg) from None
    driver = DRIVERS.get(url.drivername)
    if driver is None:
        msg = "må begynne med sqlite:/// eller postgresql://"
        raise ValueError(msg)
    if driver == "sqlite" and (not url.database or url.database.startswith((":", "file:"))):
        msg = "må peke på en fil: sqlite:///FIL"
        raise ValueError(msg)
    return url.set(drivername=driver).render_as_string(hide_password=False)


def _secret_key(value: str) -> str:
    if len(value) < SHORTEST_KEY:
        msg = f"må ha minst {SHORTEST_KEY} tegn"
        raise ValueError(msg)
    if KNOWN_KEYS.search(value) or len(set(value)) < FEWEST_DIFFERENT:
        msg = "er en kjent eller lett nøkkel; lag en tilfeldig"
        raise ValueError(msg)
    return value


def _profile(value: str) -> str:
    if value.endswith(".toml"):
        if not Path(value).is_file():
            msg = f"viser til filen {value}, som ikke finnes"
            raise ValueError(msg)
    elif value not in (known := sorted(path.stem for path in PROFILES.glob("*.toml"))):
        msg = f"er {value}, men må være en av {', '.join(known)} eller stien til en TOML-fil"
        raise ValueError(msg)
    return value


def _base_url(value: str) -> str:
    url = _split(value)
    if url.scheme not in {"http", "https"} or not url.hostname:
        msg = "må være en adresse som https://stafett.example.no"
        raise ValueError(msg)
    if url.path.strip("/") or url.query or url.fragment or "@" in url.netloc:
        msg = "må bare ha vert og eventuelt port, uten sti"
        raise ValueError(msg)
    if url.scheme == "http" and not is_loopback(url.hostname):
        msg = "må begynne med https:// når verten ikke er denne maskinen"
        raise ValueError(msg)
    return f"{url.scheme}://{url.netloc}"


def _mail(value: str) -> str:
    url = _split(value)
    if url.scheme not in {"smtp", "smtps"} or not url.hostname:
        msg = "må begynne med smtp:// eller smtps:// og ha en vert"
        raise ValueError(msg)
    sender = parse_qs(url.query).get("from", ["a@b.no"])
    if len(sender) != 1 or not SENDER.fullmatch(sender[0]):
        msg = "må ha én e-postadresse i from="
        raise ValueError(msg)
    return value


def _folder(value: str) -> Path:
    if not Path(value).is_dir():
        msg = f"viser til mappen {value}, som ikke finnes"
        raise ValueError(msg)
    return Path(value)


def _host_and_port(value: str) -> tuple[str, int]:
    url = _split(f"//{value}")
    if not url.hostname or not url.port or url.path:
        msg = "må være VERT:PORT"
        raise ValueError(msg)
    return url.hostname, url.port


def _yes_or_no(value: str) -> bool:
    if value not in {"0", "1"}:
        msg = "må være 0 eller 1"
        raise ValueError(msg)
    return value == "1"


def _split(value: str) -> SplitResult:
    try:
        url = urlsplit(value)
        _ = url.port  # a port that is no number is found out only here
    except ValueError:
        msg = "er ikke en gyldig adresse"
        raise ValueError(msg) from None
    return url


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
