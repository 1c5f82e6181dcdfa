from grants.web.applicant import bp  # noqa: F401
