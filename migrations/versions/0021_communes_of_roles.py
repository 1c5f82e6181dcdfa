"""A coordinator may have one commune of a contract."""

import sqlalchemy as sa
from alembic import op


revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

CHECK = 'ck_role_grants_commune_of_a_coordinator'


def _unique(batch_op, condition, name, columns):
    where = sa.text(condition)
    batch_op.create_index(name, columns, unique=True, sqlite_where=where, postgresql_where=where)


def upgrade():
    with op.batch_alter_table('role_grants') as batch_op:
        batch_op.add_column(sa.Column('commune_id', sa.Integer()))
        batch_op.create_foreign_key('fk_role_grants_commune_id', 'communes', ['commune_id'], ['id'])
        batch_op.create_check_constraint(op.f(CHECK), "commune_id IS NULL OR role = 'COORDINATOR'")
        batch_op.drop_index('uq_role_grants_contract')
        columns = ['user_id', 'role', 'contract_id']
        _unique(batch_op, 'institution_id IS NULL AND commune_id IS NULL', 'uq_role_grants_contract', columns)
        _unique(batch_op, 'commune_id IS NOT NULL', 'uq_role_grants_commune', ['user_id', 'commune_id'])


def downgrade():
    """Who coordinates one commune has no role any more: never the whole contract instead."""
    op.execute('DELETE FROM role_grants WHERE commune_id IS NOT NULL')
    with op.batch_alter_table('role_grants') as batch_op:
        batch_op.drop_index('uq_role_grants_commune')
        batch_op.drop_index('uq_role_grants_contract')
        batch_op.drop_constraint(op.f(CHECK), type_='check')
        batch_op.drop_constraint('fk_role_grants_commune_id', type_='foreignkey')
        batch_op.drop_column('commune_id')
        _unique(batch_op, 'institution_id IS NULL', 'uq_role_grants_contract', ['user_id', 'role', 'contract_id'])
