"""The WSGI application, for any server: `granian --interface wsgi core.wsgi:app`."""

from core.app import create_app

app = create_app()
