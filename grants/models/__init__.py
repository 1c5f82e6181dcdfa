"""The tables. Imported whole, so that every relationship finds its other side."""

from grants.models.agreement import IN_FORCE, Agreement, AgreementAction, AgreementAmount
from grants.models.base import Base, Entity, now
from grants.models.campaign import (
    AnswerType,
    Campaign,
    CampaignDocument,
    CampaignFunder,
    CampaignItem,
    CampaignPiece,
    Envelope,
    EnvelopeStatus,
    Question,
    ReferenceCounter,
)
from grants.models.contract import (
    Commune,
    Contract,
    CrossTheme,
    FiguresVersion,
    Funder,
    Institution,
    Setting,
    Theme,
    Zone,
)
from grants.models.deposit import LatePermission, Presence, Submission
from grants.models.document import Document, DocumentKind
from grants.models.exchange import Message, PieceRequest, PieceRequestItem, message_documents
from grants.models.funding import IN_ITS_CALL, WAITING, FundingLine, Outcome
from grants.models.history import HistoryEntry, SecurityEvent
from grants.models.identity import SiteIdentity
from grants.models.instruction import (
    HIGHEST_SCORE,
    HIGHEST_WEIGHT,
    MERGED,
    PREDECESSOR,
    AnalysisCriterion,
    Check,
    Checked,
    CheckItem,
    Layout,
    Note,
    Operation,
    ProgrammingVersion,
    Score,
    project_followers,
    project_merges,
)
from grants.models.mail import Mail
from grants.models.organisation import Invitation, Membership, Merge, Organisation, OrganisationBudgetLine
from grants.models.people import (
    NOBODYS,
    PUBLIC_BODIES,
    Attempt,
    FactorKind,
    LinkPurpose,
    MemberRole,
    Nature,
    OneTimeLink,
    RecoveryCode,
    Role,
    RoleGrant,
    SecondFactor,
    User,
    UserSession,
)
from grants.models.project import (
    DECIDABLE,
    DEPOSITED,
    NOT_COUNTING,
    BudgetLine,
    Judgement,
    Kind,
    Opinion,
    OtherFunding,
    Project,
    Provenance,
    Side,
    State,
    project_communes,
    project_cross_themes,
    project_zones,
)
