"""A call may pay for an organisation as a whole."""

import sqlalchemy as sa
from alembic import op


revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('campaigns') as batch_op:
        batch_op.add_column(sa.Column('operating', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('campaigns') as batch_op:
        batch_op.alter_column('operating', server_default=None)


def downgrade():
    with op.batch_alter_table('campaigns') as batch_op:
        batch_op.drop_column('operating')
