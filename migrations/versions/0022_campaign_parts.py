"""Documents of a call; a piece that is removed from it is only hidden, as its other parts are."""

import sqlalchemy as sa
from alembic import op


revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'campaign_documents',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('campaign_id', sa.Integer(), nullable=False),
        sa.Column('document_id', sa.Integer(), nullable=False),
        sa.Column('label', sa.String(250), nullable=False),
        sa.Column('help', sa.Text(), nullable=False),
        sa.Column('archived', sa.Boolean(), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'],
                                name=op.f('fk_campaign_documents_campaign_id')),
        sa.ForeignKeyConstraint(['document_id'], ['documents.id'], ondelete='CASCADE',
                                name=op.f('fk_campaign_documents_document_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_campaign_documents')),
        sa.UniqueConstraint('document_id', name=op.f('uq_campaign_documents_document_id')),
    )
    with op.batch_alter_table('campaign_documents') as batch_op:
        batch_op.create_index('ix_campaign_documents_campaign', ['campaign_id', 'position'])
    with op.batch_alter_table('campaign_pieces') as batch_op:
        batch_op.add_column(sa.Column('archived', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('campaign_pieces') as batch_op:
        batch_op.alter_column('archived', server_default=None)


def downgrade():
    """Documents of calls go (`grants sweep-files` removes their bytes), and pieces that were removed."""
    op.execute('DELETE FROM documents WHERE id IN (SELECT document_id FROM campaign_documents)')
    op.drop_table('campaign_documents')
    op.execute(
        'DELETE FROM campaign_pieces WHERE archived'
        ' AND id NOT IN (SELECT piece_id FROM documents WHERE piece_id IS NOT NULL)'
    )
    with op.batch_alter_table('campaign_pieces') as batch_op:
        batch_op.drop_column('archived')
