"""`make mutants`: the code that decides is changed, one small thing at a time, and a test must fail
(docs/decisions/mutants.md).

mutmut makes the changes, and knows which tests reach each. They are run here, within one session of
pytest and a fork for each change: mutmut begins a session, with an application and a migrated
database, for each of thousands.
"""

from __future__ import annotations

import fnmatch
import os
import signal
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest
from mutmut.__main__ import collect_source_file_mutation_data, create_mutants
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths
from mutmut.utils.format_utils import mangled_name_from_mutant_name

TESTS = ("tests/domain", "tests/queries", "-m", "not browser and not slow and not postgresql")
SHORTEST = 20  # seconds that the tests of a change may take, at least


class Mutants:
    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.reaching: dict[str, list[tuple[float, pytest.Item]]] = defaultdict(list)
        self.left = names
        self.failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        set_mutant_under_test("stats")
        for item in session.items:
            began = time.monotonic()
            self.run(item)
            assert not self.failed, f"{item.nodeid} fails as it is"
            for function in state()._stats:
                self.reaching[function].append((time.monotonic() - began, item))
            state()._stats.clear()
        self.left = [name for name in self.names if not self.dies(name)]
        return True

    def run(self, item: pytest.Item) -> None:
        """What lasts for the whole session, and that alone, is kept for the test that follows."""
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=item.session)

    def dies(self, name: str) -> bool:
        tests = self.reaching[mangled_name_from_mutant_name(name)]
        child = os.fork()
        if child == 0:
            signal.alarm(SHORTEST + int(10 * sum(took for took, _ in tests)))
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            set_mutant_under_test(name)
            for _, item in sorted(tests, key=lambda test: test[0]):
                self.run(item)
                if self.failed:
                    break
            os._exit(self.failed)
        return os.waitpid(child, 0)[1] != 0


def main(patterns: list[str]) -> None:
    """Writes the changed code to `mutants/`; prints the names of those that no test saw."""
    Path("mutants").mkdir(exist_ok=True)
    copy_src_dir()
    copy_also_copy_files()
    setup_source_paths()
    create_mutants(1)
    names = [name for _, name, _ in collect_source_file_mutation_data(mutant_names=[])[0]]
    chosen = [n for n in names if any(fnmatch.fnmatch(n, pattern) for pattern in patterns)]
    os.chdir("mutants")
    run = Mutants(chosen)
    pytest.main([*TESTS, "-p", "no:cacheprovider"], plugins=[run])
    said = f"{len(chosen)} changes, of which no test saw {len(run.left)}:"
    sys.stdout.write("\n".join([said, *run.left, ""]))


if __name__ == "__main__":
    main(sys.argv[1:] or ["*"])
