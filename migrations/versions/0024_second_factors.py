"""A second factor and recovery codes of people; when a sign-in was proved last."""

import sqlalchemy as sa
from alembic import op

import grants.models.base


revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('second_factors',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('TOTP', 'PASSKEY', name='kind', native_enum=False, create_constraint=True, length=20),
              nullable=False),
    sa.Column('label', sa.String(length=60), nullable=False),
    sa.Column('secret', sa.Text(), nullable=False),
    sa.Column('credential', sa.Text(), nullable=False),
    sa.Column('counter', sa.BigInteger(), nullable=False),
    sa.Column('added_at', grants.models.base.Instant(), nullable=False),
    sa.Column('used_at', grants.models.base.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_second_factors_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_second_factors'))
    )
    op.create_index('ix_second_factors_user_id', 'second_factors', ['user_id'])
    op.create_table('recovery_codes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('used_at', grants.models.base.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_recovery_codes_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_codes'))
    )
    op.create_index('ix_recovery_codes_user_id', 'recovery_codes', ['user_id'])
    op.add_column('sessions', sa.Column('proved_at', grants.models.base.Instant(), nullable=True))


def downgrade():
    op.execute('ALTER TABLE sessions DROP COLUMN proved_at')
    op.drop_table('recovery_codes')
    op.drop_table('second_factors')
