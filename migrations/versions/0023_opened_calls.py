"""A call is a draft until somebody opens it; those that have dates were announced by them."""

import sqlalchemy as sa
from alembic import op


revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('campaigns') as batch_op:
        batch_op.add_column(sa.Column('opened_at', sa.DateTime(), nullable=True))
    op.execute('UPDATE campaigns SET opened_at = opens_at')


def downgrade():
    """A draft has no dates any more: with them it would be announced."""
    op.execute('UPDATE campaigns SET opens_at = NULL, closes_at = NULL WHERE opened_at IS NULL')
    with op.batch_alter_table('campaigns') as batch_op:
        batch_op.drop_column('opened_at')
