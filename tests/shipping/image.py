"""Runs the steps of a Dockerfile in a folder, with chroot in the place of a container engine.

For the image `python:3.11-slim` stands Debian's smallest system with its own Python 3.11.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PACKAGES = "python3.11,python3.11-venv,python3-pip,ca-certificates"
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
FROM_HERE = re.compile(r"(PIP|SSL|REQUESTS)_|.*_proxy$", re.IGNORECASE)
"""Variables of this environment that say where packages come from."""

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/sbin"
DEVICES = "mount --rbind /dev {root}/dev && mount -t proc proc {root}/proc"


def can_be_built():
    return os.getuid() == 0 and all(map(shutil.which, ("debootstrap", "chroot", "unshare")))


def base(folder):
    """Debian 12, which has Python 3.11, from the mirror that this machine uses."""
    asked = ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages"]
    targets = subprocess.run(asked, capture_output=True, text=True).stdout
    mirrors = [line.split()[0] for line in targets.splitlines() if line.endswith(" bookworm")]
    if not mirrors:
        pytest.skip("needs a mirror of Debian 12")
    options = ["--variant=minbase", f"--include={PACKAGES}"]
    command = ["debootstrap", *options, "bookworm", folder / "root", mirrors[0]]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "root/usr/local/bin/python").symlink_to("/usr/bin/python3.11")


@dataclass
class Image:
    """What the last stage of a Dockerfile has made."""

    root: Path
    environ: dict = field(default_factory=lambda: {"PATH": SYSTEM_PATH})
    directory: str = "/"
    user: str = "0"
    commands: dict = field(default_factory=dict)

    def command(self, *command, writable=(), **environ):
        """`command` in the image as its user; only the folders `writable` can be written, where
        there are any."""
        script, devices = "mount --make-rprivate /", DEVICES.format(root=self.root)
        if writable:
            script += f" && mount --bind {self.root} {self.root} && {devices}"
            script += f" && mount -o remount,bind,ro {self.root}"
        else:
            script += f" && {devices}"
        for name in writable:
            script += f" && mount -t tmpfs -o mode=1777 tmpfs {self.root}{name}"
        variables = [f"{name}={value}" for name, value in (self.environ | environ).items()]
        inside = ["env", "-i", "-C", self.directory, *variables, *command]
        who = f"--userspec={self.user}:{self.user}"
        script += f" && exec chroot {who} {self.root} {shlex.join(inside)}"
        return ["unshare", "-m", "sh", "-c", script]


def build(dockerfile, context, base, folder):
    """The image of `dockerfile`, whose stages are built in `folder`. Fails for an instruction that
    is not known here."""
    text = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", dockerfile.read_text(), flags=re.M))
    stages = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            name = rest.partition(" AS ")[2] or f"stage{len(stages)}"
            image = stages[name] = Image(folder / name)
            subprocess.run(["cp", "-a", base / "root", image.root], check=True)
            shutil.copy(f"/{CERTIFICATES}", image.root / CERTIFICATES)
            shutil.copy("/etc/resolv.conf", image.root / "etc/resolv.conf")
        elif instruction == "WORKDIR":
            image.directory = rest
            (image.root / rest[1:]).mkdir(parents=True, exist_ok=True)
        elif instruction == "RUN":
            here = {name: value for name, value in os.environ.items() if FROM_HERE.match(name)}
            subprocess.run(image.command("sh", "-c", rest, **here), check=True)
        elif instruction == "COPY":
            *options, source, target = rest.split()
            origin = stages[options[0].partition("=")[2]].root if options else context
            into = image.root / image.directory[1:] / target.lstrip("/")
            subprocess.run(["cp", "-a", f"{origin}/{source.lstrip('/')}", into], check=True)
        elif instruction == "ENV":
            image.environ |= dict(pair.split("=", 1) for pair in shlex.split(rest))
            image.environ["PATH"] = image.environ["PATH"].replace(
                "$PATH", Image(folder).environ["PATH"]
            )
        elif instruction == "USER":
            image.user = rest
        elif instruction in {"ENTRYPOINT", "CMD", "HEALTHCHECK"}:
            image.commands[instruction] = json.loads(rest[rest.index("[") :])
        else:
            assert instruction == "EXPOSE", instruction
    return image
