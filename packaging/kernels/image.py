"""Make the initramfs in which a kernel is tried: programs, modules, the project.

Three archives one after the other, since the kernel unpacks any number of them: this
machine's programs and Python (cached until one of them changes), the modules of the
kernel (cached for its version), and the checkout as it is now. The guest's Python is
the one that runs this module, so compiled files fit. Nothing is compressed: an emulated
processor takes seconds to undo it.
"""

import functools
import hashlib
import lzma
import os
import py_compile
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from cpio import Archive
from fetch import Kernel, cache_folder

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PROJECT = "/project"

PROGRAMS = ("nft", "ip", "conntrack")
BUSYBOX = Path("/bin/busybox")
# What the scenarios and the rules use, by module name; dependencies are added.
MODULES = """
nf_tables nfnetlink nf_conntrack nf_conntrack_netlink nf_nat
nf_flow_table nf_flow_table_inet nft_flow_offload nft_chain_nat
nft_ct nft_nat nft_masq nft_redir nft_reject nft_reject_inet
nft_fib nft_fib_inet nft_fib_ipv4 nft_fib_ipv6 nft_limit nft_log nft_hash
bridge br_netfilter veth 8021q macvlan dummy
""".split()
# Parts of the standard library that neither the daemon nor the scenarios import.
UNUSED = {
    "__pycache__",
    "_pyrepl",
    "dist-packages",
    "distutils",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "site-packages",
    "sitecustomize.py",
    "test",
    "tests",
    "tkinter",
    "turtledemo",
    "unittest",
    "venv",
    "wsgiref",
}
# Pure-Python dependencies of the daemon, taken from the checkout's .venv.
DEPENDENCIES = ("tinydb", "tzdata")


def build(kernel: Kernel) -> Path:
    """Return the initramfs for `kernel`, with the checkout as it is now."""
    folder = cache_folder() / "images"
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        _cached(folder, "userland", _userland, _userland_files()),
        _cached(
            folder,
            f"modules-{kernel.version}",
            functools.partial(_modules, kernel),
            [kernel.modules / "modules.builtin"],
        ),
        _project().pack(),
    ]
    handle, name = tempfile.mkstemp(prefix="guardian-", suffix=".img")
    with open(handle, "wb") as file:
        # Members are whole words, so each archive begins on one.
        file.writelines(parts)
    return Path(name)


def _cached(
    folder: Path, name: str, make: Callable[[], Archive], files: Iterable[Path]
) -> bytes:
    """Return the packed archive of `make`, kept until a file it is made of changes."""
    stamp = hashlib.sha256()
    for path in (*sorted(files), HERE / "image.py", HERE / "cpio.py"):
        about = path.stat()
        stamp.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    path = folder / f"{name}-{stamp.hexdigest()[:16]}.cpio"
    if path.exists():
        return path.read_bytes()
    packed = make().pack()
    for stale in folder.glob(f"{name}-*.cpio"):
        stale.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(packed)
    os.replace(file.name, path)
    return packed


def _userland_files() -> list[Path]:
    library = Path(sysconfig.get_path("stdlib"))
    return [BUSYBOX, _python(), *map(_program, PROGRAMS), *_standard_library(library)]


