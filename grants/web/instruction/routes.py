from grants.web.instruction import bp  # noqa: F401
