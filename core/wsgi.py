"""The WSGI application, for any server: `granian --interface wsgi core.wsgi:app`."""

import gc
import sys

from core.accounts.first_run import tell_how_to_claim
from core.app import create_app

# A page makes several short database calls. Each lets another thread run and must then wait for
# its turn, up to 5 ms by default: with busy threads that is many times what the page itself takes.
SWITCH_SECONDS = 0.00002
# Each request leaves a few cycles. Looking for them at the default pace walks through everything that
# was loaded at start, again and again, while all threads wait.
GARBAGE_THRESHOLD = 5_000

app = create_app()
tell_how_to_claim(app)
gc.collect()
gc.freeze()
gc.set_threshold(GARBAGE_THRESHOLD)
sys.setswitchinterval(SWITCH_SECONDS)
