"""DynamoDB Local, AWS's own engine, for tests and figures: fetched once, started on a free port.

It listens on every interface of the machine (it has no setting for that), keeps everything in
memory, and keeps the data of each access key and region apart.
"""

import hashlib
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
HOME = PROJECT / ".local" / "dynamodb-local"
# The jar ships inside this npm package; AWS's own download is of no use where only registries answer.
NPM_PACKAGE = "amplify-dynamodb-simulator@2.9.30"
SHA256 = "3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9"
# A machine that does other things as well takes its time to start Java.
START_SECONDS = 120


class CannotStart(Exception):
    """DynamoDB Local cannot run here; says what to do about it."""


@contextmanager
def running() -> Iterator[str]:
    """Give the endpoint of an empty DynamoDB Local, and stop it at the end."""
    java = _tool("java", "default-jre-headless")
    emulator = fetched()
    port = _free_port()
    command = [java, "-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"]
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            [*command, "-inMemory", "-disableTelemetry", "-port", str(port)],
            cwd=emulator,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        try:
            if not _answers(process, port):
                printed.seek(0)
                raise CannotStart(f"DynamoDB Local did not start: {printed.read().decode().strip()}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def fetched() -> Path:
    """Return the folder that holds the jar, fetching it the first time."""
    if not HOME.exists():
        npm = _tool("npm", "npm")
        HOME.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=HOME.parent) as folder:
            _fetch(npm, Path(folder))
            try:
                # Two runs may fetch at once; whoever comes second finds the folder there.
                (Path(folder) / "package" / "emulator").rename(HOME)
            except OSError:
                if not HOME.exists():
                    raise
    return HOME


def _fetch(npm: str, folder: Path) -> None:
    packed = subprocess.run(
        [npm, "pack", "--silent", NPM_PACKAGE],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if packed.returncode:
        raise CannotStart(f"npm could not fetch {NPM_PACKAGE}: {packed.stderr.strip()}")
    (archive,) = folder.glob("*.tgz")
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        raise CannotStart(f"{NPM_PACKAGE} is not the file that was checked in; look before you use it.")
    with tarfile.open(archive) as unpacking:
        unpacking.extractall(folder, filter="data")


def _tool(name: str, debian_package: str) -> str:
    if path := shutil.which(name):
        return path
    raise CannotStart(
        f"The contract tests run on DynamoDB Local, which needs {name}: apt-get install {debian_package}."
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the port is open, or the process has ended, or the time is up."""
    give_up = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < give_up:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False
