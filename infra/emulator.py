"""The AWS emulator, ministack, that `make run` and the deployed tests deploy into.

It has an environment of its own and a folder outside the checkout to run in, because its Lambdas see
both: whatever stood there would hide what is missing from the package. It listens on loopback alone.
"""

import fcntl
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
REQUIREMENTS = PROJECT / "infra" / "emulator-requirements.txt"
ENVIRONMENT = PROJECT / ".local" / "ministack-venv"
REGION = "eu-west-2"
ACCOUNT = "000000000000"
SERVICES = (
    "apigateway,cloudformation,cloudtrail,cloudwatch,dynamodb,dynamodbstreams,events,iam,lambda,logs,"
    "s3,secretsmanager,ses,sns,sqs,sts"
)
RECORDING = {"CLOUDTRAIL_RECORDING": "1", "CLOUDTRAIL_MAX_EVENTS": "100000"}
START_SECONDS = 60
STOP_SECONDS = 60

Say = Callable[[str], None]


class CannotStart(Exception):
    """The emulator cannot run here; says what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """A running emulator: where it answers and where it keeps what it knows."""

    endpoint: str
    home: Path

    @property
    def mailbox(self) -> str:
        """Where every e-mail sent since the start can be read, as JSON."""
        return f"{self.endpoint}/_ministack/ses/messages"

    @property
    def queues(self) -> str:
        """Where everything that waits in any queue can be read, as JSON, without taking it."""
        return f"{self.endpoint}/_ministack/sqs/messages"

    @property
    def log(self) -> Path:
        """What ministack and the Lambdas in it printed since the start."""
        return self.home / "ministack.log"


@contextmanager
def running(*, port: int, home: Path, say: Say, recording: bool = False) -> Iterator[Emulator]:
    """Give a running emulator with whatever `home` remembers; at the end, save and stop.

    The mailbox starts empty. `recording` keeps each call to AWS in CloudTrail. Raises CannotStart.
    """
    python = installed(say=say)
    home.mkdir(parents=True, exist_ok=True)
    with _alone(home):
        _refuse_busy(port)
        _tidy(home)
        emulator = Emulator(endpoint=f"http://127.0.0.1:{port}", home=home)
        environment = _environment(port=port, home=home) | (RECORDING if recording else {})
        process = _start(python, emulator=emulator, environment=environment)
        try:
            _wait_until_ready(process, emulator)
            yield emulator
        finally:
            _stop(process, say)


def installed(*, say: Say) -> Path:
    """Return the emulator's Python, making its environment if the lock has changed since."""
    python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "installed.txt"
    # Lambda workers run on this Python, so it has to be the one that packages for them.
    wanted = f"{sys.version}\n{REQUIREMENTS.read_text()}"
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    say("Installing the AWS emulator, this once …")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    _install("-m", "venv", str(ENVIRONMENT))
    _install("-m", "pip", "install", "--require-hashes", "-r", str(REQUIREMENTS), python=python)
    stamp.write_text(wanted)
    return python


def _install(*arguments: str, python: Path | None = None) -> None:
    command = [str(python or sys.executable), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise CannotStart(f"The AWS emulator could not be installed:\n{(ran.stderr or ran.stdout).strip()}")


def free_port() -> int:
    """Return a port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold `home` against a second run, which would save over what this one saves."""
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                "Holdfast already runs from this checkout: use that one, or stop it with Ctrl-C first."
            ) from None
        yield


def _refuse_busy(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            free = f"HOLDFAST_PORT={port + 1} make run"
            raise CannotStart(f"Port {port} is taken on this machine: choose another, say {free}") from error


def _tidy(home: Path) -> None:
    """Make ready what is left of the last run."""
    shutil.rmtree(home / "tmp", ignore_errors=True)
    (home / "tmp").mkdir()
    _forget_stream_positions(home / "state" / "lambda.json")


def _forget_stream_positions(saved: Path) -> None:
    """Let streams be read from their beginning again.

    ministack keeps how far it has read and not what there was to read: with the position kept, it
    would pass over as many new records as there were old ones. Whatever was unread at the stop is
    found by the sweep.
    """
    if not saved.exists():
        return
    state = json.loads(saved.read_text())
    state["payload"]["dynamodb_stream_positions"]["data"] = {}
    saved.write_text(json.dumps(state))


def _start(python: Path, *, emulator: Emulator, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    command = [str(python), "-m", "ministack"]
    if dies_with_us := shutil.which("setpriv"):
        command = [dies_with_us, "--pdeathsig", "TERM", *command]
    with emulator.log.open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=emulator.home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for us: the emulator is asked to stop once nothing needs it any more.
            start_new_session=True,
        )


def _environment(*, port: int, home: Path) -> dict[str, str]:
    """The whole environment: nothing of the caller's own reaches a Lambda."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "SERVICES": SERVICES,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(home / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(home / "s3"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PYTHONUNBUFFERED": "1",
    }


def _wait_until_ready(process: subprocess.Popen[bytes], emulator: Emulator) -> None:
    give_up = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < give_up:
        with suppress(OSError), urllib.request.urlopen(f"{emulator.endpoint}/_ministack/health", timeout=5):
            return
        time.sleep(0.1)
    last = "\n".join(emulator.log.read_text(errors="replace").splitlines()[-10:])
    raise CannotStart(f"The AWS emulator did not start; the end of {emulator.log}:\n{last}")


def _stop(process: subprocess.Popen[bytes], say: Say) -> None:
    """Ask the emulator to save and stop; only what won't is killed."""
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        say("The AWS emulator would not stop and was killed: what happened since its start is lost.")
