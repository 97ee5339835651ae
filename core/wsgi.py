"""The WSGI application, for any server: `granian --interface wsgi core.wsgi:app`."""

import sys

from core.app import create_app

# A page makes several short database calls. Each lets another thread run and must then wait for
# its turn, up to 5 ms by default: with busy threads that is many times what the page itself takes.
sys.setswitchinterval(0.0001)

app = create_app()
