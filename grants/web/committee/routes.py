from grants.web.committee import bp  # noqa: F401
