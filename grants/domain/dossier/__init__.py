"""The dossier as its applicant writes it: draft, sections, checks, deposit."""

from grants.domain.dossier.checks import faults as faults
from grants.domain.dossier.deposit import submit as submit
