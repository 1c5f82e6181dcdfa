"""Sign-ins, a row a person and device, in place of a counter at the person."""

import sqlalchemy as sa
from alembic import op

import grants.models.base


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('sessions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('device_hash', sa.String(length=64), nullable=False),
    sa.Column('label', sa.String(length=60), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=True),
    sa.Column('opened_at', grants.models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sessions_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sessions_token_hash')),
    sa.UniqueConstraint('user_id', 'device_hash', name=op.f('uq_sessions_user_id_device_hash'))
    )
    op.execute('ALTER TABLE users DROP COLUMN sign_in_epoch')


def downgrade():
    op.execute('ALTER TABLE users ADD COLUMN sign_in_epoch INTEGER NOT NULL DEFAULT 0')
    op.drop_table('sessions')
