"""Organisations that were two rows of the same one."""

import sqlalchemy as sa
from alembic import op


revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'merges',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('kept_id', sa.Integer(), nullable=False),
        sa.Column('gone_id', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(), nullable=False),
        sa.Column('moved', sa.JSON(), nullable=False),
        sa.Column('filled', sa.JSON(), nullable=False),
        sa.CheckConstraint('kept_id <> gone_id', name=op.f('ck_merges_two_of_them')),
        sa.ForeignKeyConstraint(['kept_id'], ['organisations.id'], name=op.f('fk_merges_kept_id')),
        sa.ForeignKeyConstraint(['gone_id'], ['organisations.id'], name=op.f('fk_merges_gone_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_merges')),
        sa.UniqueConstraint('gone_id', name=op.f('uq_merges_gone_id')),
    )
    with op.batch_alter_table('merges') as batch_op:
        batch_op.create_index(op.f('ix_merges_kept_id'), ['kept_id'])


def downgrade():
    """What was merged stays with the kept one."""
    op.drop_table('merges')
