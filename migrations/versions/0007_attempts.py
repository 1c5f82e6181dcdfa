"""What may not be done too often, counted in one place, in place of failed sign-ins alone."""

import sqlalchemy as sa
from alembic import op

import grants.models.base


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    op.drop_table('sign_in_attempts')
    op.create_table('attempts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('key', sa.String(length=330), nullable=False),
    sa.Column('at', grants.models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempts'))
    )
    op.create_index('ix_attempts_kind', 'attempts', ['kind', 'key', 'at'])


def downgrade():
    op.drop_table('attempts')
    op.create_table('sign_in_attempts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('address', sa.String(length=45), nullable=False),
    sa.Column('at', grants.models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_attempts'))
    )
    op.create_index('ix_sign_in_attempts_address_at', 'sign_in_attempts', ['address', 'at'])
    op.create_index('ix_sign_in_attempts_email_at', 'sign_in_attempts', ['email', 'at'])
