"""Fetch Debian's cloud kernels into a cache; the machine's own apt is left alone.

apt runs with folders, sources and settings of its own, so it verifies signatures and
hashes as usual and writes nowhere else. From the machine it takes two settings: the
proxy, and the mirror it uses for Debian. Nothing is installed.
"""

import fcntl
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

RELEASES = {"bookworm": "Debian 12", "trixie": "Debian 13"}
META = "linux-image-cloud-amd64"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
MIRROR = "http://deb.debian.org/debian"


class FetchError(Exception):
    """A kernel could not be had; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """One kernel as its package ships it.

    image: the bzImage; modules: the folder with `kernel/`, compressed or not.
    """

    release: str
    version: str
    image: Path
    modules: Path


def cache_folder() -> Path:
    """Return where kernels and images are kept, outside any checkout."""
    base = os.environ.get("XDG_CACHE_HOME")
    if not base:
        base = "/var/cache" if os.geteuid() == 0 else os.path.expanduser("~/.cache")
    return Path(base) / "guardian-kernels"


def kernel(release: str, *, update: bool = False) -> Kernel:
    """Return the kernel of `release`, from the cache or, failing that, the mirror.

    update: ask the mirror for a newer one even if the cache has one.
    Raises FetchError.
    """
    folder = cache_folder() / release
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if update or not (folder / "root").is_dir():
            _fetch(release, folder)
    return _found(release, folder / "root")


def _fetch(release: str, folder: Path) -> None:
    config = _isolate(release, folder / "apt")
    _apt(config, "apt-get", "-q", "update")
    depends = _apt(config, "apt-cache", "depends", META)
    names = [
        line.split()[1] for line in depends.splitlines() if "Depends: linux-" in line
    ]
    if len(names) != 1:
        raise FetchError(f"{META} of {release} names no single kernel: {names}")
    new = folder / "root.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    _apt(config, "apt-get", "-q", "download", names[0], cwd=new)
    (package,) = new.glob("*.deb")
    subprocess.run(["dpkg-deb", "-x", package, new], check=True)
    package.unlink()
    shutil.rmtree(folder / "root", ignore_errors=True)
    new.rename(folder / "root")
    shutil.rmtree(folder / "apt")


def _isolate(release: str, folder: Path) -> Path:
    """Write apt's settings for one release; returns the file for APT_CONFIG."""
    if not Path(KEYRING).exists():
        raise FetchError(f"{KEYRING} is missing: install debian-archive-keyring")
    for name in ("etc/apt.conf.d", "etc/preferences.d", "lists/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "archives/partial").mkdir(parents=True, exist_ok=True)
    (folder / "etc/sources.list").write_text(
        f"deb [arch=amd64 signed-by={KEYRING}] {_mirror()} {release} main\n"
    )
    settings = {
        "Dir::State": folder,
        "Dir::State::status": "/dev/null",
        "Dir::Cache": folder,
        "Dir::Etc": folder / "etc",
        "APT::Architecture": "amd64",
        "APT::Architectures": "amd64",
        "Acquire::Languages": "none",
        # The sandbox user cannot read a cache below a private home.
        "APT::Sandbox::User": "root",
    }
    lines = [f'{key} "{value}";' for key, value in settings.items()]
    config = folder / "apt.conf"
    config.write_text("\n".join(lines + _proxies()) + "\n")
    return config


def _proxies() -> list[str]:
    """Return the machine's own proxy settings for apt, without its hooks."""
    dump = subprocess.run(
        ["apt-config", "dump", "Acquire"], capture_output=True, text=True, check=True
    ).stdout
    return [line for line in dump.splitlines() if "proxy" in line.lower()]


def _mirror() -> str:
    """Return the mirror this machine uses for Debian, else Debian's own."""
    asked = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
        + ["Created-By: Packages", "Origin: Debian", "Label: Debian"],
        capture_output=True,
        text=True,
    ).stdout.split()
    found = [uri.rstrip("/") for uri in asked if uri.startswith(("http", "mirror"))]
    return found[0] if found else MIRROR


def _apt(config: Path, *command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "APT_CONFIG": str(config), "LC_ALL": "C"},
    )
    if done.returncode != 0:
        tail = (done.stderr or done.stdout).strip()[-1500:]
        raise FetchError(f"{' '.join(map(str, command))} failed:\n{tail}")
    return done.stdout


def _found(release: str, root: Path) -> Kernel:
    images = sorted(root.glob("boot/vmlinuz-*"))
    if not images:
        raise FetchError(f"no kernel in {root}: remove that folder and try again")
    version = images[-1].name.removeprefix("vmlinuz-")
    for base in ("usr/lib/modules", "lib/modules"):
        modules = root / base / version
        if (modules / "kernel").is_dir():
            return Kernel(release, version, images[-1], modules)
    raise FetchError(f"no modules of {version} in {root}: remove it and try again")
