from grants.web.admin import bp  # noqa: F401