def _userland() -> Archive:
    archive = Archive()
    for folder in ("/proc", "/sys", "/dev", "/tmp", "/run", "/root", "/etc", "/var"):
        archive.folder(folder)
    archive.copy("/bin/busybox", BUSYBOX)
    archive.link("/bin/sh", "busybox")
    archive.file("/etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
    archive.file("/etc/group", b"root:x:0:\n")
    archive.file("/etc/hosts", b"127.0.0.1 localhost\n::1 localhost\n")
    archive.copy("/usr/bin/python3", _python())
    programs = [_program(name) for name in PROGRAMS]
    for path in programs:
        archive.copy(f"/usr/sbin/{path.name}", path)
    library = Path(sysconfig.get_path("stdlib"))
    extensions = []
    for path in _standard_library(library):
        inside = path.relative_to(library)
        if path.suffix == ".py":
            target = f"/usr/lib/{library.name}/{inside.with_suffix('.pyc')}"
            archive.file(target, _compiled(path, target))
        else:
            archive.copy(f"/usr/lib/{library.name}/{inside}", path)
            extensions.append(path)
    libraries = _libraries([_python(), *programs, *extensions])
    # Loaded by name when a thread ends (pthread_exit(3)), so no program lists it.
    libc = next(path for path in libraries if path.name == "libc.so.6")
    for path in (*libraries, libc.with_name("libgcc_s.so.1")):
        archive.copy(str(path), path.resolve())
    return archive


def _python() -> Path:
    return Path(sys.executable).resolve()


def _program(name: str) -> Path:
    for folder in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"):
        if (Path(folder) / name).exists():
            return Path(folder) / name
    raise FileNotFoundError(f"{name} is missing: run packaging/setup")


def _standard_library(library: Path) -> Iterator[Path]:
    for path in sorted(library.rglob("*")):
        parts = path.relative_to(library).parts
        if UNUSED.isdisjoint(parts) and not parts[0].startswith("config-"):
            if path.suffix == ".py" or path.suffix == ".so" and "test" not in path.name:
                yield path


def _compiled(path: Path, shown: str) -> bytes:
    """Return the .pyc of a source; tracebacks name it `shown`."""
    with tempfile.NamedTemporaryFile(suffix=".pyc") as file:
        py_compile.compile(
            str(path),
            cfile=file.name,
            dfile=shown,
            doraise=True,
            # No source is compared: the guest has other times, or no source at all.
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
        return Path(file.name).read_bytes()


def _libraries(binaries: Iterable[Path]) -> list[Path]:
    """Return the shared libraries of all `binaries`, as the loader finds them here."""
    listed = subprocess.run(["ldd", *binaries], capture_output=True, text=True).stdout
    return sorted({Path(path) for path in re.findall(r"(/\S+\.so\S*) \(0x", listed)})


def _modules(kernel: Kernel) -> Archive:
    """Return the modules and the order in which to load them."""
    # depmod wants lib/modules/VERSION below its base; packages differ.
    with tempfile.TemporaryDirectory() as base:
        tree = Path(base, "lib/modules", kernel.version)
        tree.mkdir(parents=True)
        for entry in kernel.modules.iterdir():
            if not entry.name.startswith("modules.dep"):
                (tree / entry.name).symlink_to(entry)
        subprocess.run(["depmod", "-b", base, kernel.version], check=True)
        table = (tree / "modules.dep").read_text()
    needs: dict[str, list[str]] = {}
    for line in table.splitlines():
        path, _, dependencies = line.partition(": ")
        needs[path.rstrip(":")] = dependencies.split()
    by_name = {_module_name(path): path for path in needs}
    builtin = {
        _module_name(line)
        for line in (kernel.modules / "modules.builtin").read_text().split()
    }
    order: list[str] = []
    for name in MODULES:
        if name in by_name:
            # The table lists what a module needs, nearest first.
            order += [*reversed(needs[by_name[name]]), by_name[name]]
        elif name not in builtin:
            raise FileNotFoundError(f"{kernel.version} has no module {name}")
    archive = Archive()
    names = []
    for path in dict.fromkeys(order):
        data = (kernel.modules / path).read_bytes()
        if path.endswith(".xz"):
            data = lzma.decompress(data)
        names.append(f"/lib/modules/{_module_name(path)}.ko")
        archive.file(names[-1], _unsigned(data))
    archive.file("/lib/modules/order", ("\n".join(names) + "\n").encode())
    return archive


def _unsigned(module: bytes) -> bytes:
    """Return a module without its signature, whose check takes longer than the rest.

    Source: scripts/sign-file.c: module, signature, 12 bytes that end in the length of
    the signature, mark. apt has verified the package that it came in.
    """
    mark = b"~Module signature appended~\n"
    if not module.endswith(mark):
        return module
    length = int.from_bytes(module[-len(mark) - 4 : -len(mark)], "big")
    return module[: -len(mark) - 12 - length]


def _module_name(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0].replace("-", "_")


def _project() -> Archive:
    archive = Archive()
    archive.copy("/init", HERE / "init")
    for folder in ("guardian", "profiles", "tests/kernels"):
        _add_tree(archive, ROOT / folder, f"{PROJECT}/{folder}")
    archive.file(f"{PROJECT}/tests/__init__.py", b"")
    for name in DEPENDENCIES:
        found = list((ROOT / ".venv/lib").glob(f"python3*/site-packages/{name}"))
        if not found:
            raise FileNotFoundError(f"no {name} in .venv: run packaging/setup")
        _add_tree(archive, found[0], f"{PROJECT}/{name}")
    return archive


def _add_tree(archive: Archive, source: Path, target: str) -> None:
    """Add a package: sources, compiled files, data."""
    tag = sys.implementation.cache_tag
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if not path.is_file() or "__pycache__" in inside.parts:
            continue
        archive.copy(f"{target}/{inside}", path)
        if path.suffix == ".py":
            compiled = f"{target}/{inside.parent}/__pycache__/{path.stem}.{tag}.pyc"
            archive.file(
                os.path.normpath(compiled), _compiled(path, f"{target}/{inside}")
            )
