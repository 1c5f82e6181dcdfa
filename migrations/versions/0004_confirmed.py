"""Addresses whose owner has chosen a password by a link are confirmed: roles and memberships have
no effect for the others."""

from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        "UPDATE users SET email_confirmed_at = (SELECT max(used_at) FROM one_time_links"
        " WHERE user_id = users.id AND purpose = 'PASSWORD') WHERE email_confirmed_at IS NULL"
    )


def downgrade():
    """What is confirmed stays so."""
