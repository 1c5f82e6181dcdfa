"""The journal of security, append-only on both databases; an entry may go after a year."""

import sqlalchemy as sa
from alembic import op

import grants.models.base


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('security_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', grants.models.base.Instant(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('address', sa.String(length=45), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_security_events_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_security_events'))
    )
    op.create_index('ix_security_events_kind', 'security_events', ['kind', 'id'])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER security_events_no_update BEFORE UPDATE ON security_events"
            " BEGIN SELECT RAISE(ABORT, 'security_events is append-only'); END"
        )
        op.execute(
            "CREATE TRIGGER security_events_no_delete BEFORE DELETE ON security_events"
            " WHEN OLD.at > datetime('now', '-365 days')"
            " BEGIN SELECT RAISE(ABORT, 'security_events is append-only'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION security_events_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF TG_OP = 'DELETE' THEN"
        " IF OLD.at <= (now() AT TIME ZONE 'utc') - interval '365 days' THEN RETURN OLD; END IF; END IF;"
        " RAISE EXCEPTION 'security_events is append-only'; END $$"
    )
    for name, verbs, each in (("change", "UPDATE OR DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER security_events_no_{name} BEFORE {verbs} ON security_events"
            f" FOR EACH {each} EXECUTE FUNCTION security_events_is_append_only()"
        )


def downgrade():
    op.drop_table('security_events')
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION security_events_is_append_only()")
