"""The one commune whose dossiers a funder finances, if it is not all of them."""

from alembic import op


revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        'ALTER TABLE funders ADD COLUMN commune_id INTEGER'
        ' CONSTRAINT fk_funders_commune_id REFERENCES communes (id)'
    )


def downgrade():
    op.execute('ALTER TABLE funders DROP COLUMN commune_id')
