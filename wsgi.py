"""For a WSGI server: `gunicorn wsgi:app` (or `grants serve`, which sets it up)."""

from grants import create_app

app = create_app()
