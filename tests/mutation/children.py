"""Processes for mutants: each forked from one that has imported everything, and ended by itself."""

import json
import os
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import Any

# So much memory for a mutant that never ends.
MOST_BYTES = 4 * 1024**3


class Stopped(Exception):
    """A child was ended by a signal, whose number this has."""


def in_child(run: Callable[[], object], *, quiet: bool = False) -> Any:
    """Run it in a child and return its answer; quietly is also within limits. Raises Stopped."""
    with tempfile.TemporaryFile("w+") as answer:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                if quiet:
                    _limit()
                json.dump(run(), answer)
                answer.flush()
                code = 0
            except BaseException:  # noqa: BLE001 (nothing may leave a child but its answer)
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            raise Stopped(os.WTERMSIG(status))
        if status:
            raise SystemExit("A process for mutants failed.")
        answer.seek(0)
        return json.load(answer)


def was_late(stopped: Stopped) -> bool:
    """Say whether a child had used up its seconds."""
    return stopped.args[0] in (signal.SIGALRM, signal.SIGPROF)


def allow(own: float, clock: float) -> None:
    """Give this process so many seconds from now, of its own time and on the clock; then it is stopped."""
    signal.setitimer(signal.ITIMER_PROF, own)
    signal.setitimer(signal.ITIMER_REAL, clock)


def _limit() -> None:
    log = os.open(os.environ.get("HOLDFAST_MUTANT_LOG", os.devnull), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
