"""Agreements over several years: their actions, amounts by funder and year, and the dossiers made from them."""

import sqlalchemy as sa
from alembic import op


revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'agreements',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('contract_id', sa.Integer(), nullable=False),
        sa.Column('organisation_id', sa.Integer(), nullable=False),
        sa.Column('title', sa.String(250), nullable=False),
        sa.Column('number', sa.String(80), nullable=False),
        sa.Column('first_year', sa.Integer(), nullable=False),
        sa.Column('last_year', sa.Integer(), nullable=False),
        sa.Column('signed_on', sa.Date()),
        sa.Column('archived', sa.Boolean(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.CheckConstraint('last_year >= first_year', name=op.f('ck_agreements_years_in_order')),
        sa.ForeignKeyConstraint(['contract_id'], ['contracts.id'], name=op.f('fk_agreements_contract_id')),
        sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_agreements_organisation_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_agreements')),
        sa.UniqueConstraint('id', 'contract_id', name=op.f('uq_agreements_id_contract_id')),
    )
    with op.batch_alter_table('agreements') as batch_op:
        batch_op.create_index('ix_agreements_contract', ['contract_id', 'first_year'])
        batch_op.create_index(op.f('ix_agreements_organisation_id'), ['organisation_id'])
    op.create_table(
        'agreement_actions',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('agreement_id', sa.Integer(), nullable=False),
        sa.Column('contract_id', sa.Integer(), nullable=False),
        sa.Column('title', sa.String(250), nullable=False),
        sa.Column('call_kind', sa.String(80), nullable=False),
        sa.Column('theme_id', sa.Integer(), nullable=False),
        sa.Column('commune_id', sa.Integer()),
        sa.ForeignKeyConstraint(
            ['agreement_id', 'contract_id'],
            ['agreements.id', 'agreements.contract_id'],
            name=op.f('fk_agreement_actions_agreement_id_contract_id'),
        ),
        sa.ForeignKeyConstraint(
            ['theme_id', 'contract_id'],
            ['themes.id', 'themes.contract_id'],
            name=op.f('fk_agreement_actions_theme_id_contract_id'),
        ),
        sa.ForeignKeyConstraint(['commune_id'], ['communes.id'], name=op.f('fk_agreement_actions_commune_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_actions')),
        sa.UniqueConstraint('id', 'contract_id', name=op.f('uq_agreement_actions_id_contract_id')),
    )
    with op.batch_alter_table('agreement_actions') as batch_op:
        batch_op.create_index(op.f('ix_agreement_actions_agreement_id'), ['agreement_id'])
    op.create_table(
        'agreement_amounts',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('action_id', sa.Integer(), nullable=False),
        sa.Column('contract_id', sa.Integer(), nullable=False),
        sa.Column('funder_id', sa.Integer(), nullable=False),
        sa.Column('year', sa.Integer(), nullable=False),
        sa.Column('amendment', sa.Integer(), nullable=False),
        sa.Column('firm', sa.BigInteger(), nullable=False),
        sa.Column('expected', sa.BigInteger(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.CheckConstraint('firm >= 0 AND firm <= expected', name=op.f('ck_agreement_amounts_firm_within_expected')),
        sa.CheckConstraint('amendment >= 0', name=op.f('ck_agreement_amounts_amendment_is_a_rank')),
        sa.ForeignKeyConstraint(
            ['action_id', 'contract_id'],
            ['agreement_actions.id', 'agreement_actions.contract_id'],
            name=op.f('fk_agreement_amounts_action_id_contract_id'),
        ),
        sa.ForeignKeyConstraint(
            ['funder_id', 'contract_id'],
            ['funders.id', 'funders.contract_id'],
            name=op.f('fk_agreement_amounts_funder_id_contract_id'),
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_amounts')),
        sa.UniqueConstraint(
            'action_id', 'funder_id', 'year', 'amendment',
            name=op.f('uq_agreement_amounts_action_id_funder_id_year_amendment'),
        ),
    )
    op.execute(
        'ALTER TABLE projects ADD COLUMN agreement_action_id INTEGER'
        ' CONSTRAINT fk_projects_agreement_action_id REFERENCES agreement_actions (id)'
    )
    op.create_index('uq_projects_agreement_action', 'projects', ['agreement_action_id', 'year'], unique=True)


def downgrade():
    """Agreements go; the dossiers that were made from them stay."""
    op.drop_index('uq_projects_agreement_action', 'projects')
    op.execute('ALTER TABLE projects DROP COLUMN agreement_action_id')
    op.drop_table('agreement_amounts')
    op.drop_table('agreement_actions')
    op.drop_table('agreements')
