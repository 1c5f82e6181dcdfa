"""Why a piece that was asked for is not sent."""

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('piece_request_items') as batch_op:
        batch_op.add_column(sa.Column('reason', sa.Text(), nullable=False, server_default=''))


def downgrade():
    with op.batch_alter_table('piece_request_items') as batch_op:
        batch_op.drop_column('reason')
