"""Files from outside: the contract (JSON), its envelopes and its programming (CSV)."""

from grants.domain.importing.contract import import_contract
from grants.domain.importing.contract_file import ignored_keys
from grants.domain.importing.envelopes import import_envelopes
from grants.domain.importing.faults import FileFault, ImportRefused, Report
from grants.domain.importing.people import reprise_account
from grants.domain.importing.programming import import_programming
