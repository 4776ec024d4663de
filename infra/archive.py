"""The zip that Lambda unpacks: bytecode for every module in it, and nothing that never runs.

The same sources give the same bytes: names sorted, one fixed moment, bytecode that is checked
against nothing (a time-stamped one is stale as soon as Lambda unpacks it).
"""

import compileall
import tempfile
import zipfile
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path, PurePosixPath
from py_compile import PycInvalidationMode

# The services our code calls, and the one that botocore itself may ask for credentials.
SERVICES = frozenset({"dynamodb", "secretsmanager", "sesv2", "sns", "sts"})
ZONES = frozenset({"tzdata/zoneinfo/Europe/London", "tzdata/zoneinfo/Etc/UTC"})
UNUSED = (
    # A test's double of a client; recurring dates, as calendars of files have them.
    "botocore/stub.py",
    "dateutil/rrule.py",
    "dateutil/zoneinfo/",
    "holidays/financial/",
    "pydantic/mypy.py",
    "pydantic/v1/",
    "urllib3/contrib/emscripten/",
)
COUNTRIES = "holidays/countries/__init__.py"
COUNTRY = frozenset({COUNTRIES, "holidays/countries/united_kingdom.py"})
COUNTRY_LANGUAGE = "holidays/locale/en_GB/LC_MESSAGES/GB.mo"
UNUSED_SUFFIXES = (".pyi", ".pyx", ".pyc")
# Scanners read METADATA to know what ships; the rest describes an installation that no longer is one.
KEPT_OF_METADATA = frozenset({"METADATA", "LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE"})
# Lambda's own folder, so that a traceback names the file that is there.
UNPACKED_AT = "/var/task"
EPOCH = (1980, 1, 1, 0, 0, 0)


class CannotPackage(Exception):
    """The package would not run; says what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a zip holds: its size in bytes, its modules, and those among them without bytecode."""

    size: int
    modules: tuple[str, ...]
    bare: tuple[str, ...]


def ships(name: str) -> bool:
    """Whether a file of Chalice's package is needed by anything that runs on Lambda."""
    path = PurePosixPath(name)
    match path.parts:
        case ("botocore", "data", service, _, *_):
            return service in SERVICES
        case ("tzdata", *_):
            return name in ZONES or path.name == "__init__.py"
        case ("holidays", "countries", *_):
            return name in COUNTRY
        case ("holidays", "locale", *_):
            return name == COUNTRY_LANGUAGE
        case (top, *_) if top.endswith(".data"):
            return False
        case (top, *_) if top.endswith(".dist-info"):
            return path.name in KEPT_OF_METADATA
    return not (name.startswith(UNUSED) or name.endswith(UNUSED_SUFFIXES))


def rebuild(archive: Path) -> None:
    """Rewrite a zip in place with what ships, compiled by the Python that runs this.

    Raises CannotPackage if a module is no Python, or is left without bytecode.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(root, members=[name for name in packed.namelist() if ships(name)])
        _import_no_country(root)
        _compile(root)
        _pack(root, archive)
    if bare := contents(archive).bare:
        raise CannotPackage(f"Modules without bytecode: {', '.join(bare)}.")


def contents(archive: Path) -> Contents:
    """Look into a zip."""
    with zipfile.ZipFile(archive) as packed:
        names = frozenset(packed.namelist())
    modules = tuple(sorted(name for name in names if name.endswith(".py")))
    bare = tuple(module for module in modules if cache_from_source(module) not in names)
    return Contents(size=archive.stat().st_size, modules=modules, bare=bare)


def _import_no_country(root: Path) -> None:
    """Empty the module that imports every country: the library finds the one that is asked for without it."""
    countries = root / COUNTRIES
    if countries.exists():
        countries.write_text("")


def _compile(root: Path) -> None:
    compiled = compileall.compile_dir(
        root,
        quiet=1,
        stripdir=str(root),
        prependdir=UNPACKED_AT,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if not compiled:
        raise CannotPackage("A module cannot be compiled; its name is above.")


def _pack(root: Path, archive: Path) -> None:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for file in files:
            entry = zipfile.ZipInfo(file.relative_to(root).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Readable by the user Lambda runs as, whatever the umask was here.
            entry.external_attr = (0o755 if file.suffix == ".so" else 0o644) << 16
            packed.writestr(entry, file.read_bytes())
