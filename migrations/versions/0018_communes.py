"""Communes of a contract, and the one that each zone is in."""

import sqlalchemy as sa
from alembic import op


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

OF_NO_COMMUNE = sa.text('commune_id IS NULL')


def upgrade():
    op.create_table(
        'communes',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('contract_id', sa.Integer(), nullable=False),
        sa.Column('insee', sa.String(5), nullable=False),
        sa.Column('label', sa.String(250), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['contract_id'], ['contracts.id'], name=op.f('fk_communes_contract_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_communes')),
        sa.UniqueConstraint('contract_id', 'insee', name=op.f('uq_communes_contract_id_insee')),
    )
    with op.batch_alter_table('zones') as batch_op:
        batch_op.add_column(sa.Column('commune_id', sa.Integer()))
        batch_op.create_foreign_key('fk_zones_commune_id', 'communes', ['commune_id'], ['id'])
        batch_op.drop_constraint('uq_zones_contract_id_label', type_='unique')
        batch_op.create_unique_constraint(
            'uq_zones_contract_id_commune_id_label', ['contract_id', 'commune_id', 'label']
        )
        batch_op.create_index(
            'uq_zones_of_no_commune', ['contract_id', 'label'], unique=True,
            sqlite_where=OF_NO_COMMUNE, postgresql_where=OF_NO_COMMUNE,
        )


def downgrade():
    """Zones of one name in two communes are told apart by their numbers."""
    op.execute("""
        UPDATE zones SET label = substr(label, 1, 230) || ' (' || id || ')' WHERE EXISTS (
            SELECT 1 FROM zones z WHERE z.contract_id = zones.contract_id AND z.label = zones.label AND z.id < zones.id
        )""")
    with op.batch_alter_table('zones') as batch_op:
        batch_op.drop_index('uq_zones_of_no_commune')
        batch_op.drop_constraint('uq_zones_contract_id_commune_id_label', type_='unique')
        batch_op.drop_constraint('fk_zones_commune_id', type_='foreignkey')
        batch_op.drop_column('commune_id')
        batch_op.create_unique_constraint('uq_zones_contract_id_label', ['contract_id', 'label'])
    op.drop_table('communes')
