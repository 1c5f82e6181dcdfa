"""The tables. Imported whole, so that every relationship finds its other side."""

from grants.models.base import Base, now
from grants.models.campaign import (
    Campaign,
    CampaignFunder,
    Envelope,
    EnvelopeStatus,
    ReferenceCounter,
)
from grants.models.contract import Contract, CrossTheme, Funder, Institution, Setting, Theme, Zone
from grants.models.deposit import LatePermission, Presence, Submission
from grants.models.document import Document, DocumentKind
from grants.models.exchange import Message, PieceRequest, PieceRequestItem
from grants.models.funding import IN_ITS_CALL, WAITING, FundingLine, Outcome
from grants.models.history import HistoryEntry
from grants.models.mail import Mail
from grants.models.organisation import (
    Invitation,
    Membership,
    Organisation,
    OrganisationBudgetLine,
)
from grants.models.people import (
    LinkPurpose,
    MemberRole,
    Nature,
    OneTimeLink,
    Role,
    RoleGrant,
    SignInAttempt,
    User,
)
from grants.models.project import (
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
    project_cross_themes,
    project_zones,
)
from grants.models.question import AnswerType, CampaignPiece, Question

__all__ = [
    "DEPOSITED",
    "IN_ITS_CALL",
    "NOT_COUNTING",
    "WAITING",
    "AnswerType",
    "Base",
    "BudgetLine",
    "Campaign",
    "CampaignFunder",
    "CampaignPiece",
    "Contract",
    "CrossTheme",
    "Document",
    "DocumentKind",
    "Envelope",
    "EnvelopeStatus",
    "Funder",
    "FundingLine",
    "HistoryEntry",
    "Institution",
    "Invitation",
    "Judgement",
    "Kind",
    "LatePermission",
    "LinkPurpose",
    "Mail",
    "MemberRole",
    "Membership",
    "Message",
    "Nature",
    "OneTimeLink",
    "Opinion",
    "Organisation",
    "OrganisationBudgetLine",
    "OtherFunding",
    "Outcome",
    "PieceRequest",
    "PieceRequestItem",
    "Presence",
    "Project",
    "Provenance",
    "Question",
    "ReferenceCounter",
    "Role",
    "RoleGrant",
    "Setting",
    "Side",
    "SignInAttempt",
    "State",
    "Submission",
    "Theme",
    "User",
    "Zone",
    "now",
    "project_cross_themes",
    "project_zones",
]
