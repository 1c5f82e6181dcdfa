"""What a call's funders look for in its year."""

import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('campaigns') as batch_op:
        batch_op.add_column(sa.Column('priorities', sa.Text(), nullable=False, server_default=''))


def downgrade():
    with op.batch_alter_table('campaigns') as batch_op:
        batch_op.drop_column('priorities')
