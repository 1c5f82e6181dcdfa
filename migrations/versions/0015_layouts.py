"""How one person looks at a table: what the grid's settings were, and named views of the list."""

import sqlalchemy as sa
from alembic import op


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

SETTINGS = sa.table(
    'grid_settings',
    sa.column('user_id', sa.Integer),
    sa.column('contract_id', sa.Integer),
    sa.column('choice', sa.JSON),
)
LAYOUTS = sa.table(
    'layouts',
    sa.column('user_id', sa.Integer),
    sa.column('contract_id', sa.Integer),
    sa.column('page', sa.String),
    sa.column('name', sa.String),
    sa.column('columns', sa.JSON),
    sa.column('filters', sa.JSON),
)


def upgrade():
    op.create_table(
        'layouts',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('contract_id', sa.Integer(), nullable=False),
        sa.Column('page', sa.String(20), nullable=False),
        sa.Column('name', sa.String(60), nullable=False),
        sa.Column('columns', sa.JSON(), nullable=False),
        sa.Column('filters', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_layouts_user_id')),
        sa.ForeignKeyConstraint(['contract_id'], ['contracts.id'], name=op.f('fk_layouts_contract_id')),
        sa.PrimaryKeyConstraint('user_id', 'contract_id', 'page', 'name', name=op.f('pk_layouts')),
    )
    for user_id, contract_id, choice in op.get_bind().execute(sa.select(SETTINGS)).all():
        own = {'user_id': user_id, 'contract_id': contract_id, 'page': 'grid', 'name': ''}
        kept = {'columns': choice.get('columns', []), 'filters': {'hidden': choice.get('hidden', [])}}
        op.execute(LAYOUTS.insert().values(**own, **kept))
    op.drop_table('grid_settings')


def downgrade():
    """Views of the list go."""
    op.create_table(
        'grid_settings',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('contract_id', sa.Integer(), nullable=False),
        sa.Column('choice', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['contract_id'], ['contracts.id'], name=op.f('fk_grid_settings_contract_id')),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_grid_settings_user_id')),
        sa.PrimaryKeyConstraint('user_id', 'contract_id', name=op.f('pk_grid_settings')),
    )
    grids = sa.select(LAYOUTS).where(LAYOUTS.c.page == 'grid', LAYOUTS.c.name == '')
    for row in op.get_bind().execute(grids).all():
        choice = {'columns': row.columns, 'hidden': row.filters.get('hidden', [])}
        op.execute(SETTINGS.insert().values(user_id=row.user_id, contract_id=row.contract_id, choice=choice))
    op.drop_table('layouts')
