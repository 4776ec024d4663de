"""What is inside the zip that ships: all that runs, compiled, and nothing else."""

import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from chalice.constants import MISSING_DEPENDENCIES_TEMPLATE

from chalicelib.core.working_days import Nation
from chalicelib.reckoning import predicted
from infra import archive
from infra.archive import CannotPackage
from infra.package import PROJECT, Package, refuse_another_python, refuse_holes

# What may stand at the top of the zip. A new dependency is a decision: name it here and say why
# beside its pin.
SHIPS = {
    "annotated_types",
    "app.py",
    "botocore",
    "chalice",
    "chalicelib",
    "dateutil",
    "holidays",
    "jmespath",
    "pydantic",
    "pydantic_core",
    "pynamodb",
    "six.py",
    "typing_extensions.py",
    "typing_inspection",
    "tzdata",
    "urllib3",
}
BUDGET_MIB = 7
UNCHECKED_HASH = 0b01

IMPORT_EVERYTHING = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import app, chalicelib
for found in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
    importlib.import_module(found.name)
strangers = {
    module.__name__: module.__file__
    for module in sys.modules.values()
    if "site-packages" in (getattr(module, "__file__", None) or "")
}
assert not strangers, strangers
print(len([name for name in sys.modules if name.startswith("chalicelib")]))
"""

CALL_EVERY_SERVICE = """
import sys
sys.path.insert(0, sys.argv[1])
import botocore.session
session = botocore.session.get_session()
for service in sys.argv[2:]:
    session.create_client(service, region_name="eu-west-2", aws_access_key_id="x", aws_secret_access_key="x")
"""

TELL_THE_TIME = """
import sys
sys.path.insert(0, sys.argv[1])
import datetime, zoneinfo
zoneinfo.reset_tzpath(to=[])
print(datetime.datetime(2026, 7, 1, 12, tzinfo=zoneinfo.ZoneInfo("Europe/London")).utcoffset())
"""


RECKON = """
import sys
sys.path.insert(0, sys.argv[1])
from chalicelib.core.working_days import Nation
from chalicelib.reckoning import predicted
for nation in Nation:
    for on, name in sorted(predicted(nation, range(2012, 2041)).items()):
        print(nation, on, name)
"""


@pytest.fixture(scope="module")
def unpacked(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(package.archive) as packed:
        packed.extractall(folder)
    return folder


def run_alone(script: str, unpacked: Path, *arguments: str) -> str:
    """Run a script with nothing but the package to import from, and return what it printed."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(unpacked), *arguments],
        env={},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_the_package_alone_imports_the_app_and_every_module(unpacked):
    ours = list((PROJECT / "chalicelib").rglob("*.py"))

    imported = run_alone(IMPORT_EVERYTHING, unpacked)

    assert int(imported) == len(ours)


def test_the_package_alone_makes_a_client_of_every_service_that_our_code_calls(unpacked):
    sources = [path.read_text() for path in (PROJECT / "chalicelib").rglob("*.py")]
    # PynamoDB makes the client of DynamoDB, out of our sight.
    called = {"dynamodb"}.union(*(re.findall(r"client[(,]\s*\"(\w+)\"", source) for source in sources))

    run_alone(CALL_EVERY_SERVICE, unpacked, *sorted(called))


def test_the_package_alone_knows_london_time(unpacked):
    assert run_alone(TELL_THE_TIME, unpacked) == "1:00:00"


def test_the_package_alone_reckons_bank_holidays_from_the_one_country_left_in_it(unpacked):
    reckoned = run_alone(RECKON, unpacked).splitlines()

    assert reckoned == [
        f"{nation} {on} {name}"
        for nation in Nation
        for on, name in sorted(predicted(nation, range(2012, 2041)).items())
    ]
    assert len(list((unpacked / "holidays" / "countries").glob("*.py"))) == 2


def test_every_module_has_bytecode(package):
    inside = archive.contents(package.archive)

    assert inside.modules
    assert inside.bare == ()


def test_no_bytecode_is_checked_against_a_time_that_unpacking_changes(unpacked):
    compiled = list(unpacked.rglob("*.pyc"))

    stale = [
        path.name for path in compiled if struct.unpack("<I", path.read_bytes()[4:8])[0] != UNCHECKED_HASH
    ]

    assert compiled
    assert stale == []


def test_every_file_of_the_service_is_inside(package):
    ours = {
        path.relative_to(PROJECT).as_posix()
        for path in (PROJECT / "chalicelib").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    with zipfile.ZipFile(package.archive) as packed:
        assert ours - set(packed.namelist()) == set()


def test_only_what_runs_on_lambda_is_inside(package):
    with zipfile.ZipFile(package.archive) as packed:
        tops = {name.split("/")[0] for name in packed.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} - {"__pycache__"} == SHIPS


def test_the_package_stays_small(package):
    assert archive.contents(package.archive).size < BUDGET_MIB * 2**20


@pytest.mark.parametrize(
    ("name", "ships"),
    [
        ("botocore/data/dynamodb/2012-08-10/service-2.json.gz", True),
        ("botocore/data/ec2/2016-11-15/service-2.json.gz", False),
        ("botocore/data/endpoints.json", True),
        ("botocore/stub.py", False),
        ("dateutil/rrule.py", False),
        ("dateutil/relativedelta.py", True),
        ("tzdata/zoneinfo/Europe/London", True),
        ("tzdata/zoneinfo/Asia/Tokyo", False),
        ("holidays/countries/united_kingdom.py", True),
        ("holidays/countries/france.py", False),
        ("holidays/financial/sifma.py", False),
        ("holidays/locale/en_GB/LC_MESSAGES/GB.mo", True),
        ("holidays/locale/fr/LC_MESSAGES/FR.mo", False),
        ("chalicelib/protocols/words.toml", True),
        ("chalicelib/__pycache__/config.cpython-311.pyc", False),
        ("pydantic-2.13.4.dist-info/RECORD", False),
        ("pydantic-2.13.4.dist-info/METADATA", True),
    ],
)
def test_a_file_ships_only_if_something_on_lambda_reads_it(name, ships):
    assert archive.ships(name) is ships


def test_the_same_sources_give_the_same_bytes(package, tmp_path):
    again = tmp_path / "again.zip"
    again.write_bytes(package.archive.read_bytes())

    archive.rebuild(again)

    assert again.read_bytes() == package.archive.read_bytes()


def test_a_package_with_a_dependency_left_out_is_refused_though_chalice_calls_it_success():
    with pytest.raises(CannotPackage, match="pydantic"):
        refuse_holes(status=0, printed=MISSING_DEPENDENCIES_TEMPLATE % "pydantic==2.13.4")


def test_a_package_is_refused_by_any_python_but_the_one_that_ships():
    refuse_another_python(wanted="3.11", running=(3, 11))

    with pytest.raises(CannotPackage, match=r"packaged by Python 3\.11 .* this is 3\.12"):
        refuse_another_python(wanted="3.11", running=(3, 12))
