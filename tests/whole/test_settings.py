"""Settings are read once, and every problem is told at once."""

from dataclasses import FrozenInstanceError

import pytest

from stafett.settings import Settings, SettingsError

KEY = "vP3x-9sKq_Lw7YhT2mZcR8bNf5dGj4aE"


def read(**given):
    return Settings.from_env({"STAFETT_SECRET_KEY": KEY, **given})


def problems(**given):
    with pytest.raises(SettingsError) as refused:
        read(**given)
    return refused.value.problems


def test_defaults_are_what_the_contract_says():
    settings = read()
    assert settings.database_url == "sqlite:///var/stafett.db"
    assert settings.owner_database_url == settings.database_url
    assert settings.profile == "standard"
    assert settings.mail_url is settings.anchor_dir is settings.syslog is None
    assert not settings.allow_synthetic_ids
    assert not settings.secure_cookies


def test_nothing_changes_after_the_start():
    with pytest.raises(FrozenInstanceError):
        read().profile = "tromso"


def test_empty_counts_as_not_set():
    assert read(STAFETT_PROFILE=" ", STAFETT_MAIL_URL="").profile == "standard"


def test_every_problem_is_told_at_once():
    told = problems(
        STAFETT_DATABASE_URL="mysql://x/y",
        STAFETT_SECRET_KEY="",
        STAFETT_PROFILE="ukjent",
        STAFETT_BASE_URL="http://stafett.example.no",
        STAFETT_MAIL_URL="https://post.example.no",
        STAFETT_ANCHOR_DIR="/finnes/ikke",
        STAFETT_SYSLOG="logg.example.no",
        STAFETT_ALLOW_SYNTHETIC_IDS="ja",
    )
    assert sorted(line.split()[0] for line in told) == [
        "STAFETT_ALLOW_SYNTHETIC_IDS",
        "STAFETT_ANCHOR_DIR",
        "STAFETT_BASE_URL",
        "STAFETT_DATABASE_URL",
        "STAFETT_MAIL_URL",
        "STAFETT_PROFILE",
        "STAFETT_SECRET_KEY",
        "STAFETT_SYSLOG",
    ]


@pytest.mark.parametrize(
    ("given", "read_as"),
    [
        ("sqlite:///var/x.db", "sqlite:///var/x.db"),
        ("sqlite+pysqlite:///var/x.db", "sqlite:///var/x.db"),
        ("postgresql://a:p%40ss@db/x", "postgresql+psycopg://a:p%40ss@db/x"),
        ("postgresql+psycopg://a@db/x", "postgresql+psycopg://a@db/x"),
    ],
)
def test_the_two_databases(given, read_as):
    assert read(STAFETT_DATABASE_URL=given).database_url == read_as


@pytest.mark.parametrize(
    "given",
    [
        "tull",
        "mysql://a/b",
        "postgres://a/b",
        "postgresql+asyncpg://a/b",
        "postgresql://a:port/b",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?uri=true",
    ],
)
def test_no_other_database(given):
    assert len(problems(STAFETT_DATABASE_URL=given)) == 1


def test_owner_has_the_same_kind_of_database():
    assert problems(STAFETT_OWNER_DATABASE_URL="postgresql://eier@db/x")
    both = read(
        STAFETT_DATABASE_URL="postgresql://app@db/x",
        STAFETT_OWNER_DATABASE_URL="postgresql://eier@db/x",
    )
    assert both.owner_database_url == "postgresql+psycopg://eier@db/x"


@pytest.mark.parametrize(
    "key", ["kort", "a" * 40, "abababababababababababababababababab", f"stafett-demo-{KEY}"]
)
def test_a_short_or_known_key_stops_the_start(key):
    told = problems(STAFETT_SECRET_KEY=key)
    assert len(told) == 1
    assert key not in told[0].split()


def test_only_those_who_serve_need_a_key():
    one = Settings.from_env({}, serving=False)
    assert len(one.secret_key) > 32
    assert one.secret_key != Settings.from_env({}, serving=False).secret_key
    with pytest.raises(SettingsError):
        Settings.from_env({"STAFETT_SECRET_KEY": "kort"}, serving=False)


@pytest.mark.parametrize(
    ("given", "read_as", "secure"),
    [
        ("https://stafett.example.no/", "https://stafett.example.no", True),
        ("https://stafett.example.no:8443", "https://stafett.example.no:8443", True),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000", False),
        ("http://localhost:5000", "http://localhost:5000", False),
        ("http://[::1]:5000", "http://[::1]:5000", False),
    ],
)
def test_base_url(given, read_as, secure):
    settings = read(STAFETT_BASE_URL=given)
    assert (settings.base_url, settings.secure_cookies) == (read_as, secure)


@pytest.mark.parametrize(
    "given",
    [
        "stafett.example.no",
        "http://10.0.0.4",
        "http://127.0.0.1.example.no",
        "ftp://stafett.example.no",
        "https://a@stafett.example.no",
        "https://stafett.example.no/under",
        "https://stafett.example.no:port",
        "https://[x",
    ],
)
def test_no_other_base_url(given):
    assert len(problems(STAFETT_BASE_URL=given)) == 1


def test_the_rest(tmp_path):
    profile = tmp_path / "egen.toml"
    profile.touch()
    settings = read(
        STAFETT_PROFILE=str(profile),
        STAFETT_MAIL_URL="smtps://post.example.no:465",
        STAFETT_ANCHOR_DIR=str(tmp_path),
        STAFETT_SYSLOG="[::1]:514",
        STAFETT_ALLOW_SYNTHETIC_IDS="1",
    )
    assert settings.profile == str(profile)
    assert settings.mail_url == "smtps://post.example.no:465"
    assert settings.anchor_dir == tmp_path
    assert settings.syslog == ("::1", 514)
    assert settings.allow_synthetic_ids


def test_secrets_are_not_shown():
    shown = repr(read(STAFETT_DATABASE_URL="postgresql://app:hysjhysj@db/x"))
    assert KEY not in shown
    assert "hysjhysj" not in shown
