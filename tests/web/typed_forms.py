"""What a person types into a form of the settings, and the errors shown then."""

import re

from flask.testing import FlaskClient


def send(client: FlaskClient, url: str, **data) -> str:
    """Post what a person typed; the page that they then see."""
    response = client.post(url, data=data, follow_redirects=True)
    assert response.status_code in (200, 422), (url, response.status_code)
    return response.text


def errors(page: str) -> str:
    found = re.search(r'class="error-summary".*?</div>', page, re.S)
    return found[0] if found else ""
