"""The test of every past step, with other steps at each run and for as long as one likes."""

from __future__ import annotations

import random
import time

from flask import Flask

from grants.database import db
from tests.conftest import both
from tests.queries.deeds import DEEDS
from tests.queries.test_past import replayed


@both
def test_any_past_step_is_rebuilt(app: Flask, seconds: float) -> None:
    end, runs, done = time.monotonic() + seconds, 0, 0
    while time.monotonic() < end:
        seed = random.randrange(1 << 32)
        chance = random.Random(seed)
        steps = [(chance.choice(DEEDS), chance.randrange(4), chance.randrange(12)) for _ in range(40)]
        print(f"seed {seed}")
        done += replayed(app, steps, chance.randrange(40))
        db.session.rollback()
        runs += 1
    print(f"{runs} runs, {done} steps")
