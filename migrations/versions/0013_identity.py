"""Whose service this is: one row for the installation."""

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'identities',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(250), nullable=False),
        sa.Column('service', sa.String(250), nullable=False),
        sa.Column('accent', sa.String(7), nullable=False),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('phone', sa.String(60), nullable=False),
        sa.Column('email', sa.String(250), nullable=False),
        sa.Column('website', sa.String(250), nullable=False),
        sa.Column('notices', sa.JSON(), nullable=False),
        sa.Column('logo_id', sa.Integer(), nullable=True),
        sa.CheckConstraint('id = 1', name=op.f('ck_identities_only_one')),
        sa.ForeignKeyConstraint(['logo_id'], ['documents.id'], name=op.f('fk_identities_logo_id_documents')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_identities')),
    )


def downgrade():
    """The logo goes; `grants sweep-files` removes its bytes."""
    op.execute('CREATE TEMPORARY TABLE old_logos AS SELECT logo_id FROM identities WHERE logo_id IS NOT NULL')
    op.drop_table('identities')
    op.execute('DELETE FROM documents WHERE id IN (SELECT logo_id FROM old_logos)')
    op.execute('DROP TABLE old_logos')
