"""Corrections: a deposited dossier is copied, and deposited again."""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('campaigns') as batch_op:
        batch_op.add_column(
            sa.Column('correct_until_examined', sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute(
        'ALTER TABLE projects ADD COLUMN copy_of_id INTEGER'
        ' CONSTRAINT fk_projects_copy_of_id REFERENCES projects (id)'
    )
    op.create_index('ix_projects_copy_of_id', 'projects', ['copy_of_id'])
    with op.batch_alter_table('submissions') as batch_op:
        batch_op.drop_constraint('uq_submissions_project_id', type_='unique')
        batch_op.create_index('ix_submissions_project_id', ['project_id'])
    with op.batch_alter_table('documents') as batch_op:
        batch_op.drop_constraint('uq_documents_storage_key', type_='unique')
        batch_op.create_index('ix_documents_storage_key', ['storage_key'])


def downgrade():
    """Of several deposits the last one stays; of several rows for a file the one that most people
    read: shown, of a dossier that counts, the first."""
    op.execute("""
        DELETE FROM documents WHERE id NOT IN (
            SELECT id FROM (
                SELECT d.id, row_number() OVER (
                    PARTITION BY d.storage_key ORDER BY
                        CASE WHEN d.removed_at IS NULL THEN 0 ELSE 1 END,
                        CASE p.state WHEN 'DRAFT' THEN 1 WHEN 'INADMISSIBLE' THEN 2
                                     WHEN 'WITHDRAWN' THEN 3 ELSE 0 END,
                        d.id
                ) AS place
                FROM documents d LEFT JOIN projects p ON p.id = d.project_id
            ) ranked WHERE place = 1
        )""")
    op.execute('DELETE FROM submissions WHERE id NOT IN'
               ' (SELECT max(id) FROM submissions GROUP BY project_id)')
    with op.batch_alter_table('documents') as batch_op:
        batch_op.drop_index('ix_documents_storage_key')
        batch_op.create_unique_constraint('uq_documents_storage_key', ['storage_key'])
    with op.batch_alter_table('submissions') as batch_op:
        batch_op.drop_index('ix_submissions_project_id')
        batch_op.create_unique_constraint('uq_submissions_project_id', ['project_id'])
    op.drop_index('ix_projects_copy_of_id', 'projects')
    op.execute('ALTER TABLE projects DROP COLUMN copy_of_id')
    with op.batch_alter_table('campaigns') as batch_op:
        batch_op.drop_column('correct_until_examined')
