"""Reads the environment and builds the application; nothing else."""

from os import environ

from stafett.app import create_app
from stafett.db import Database
from stafett.settings import Settings

settings = Settings.from_env(environ)
app = create_app(Database(settings.database_url), settings)
