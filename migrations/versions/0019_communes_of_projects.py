"""The main commune of a dossier, and the others that it names."""

import sqlalchemy as sa
from alembic import op


revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        'ALTER TABLE projects ADD COLUMN commune_id INTEGER'
        ' CONSTRAINT fk_projects_commune_id REFERENCES communes (id)'
    )
    op.create_table(
        'project_communes',
        sa.Column('project_id', sa.Integer(), nullable=False),
        sa.Column('commune_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_project_communes_project_id')),
        sa.ForeignKeyConstraint(['commune_id'], ['communes.id'], name=op.f('fk_project_communes_commune_id')),
        sa.PrimaryKeyConstraint('project_id', 'commune_id', name=op.f('pk_project_communes')),
    )


def downgrade():
    op.drop_table('project_communes')
    op.execute('ALTER TABLE projects DROP COLUMN commune_id')
