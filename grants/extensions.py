"""The Flask extensions, bound to the application in `create_app`."""

from __future__ import annotations

from flask_compress import Compress
from flask_login import LoginManager
from flask_talisman import Talisman
from flask_wtf import CSRFProtect

compress = Compress()
csrf = CSRFProtect()
login = LoginManager()
talisman = Talisman()

# 'self' alone: no inline script or style, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "img-src": ["'self'", "data:"],
}
