"""What gunicorn calls to get the application."""

import gc

from flask import Flask

from app.access.check import warn_if_open
from app.errors import FATAL
from app.factory import create_app
from app.journal import complain
from app.settings import Settings


def application() -> Flask:
    """Reads the environment; a setting or a model that cannot be used ends the process with 2."""
    try:
        settings = Settings.from_environ()
        app = create_app(settings)
        warn_if_open(settings)
    except FATAL as error:
        complain(error)
        raise SystemExit(2) from error
    gc.collect()
    gc.freeze()  # so that collections do not copy the pages that workers share with the master
    return app
