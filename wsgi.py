"""For a WSGI server: `gunicorn wsgi:app` (or `grants serve`, which sets it up)."""

from grants import create_app, schema

app = create_app()
schema.bind(app)  # `flask --app wsgi db check`
