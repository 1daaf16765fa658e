"""Runs the command line, and the loaders it writes."""

import dataclasses
import importlib.util
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[3]
CLI = os.environ.get("FUSEBN_CLI", str(ROOT / "dist/cli.js"))


@dataclasses.dataclass(frozen=True)
class Fused:
    """What `fusebn fuse` left: `output` is None when there was nothing to fold."""

    output: pathlib.Path | None
    files: list[str]
    folded: list[str]
    left: list[dict]

    def loader(self):
        """The generated Python file as a module."""
        [path] = [file for file in self.files if file.endswith("_fused.py")]
        spec = importlib.util.spec_from_file_location(pathlib.Path(path).stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


def fuse(path, *flags, mode="fold", policy="all"):
    """Folds `path` into a file beside it; in `fold` mode of a checkpoint use `--loader` to have the loader too."""
    output = path.with_name(f"{path.stem}.{mode}{''.join(path.suffixes)}")
    report = run("fuse", path, "-o", output, "--mode", mode, "--policy", policy, "--overwrite", *flags)
    return Fused(
        output=None if report["output"] is None else pathlib.Path(report["output"]),
        files=report["files"],
        folded=report["folded"],
        left=report["left"],
    )


def inspect(path, *flags, policy="all"):
    return run("inspect", path, "--policy", policy, *flags)


def run(command, path, *flags):
    """One run with `--json`; its report. Fails with what the command said."""
    arguments = [str(argument) for argument in (command, path, *flags, "--json")]
    done = subprocess.run(["node", CLI, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"fusebn {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)
