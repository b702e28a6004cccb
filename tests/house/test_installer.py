"""The descriptions of the packages are sound before anything is built from them."""

from __future__ import annotations

import argparse
import configparser
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import defusedxml.ElementTree
import pytest

from ejournal_server import app
from ejournal_server.__main__ import _parser
from installer import build
from installer.bundle import DESKTOP, SERVER, options
from tests.helpers.source import ROOT

LINUX = ROOT / "installer" / "linux"


def compile_installer(folder: Path, *definitions: str) -> subprocess.CompletedProcess[str]:
    """Run NSIS over the Windows installer, warnings as errors."""
    command = ["makensis", "-V2", "-WX", "-INPUTCHARSET", "UTF8", *definitions, "installer/windows.nsi"]
    environment = os.environ | {"TMPDIR": str(folder)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_windows_installer_compiles_and_holds_its_payload(tmp_path: Path) -> None:
    payload, result = tmp_path / "payload", tmp_path / "ejournal-desktop-0.1.0.exe"
    (payload / "_internal").mkdir(parents=True)
    (payload / "ejournal-desktop.exe").write_bytes(b"MZ stands in for the program")
    (payload / "_internal" / "big.bin").write_bytes(os.urandom(300_000))  # cannot be compressed away
    made = compile_installer(tmp_path, "-DVERSION=0.1.0", f"-DPAYLOAD={payload}", f"-DOUTFILE={result}")
    assert made.returncode == 0, made.stdout + made.stderr
    assert result.read_bytes()[:2] == b"MZ"
    assert result.stat().st_size > 300_000


@pytest.mark.parametrize("missing", ["VERSION", "PAYLOAD", "OUTFILE"])
def test_the_windows_installer_is_not_made_from_nothing(tmp_path: Path, missing: str) -> None:
    given = {"VERSION": "0.1.0", "PAYLOAD": str(tmp_path), "OUTFILE": str(tmp_path / "out.exe")}
    (tmp_path / "file").write_text("payload", encoding="utf-8")
    made = compile_installer(tmp_path, *(f"-D{name}={value}" for name, value in given.items() if name != missing))
    assert made.returncode != 0
    assert f"{missing} is not given" in made.stdout + made.stderr


def test_the_workstations_package_asks_for_every_library_that_running_asks_for() -> None:
    depends = build.desktop_package()["depends"]
    assert "libegl1" in depends
    assert "libglib2.0-0 | libglib2.0-0t64" in depends
    assert not [name for name in depends if name.startswith("python")]


def test_every_file_that_a_package_lists_is_there() -> None:
    descriptions = [
        build.common(bundle, ROOT) | package()
        for bundle, package in ((DESKTOP, build.desktop_package), (SERVER, build.server_package))
    ]
    listed = [
        entry["src"] for one in descriptions for entry in one["contents"] + one["more_contents"] if "src" in entry
    ]
    listed += [script for one in descriptions for script in one.get("scripts", {}).values()]
    assert [path for path in listed if not path.startswith("/usr/lib/") and not Path(path).exists()] == []


def test_the_server_is_bundled_without_qt() -> None:
    assert "--exclude-module=PySide6" in options(SERVER)
    assert "--exclude-module=PySide6" not in options(DESKTOP)


def test_the_servers_process_is_shut_in() -> None:
    judge = shutil.which("systemd-analyze")
    assert judge, "systemd comes with the packages that `make test` installs"
    unit = str(LINUX / "ejournal-server.service")
    told = subprocess.run(
        [judge, "security", "--offline=true", unit], capture_output=True, text=True, check=False
    ).stdout
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert exposure, told
    assert float(exposure[1]) <= 1.5
    assert "\nLimitCORE=0\n" in (LINUX / "ejournal-server.service").read_text(encoding="utf-8")


def test_the_menu_entry_starts_the_program_that_the_package_brings() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(LINUX / "ejournal-desktop.desktop", encoding="utf-8")
    assert entry["Desktop Entry"]["Exec"] == DESKTOP.name
    assert (ROOT / "resources" / "icons" / f"{entry['Desktop Entry']['Icon']}.svg").exists()


def unit_of(name: str) -> configparser.ConfigParser:
    """Return a unit by its sections; of a key said twice the last is told."""
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capitals
    unit.read(LINUX / name, encoding="utf-8")
    return unit


def test_the_daily_copy_runs_as_the_server_does_and_comes_with_it() -> None:
    server, copy = unit_of("ejournal-server.service"), unit_of("ejournal-server-daily.service")
    hardening = set(server["Service"]) - {"Type", "NotifyAccess", "WatchdogSec", "TimeoutStartSec", "Environment",
                                          "ExecStart", "Restart", "RestartSec", "KillMode", "TimeoutStopSec",
                                          "LimitNOFILE"}  # fmt: skip
    assert {name: copy["Service"].get(name) for name in hardening} == {
        name: server["Service"][name] for name in hardening
    }
    told = served_by(copy["Service"]["ExecStart"].replace("%S", "/x").split(" ", 1)[1])
    assert (told.command, told.daily, told.data) == ("backup", True, Path("/x/ejournal-server"))
    assert server["Unit"]["Wants"] == "ejournal-server-daily.timer"
    timer = unit_of("ejournal-server-daily.timer")
    assert timer["Timer"]["Persistent"] == "yes", "a server is off at night"
    assert timer["Unit"]["PartOf"] == "ejournal-server.service"
    placed = {str(entry["dst"]).rpartition("/")[2] for entry in build.server_package()["more_contents"]}
    assert placed == {"ejournal-server.service", "ejournal-server-daily.service", "ejournal-server-daily.timer"}


def test_the_units_of_the_daily_copy_are_ones_that_systemd_understands(tmp_path: Path) -> None:
    judge = shutil.which("systemd-analyze")
    assert judge, "systemd comes with the packages that `make test` installs"
    for name in build.UNITS:
        unit = (LINUX / name).read_text(encoding="utf-8").replace("/usr/bin/ejournal-server", "/bin/true")
        (tmp_path / name).write_text(re.sub(r"(?m)^(User|Group)=.*\n", "", unit))
    timer = tmp_path / "ejournal-server-daily.timer"
    told = subprocess.run([judge, "verify", "--man=no", str(timer)], capture_output=True, text=True, check=False)
    assert [line for line in told.stderr.splitlines() if "ejournal-server" in line] == []
    assert told.returncode == 0, told.stderr
    timer.write_text(timer.read_text().replace("02:30:00", "25:30:00"))  # the judge is awake
    told = subprocess.run([judge, "verify", "--man=no", str(timer)], capture_output=True, text=True, check=False)
    assert "25:30:00" in told.stderr


def test_the_task_of_windows_makes_the_daily_copy_in_the_folder_of_the_service() -> None:
    windows = ROOT / "installer" / "windows"
    script = (windows / "daily-copy.cmd").read_text(encoding="ascii")  # of cmd's many code pages each reads it
    task = re.search(r'(?m)^schtasks /Create .*/TR "(.+)"$', script)
    assert task, script
    told = served_by(task[1].replace('\\"', '"').replace("\\", "/").split('"', 2)[2])
    service = defusedxml.ElementTree.parse(windows / "ejournal-server.xml").getroot()
    assert service is not None
    served = served_by(str(service.findtext("arguments")).replace("\\", "/"))
    assert (told.command, told.daily, told.data) == ("backup", True, served.data)
    assert str(service.findtext("serviceaccount/username")) in script


@pytest.mark.parametrize("script", ["server-postinstall.sh", "server-preremove.sh"])
def test_the_packages_scripts_are_plain_shell(script: str) -> None:
    subprocess.run(["sh", "-n", str(LINUX / script)], check=True)


def test_the_unit_is_one_that_systemd_understands(tmp_path: Path) -> None:
    judge = shutil.which("systemd-analyze")
    assert judge, "systemd comes with the packages that `make test` installs"
    unit = (LINUX / "ejournal-server.service").read_text(encoding="utf-8")
    here = tmp_path / "ejournal-server.service"
    here.write_text(re.sub(r"(?m)^(User|Group)=.*\n", "", unit).replace("/usr/bin/ejournal-server", "/bin/true"))
    told = subprocess.run([judge, "verify", "--man=no", str(here)], capture_output=True, text=True, check=False)
    assert [line for line in told.stderr.splitlines() if "ejournal-server.service" in line] == []
    assert told.returncode == 0, told.stderr
    here.write_text(unit.replace("WatchdogSec=60", "WatchdogSecs=60"))  # the judge is awake
    told = subprocess.run([judge, "verify", "--man=no", str(here)], capture_output=True, text=True, check=False)
    assert "WatchdogSecs" in told.stderr


def served_by(arguments: str) -> argparse.Namespace:
    """Return what the server's command line makes of a service's arguments."""
    return _parser().parse_args(shlex.split(arguments))


def test_both_services_start_the_server_with_words_that_it_knows() -> None:
    service = unit_of("ejournal-server.service")["Service"]
    words = service["ExecStart"].replace("${LISTEN}", "0.0.0.0:8443").replace("${WORKERS}", "1").replace("%S", "/x")
    assert served_by(words.split(" ", 1)[1]).listen == ("0.0.0.0", 8443)
    assert (service["Type"], service["WatchdogSec"]) == ("notify", "60")
    assert float(service["WatchdogSec"]) > 3 * app.BEAT_SECONDS
    assert float(service["TimeoutStopSec"]) > 2 * app.GRACE_SECONDS + 5
    windows = defusedxml.ElementTree.parse(ROOT / "installer" / "windows" / "ejournal-server.xml").getroot()
    assert windows is not None
    given = served_by(str(windows.findtext("arguments")).replace("\\", "/"))
    assert given.log_file is not None
    assert windows.findtext("stoptimeout") == "40 sec"
    assert str(windows.findtext("serviceaccount/username")).endswith("LocalService")  # not SYSTEM
