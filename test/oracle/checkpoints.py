"""Loads what FuseBN writes with real PyTorch, and compares outputs.

    npm run build && python test/oracle/checkpoints.py [NETWORK…]

Each torchvision network, with made-up statistics, is saved in every container, fused by the command line, and loaded
strictly: through the generated loader, and without it in drop-in mode. Outputs must agree to 1e-4 of the largest.
"""

import collections
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import torch
import torchvision
from safetensors.torch import load_file, save_file
from torch import nn

root = pathlib.Path(__file__).parents[2]
cli = ["node", str(root / "dist/cli.js")]
TOLERANCE = 1e-4

NETWORKS = [
    "resnet18",
    "resnext50_32x4d",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "shufflenet_v2_x0_5",
    "squeezenet1_1",
    "vgg11_bn",
    "efficientnet_b0",
    "mnasnet0_5",
    "regnet_y_400mf",
    "densenet121",
    "googlenet",
]


def build(name):
    torch.manual_seed(3)
    extra = {"aux_logits": False, "init_weights": True} if name == "googlenet" else {}
    net = torchvision.models.get_model(name, weights=None, **extra)
    for module in net.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)
    return net.eval()


def fuse(path, mode, *more):
    """Runs the command line; returns its report."""
    output = path.with_name(f"{path.stem}.{mode}{path.suffix}")
    command = [*cli, "fuse", str(path), "-o", str(output), "--mode", mode, "--overwrite", "--json"]
    # Only what names prove is folded: the statistics here are made up and testify to nothing.
    done = subprocess.run([*command, "--no-statistics", *more], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return json.loads(done.stdout)


def apply_loader(files, net):
    [path] = [file for file in files if file.endswith("_fused.py")]
    spec = importlib.util.spec_from_file_location("loader", path)
    loader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loader)
    return loader.apply_fusion(net)


def state_dict_of(path):
    return load_file(path) if path.endswith(".safetensors") else torch.load(path, weights_only=True)


def versioned(state, original):
    """safetensors keeps no versions of classes, and some refuse to load without: MNASNet."""
    if not hasattr(state, "_metadata"):
        state = collections.OrderedDict(state)
        state._metadata = original._metadata
    return state


def check(label, net, x, want, report):
    with torch.no_grad():
        got = net(x)
    # A scripted GoogLeNet gives its auxiliary outputs along.
    got = got[0] if isinstance(got, tuple) else got
    error = ((got - want).abs().max() / want.abs().max()).item()
    verdict = "ok" if error <= TOLERANCE else "WRONG"
    print(f"{verdict:6} {label:44} {len(report['folded']):3} folded  {error:.1e}", flush=True)
    return error <= TOLERANCE


def run(name, folder):
    net = build(name)
    x = torch.randn(2, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        want = net(x)
    state = net.state_dict()
    written = {
        "zip": folder / "zip.pth",
        "legacy": folder / "legacy.pth",
        "safetensors": folder / "file.safetensors",
    }
    torch.save(state, written["zip"])
    torch.save(state, written["legacy"], _use_new_zipfile_serialization=False)
    save_file(state, written["safetensors"])
    results = []
    for container, path in written.items():
        report = fuse(path, "fold", "--loader")
        if report["output"] is None:
            print(f"none   {name} {container}: {report['note']}")
            continue
        fused = apply_loader(report["files"], build(name))
        fused.load_state_dict(versioned(state_dict_of(report["output"]), state), strict=True)
        results.append(check(f"{name} {container} fold", fused, x, want, report))
        report = fuse(path, "drop-in")
        unmodified = build(name)
        unmodified.load_state_dict(versioned(state_dict_of(report["output"]), state), strict=True)
        results.append(check(f"{name} {container} drop-in", unmodified, x, want, report))
    torch.save(net, folder / "module.pth")
    for mode in ("fold", "drop-in"):
        report = fuse(folder / "module.pth", mode)
        if report["output"] is not None:
            whole = torch.load(report["output"], weights_only=False)
            results.append(check(f"{name} module {mode}", whole, x, want, report))
    traced = torch.jit.trace(net, x, check_trace=False)
    scripted = torch.jit.script(net)
    for kind, script in (("traced", traced), ("scripted", scripted)):
        path = folder / f"{kind}.pt"
        script.save(str(path))
        report = fuse(path, "fold")
        if report["output"] is not None:
            loaded = torch.jit.load(report["output"])
            results.append(check(f"{name} {kind}", loaded, x, want, report))
    program = torch.export.export(net, (x,))
    torch.export.save(program, folder / "program.pt2")
    report = fuse(folder / "program.pt2", "fold")
    if report["output"] is not None:
        loaded = torch.export.load(report["output"]).module()
        results.append(check(f"{name} exported", loaded, x, want, report))
    return results


def main():
    warnings.filterwarnings("ignore")
    results = []
    for name in sys.argv[1:] or NETWORKS:
        with tempfile.TemporaryDirectory() as folder:
            results += run(name, pathlib.Path(folder))
    print(f"{sum(results)} of {len(results)} agree")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
