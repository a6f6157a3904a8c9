"""The units and the installation, without a running systemd."""
import re
import shutil
import stat
import subprocess

import pytest

from harness import BUILD, ROOT
from machine import MAKE, as_root

UNITS = ROOT / "systemd"
SERVICES = ("quire@.service", "quire-migrate.service")
INSTALLED = """
    /etc/nginx/quire/cache.conf
    /etc/nginx/quire/fastcgi.conf
    /etc/nginx/quire/handlers.conf
    /etc/nginx/quire/headers.conf
    /etc/nginx/quire/limits.conf
    /etc/nginx/quire/pages.conf
    /etc/nginx/quire/proxies.conf
    /etc/nginx/quire/site.conf
    /etc/nginx/quire/sockets.conf
    /etc/nginx/quire/upstreams.conf
    /etc/nginx/sites-available/quire
    /etc/quire/quire.conf
    /usr/bin/quire
    /usr/lib/systemd/system/quire-migrate.service
    /usr/lib/systemd/system/quire-migrate.service.d/sandbox.conf
    /usr/lib/systemd/system/quire.target
    /usr/lib/systemd/system/quire@.service
    /usr/lib/systemd/system/quire@.service.d/sandbox.conf
    /usr/lib/systemd/system/quire@.socket
    /usr/lib/sysusers.d/quire.conf
    /usr/lib/tmpfiles.d/quire.conf
    /usr/share/doc/quire/CHANGELOG.md
    /usr/share/doc/quire/LICENSE
    /usr/share/doc/quire/README.Debian
    /usr/share/doc/quire/README.md
    /usr/share/quire/sql/roles.sql
""".split()
MODES = {"/usr/bin/quire": 0o755, "/etc/quire/quire.conf": 0o640}


def output(*command, **options):
    """What it prints, as one text; it must succeed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)
    assert done.returncode == 0, done.stdout
    return done.stdout


def install(destination, *words):
    return output(*MAKE, "install", f"DESTDIR={destination}", *words)


def files(folder):
    return {f"/{file.relative_to(folder)}": stat.S_IMODE(file.stat().st_mode)
            for file in folder.rglob("*") if not file.is_dir()}


def expected():
    """What an installation consists of: the files above, and the static ones as they were built."""
    static = (file for file in (BUILD / "static").rglob("*") if file.is_file())
    return [*INSTALLED, *(f"/usr/share/quire/{file.relative_to(BUILD)}" for file in static)]


@pytest.fixture(scope="module")
def installed(program, tmp_path_factory):
    """A folder with the installation, which the tests only read."""
    destination = tmp_path_factory.mktemp("installed")
    install(destination)
    return destination


def test_every_file_is_in_its_place(installed):
    assert files(installed) == {path: MODES.get(path, 0o644) for path in expected()}


def test_installing_again_changes_nothing(installed):
    before = files(installed)
    assert install(installed) == ""
    assert files(installed) == before


def test_an_edited_configuration_is_kept(program, tmp_path):
    install(tmp_path)
    edited = tmp_path / "etc/quire/quire.conf"
    edited.write_text("QUIRE_WORKERS=3\n")
    (tmp_path / "etc/nginx/quire/headers.conf").write_text("# of an older version\n")

    assert install(tmp_path) == "/etc/quire/quire.conf is kept, see /etc/quire/quire.conf.new\n"

    assert edited.read_text() == "QUIRE_WORKERS=3\n"
    assert (tmp_path / "etc/quire/quire.conf.new").read_text() == (UNITS / "quire.conf").read_text()
    assert (tmp_path / "etc/nginx/quire/headers.conf").read_text() != "# of an older version\n"


def test_another_prefix_is_in_every_path(program, tmp_path):
    install(tmp_path, "PREFIX=/usr/local")
    assert set(files(tmp_path)) == {path.replace("/usr/", "/usr/local/") for path in expected()}
    for file in (*tmp_path.glob("usr/local/lib/**/*.*"), *tmp_path.glob("etc/nginx/**/*.conf")):
        assert not file.is_file() or not re.search("/usr/(bin/quire|share)", file.read_text()), file


def test_the_units_verify_in_silence(program, tmp_path):
    shutil.copytree(UNITS, tmp_path, dirs_exist_ok=True)
    for unit in tmp_path.glob("*.service"):
        unit.write_text(unit.read_text().replace("/usr/bin/quire", str(program)))
    units = [tmp_path / name for name in ("quire@a.socket", "quire@a.service", "quire.target")]
    assert output("systemd-analyze", "verify", *units, tmp_path / "quire-migrate.service") == ""


@pytest.mark.parametrize("service", SERVICES)
def test_the_sandbox_is_tight(installed, service):
    folder = installed / "usr/lib/systemd/system"
    words = ("systemd-analyze", "security", "--offline=true", "--threshold=12")  # tenths
    assert "Overall exposure level" in output(*words, folder / service)


@pytest.fixture
def bare_root(tmp_path):
    """The root of a system that has little more than root and www-data."""
    root = tmp_path / "root"
    (root / "etc/quire").mkdir(parents=True)
    (root / "etc/quire/quire.conf").touch(0o600)
    (root / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\n"
                                     "www-data:x:33:33::/var/www:/usr/sbin/nologin\n")
    (root / "etc/group").write_text("root:x:0:\nwww-data:x:33:\nquire:x:777:\n")
    as_root("chown", "-R", "root:", root)
    yield root
    as_root("rm", "-rf", root)


def test_users(bare_root):
    with (UNITS / "quire.sysusers").open() as users:
        as_root("systemd-sysusers", f"--root={bare_root}", "-", stdin=users)
    users = [line.split(":") for line in (bare_root / "etc/passwd").read_text().splitlines()]
    shells = {user[0]: user[-1] for user in users if user[0] not in ("root", "www-data")}
    assert shells == {"quire": "/usr/sbin/nologin", "quire_owner": "/usr/sbin/nologin"}
    assert "quire:x:777:quire_owner\n" in (bare_root / "etc/group").read_text()


def test_folders(bare_root):
    with (UNITS / "quire.tmpfiles").open() as folders:
        as_root("systemd-tmpfiles", f"--root={bare_root}", "--create", "-", stdin=folders)

    def owned(path):
        return as_root("stat", "--format=%a %u %g", bare_root / path).strip()

    assert owned("run/quire") == "750 0 33"
    assert owned("etc/quire/quire.conf") == "640 0 777"
    assert owned("etc/credstore") == "700 0 0"
    assert owned("var/cache/nginx/quire") == "700 33 0"


def settings(program, path):
    """Each setting of `quire check` as it is with this configuration, and where it comes from."""
    lines = output(program, "check", "--config", path, env={}).splitlines()
    rows = [re.fullmatch(r"(QUIRE_\w+) += (.*?) +(default|\S+:\d+)  .+", line) for line in lines]
    assert all(rows), lines
    return {row[1]: row[2] for row in rows}, {row[1]: row[3] for row in rows}


def test_the_sample_names_every_setting_with_its_default(program, tmp_path):
    sample = (UNITS / "quire.conf").read_text()
    assert not re.search("^[^#\n]", sample, re.MULTILINE), "the sample sets something"
    spelt_out = tmp_path / "quire.conf"
    spelt_out.write_text(re.sub("^#(?=QUIRE_)", "", sample, flags=re.MULTILINE))

    defaults, _ = settings(program, "/dev/null")
    values, origins = settings(program, spelt_out)

    assert [key for key, origin in origins.items() if origin == "default"] == []
    assert values == defaults
