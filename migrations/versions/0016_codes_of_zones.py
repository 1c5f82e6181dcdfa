"""The code of a zone in the State's list."""

import sqlalchemy as sa
from alembic import op


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('zones') as batch_op:
        batch_op.add_column(sa.Column('code', sa.String(8), nullable=True))


def downgrade():
    with op.batch_alter_table('zones') as batch_op:
        batch_op.drop_column('code')
