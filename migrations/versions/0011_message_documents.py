"""Files of messages: a document that a link names is of no organisation and no project."""

import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'message_documents',
        sa.Column('document_id', sa.Integer(), nullable=False),
        sa.Column('message_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['document_id'], ['documents.id'],
                                name=op.f('fk_message_documents_document_id_documents')),
        sa.ForeignKeyConstraint(['message_id'], ['messages.id'],
                                name=op.f('fk_message_documents_message_id_messages')),
        sa.PrimaryKeyConstraint('document_id', name=op.f('pk_message_documents')),
    )
    with op.batch_alter_table('message_documents') as batch_op:
        batch_op.create_index(batch_op.f('ix_message_documents_message_id'), ['message_id'])
    _constrain('organisation_id IS NULL OR project_id IS NULL')


def downgrade():
    """The files of messages go; `grants sweep-files` removes their bytes."""
    op.drop_table('message_documents')
    op.execute('DELETE FROM documents WHERE organisation_id IS NULL AND project_id IS NULL')
    _constrain('(organisation_id IS NULL) <> (project_id IS NULL)')


def _constrain(condition):
    name = op.f('ck_documents_of_one_thing')
    with op.batch_alter_table('documents') as batch_op:
        batch_op.drop_constraint(name, type_='check')
        batch_op.create_check_constraint(name, condition)
