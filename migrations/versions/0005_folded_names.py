"""Names and titles kept folded beside, for search and recognition (grants.names.fold)."""

import sqlalchemy as sa
from alembic import op

from grants.names import fold


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('projects', sa.Column('title_key', sa.Text(), nullable=False, server_default=''))
    op.add_column('users', sa.Column('search_key', sa.Text(), nullable=False, server_default=''))
    with op.batch_alter_table('organisations', schema=None) as batch_op:
        batch_op.alter_column('name_key', existing_type=sa.String(250), type_=sa.Text(), existing_nullable=False)
    _fold('projects', 'title_key', 'title')
    _fold('users', 'search_key', 'name', 'email')
    _fold_organisations()


def _fold(table, key, *columns):
    rows = op.get_bind().execute(sa.text(f"SELECT id, {', '.join(columns)} FROM {table}")).all()
    _write(table, key, [(fold(' '.join(texts)), id) for id, *texts in rows])


def _fold_organisations():
    """Of those of one contract that are now alike, the later ones keep their number in the key."""
    rows = op.get_bind().execute(
        sa.text('SELECT id, home_contract_id, name FROM organisations ORDER BY id')
    ).all()
    taken, keys = set(), []
    for id, contract, name in rows:
        key = fold(name)
        keys.append((f'{key} {id}' if contract and (contract, key) in taken else key, id))
        taken.add((contract, key))
    _write('organisations', 'name_key', [(f'{key} #{id}', id) for key, id in keys])
    _write('organisations', 'name_key', keys)


def _write(table, key, rows):
    if rows:
        op.get_bind().execute(
            sa.text(f'UPDATE {table} SET {key} = :key WHERE id = :id'),
            [{'key': value, 'id': id} for value, id in rows],
        )


def downgrade():
    op.drop_column('users', 'search_key')
    op.drop_column('projects', 'title_key')
    organisations = op.get_bind().execute(sa.text('SELECT id, name_key FROM organisations')).all()
    _write('organisations', 'name_key', [(key[:240] + (f' {id}' if len(key) > 240 else ''), id) for id, key in organisations])
    with op.batch_alter_table('organisations', schema=None) as batch_op:
        batch_op.alter_column('name_key', existing_type=sa.Text(), type_=sa.String(250), existing_nullable=False)
