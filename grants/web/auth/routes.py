from grants.web.auth import bp  # noqa: F401
