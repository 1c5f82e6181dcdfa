"""For a WSGI server: `gunicorn wsgi:app` (or `grants serve`, which sets it up)."""

import os

from grants import create_app

os.umask(0o077)  # base and documents are their owner's alone
app = create_app()
