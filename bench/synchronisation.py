"""Random histories of a book, many more than the test run has: what people wrote is never lost.

    python bench/synchronisation.py [--sequences 2000] [--seed 1]

Runs the state machine of tests/test_synchronisation.py. Prints a Markdown section; exit status 1 if a history fails.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=2000, help="how many histories")
    parser.add_argument("--steps", type=int, default=30, help="steps of the longest history")
    parser.add_argument("--seed", type=int, help="draw the histories of this seed (default: other ones each time)")
    arguments = parser.parse_args()
    from tests.test_synchronisation import HAPPENED, History

    start = time.perf_counter()
    run_state_machine_as_test(
        History if arguments.seed is None else seed(arguments.seed)(History),
        settings=settings(
            max_examples=arguments.sequences,
            stateful_step_count=arguments.steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    seconds = time.perf_counter() - start
    print(
        f"{arguments.sequences:,} histories of up to {arguments.steps} steps lost no sentence ({seconds:.0f} s). "
        f"In them: {', '.join(f'{count:,} {what}' for what, count in HAPPENED.most_common())}."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
