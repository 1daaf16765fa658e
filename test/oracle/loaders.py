"""Checks the generated loader: wrappers in every combination, BatchNorms that hold an activation, sparse blocks.

    npm run build && python test/oracle/loaders.py      # needs torch, timm and spconv
"""

import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import timm
import torch
from torch import nn

root = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(root / "test/fixtures/torch"))
cli = ["node", str(root / "dist/cli.js")]
TOLERANCE = 1e-4


def fuse(path, *more):
    output = path.with_name(f"{path.stem}.fused{path.suffix}")
    command = [*cli, "fuse", str(path), "-o", str(output), "--overwrite", "--json"]
    done = subprocess.run([*command, "--no-statistics", *more], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return json.loads(done.stdout)


def loader_of(report):
    [path] = [file for file in report["files"] if file.endswith("_fused.py")]
    spec = importlib.util.spec_from_file_location("loader", path)
    loader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loader)
    return loader


def spread_statistics(net):
    torch.manual_seed(3)
    for module in net.modules():
        if hasattr(module, "running_mean") and hasattr(module, "running_var"):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)
    return net.eval()


def agree(label, got, want):
    error = ((got - want).abs().max() / want.abs().max()).item()
    print(f"{'ok' if error <= TOLERANCE else 'WRONG':6} {label:52} {error:.1e}", flush=True)
    return error <= TOLERANCE


def wrappers(folder):
    """A file from any wrapper loads into a network in any wrapper."""
    import make

    wrap = {
        "bare": lambda net: net,
        "DataParallel": nn.DataParallel,
        "compile": lambda net: torch.compile(net, backend="eager"),
        "compile in DataParallel": lambda net: nn.DataParallel(torch.compile(net, backend="eager")),
    }
    x = torch.randn(2, 3, 9, 9, generator=torch.Generator().manual_seed(1))
    results = []
    with torch.no_grad():
        want = make.tiny_net()(x)
        for kind, wrapped in wrap.items():
            path = folder / f"from {kind}.pth"
            torch.save(wrapped(make.tiny_net()).state_dict(), path)
            report = fuse(path, "--loader", "--policy", "all", "--eps", "1e-5", "--eps", eps_of(kind))
            assert len(report["folded"]) == 4, report
            loader = loader_of(report)
            for target, target_wrapped in wrap.items():
                net = target_wrapped(make.TinyNet().eval())
                assert loader.apply_fusion(net) is net
                net.load_state_dict(torch.load(report["output"]), strict=True)
                results.append(agree(f"{kind} file into {target}", net(x), want))
    return results


def eps_of(kind):
    prefix = {"bare": "", "DataParallel": "module.", "compile": "_orig_mod."}
    return f"{prefix.get(kind, 'module._orig_mod.')}layer.1=1e-3"


def activations(folder):
    """timm's BatchNormAct2d normalises and activates: it must stay, as a neutral one."""
    results = []
    for name in ("regnety_002", "efficientnet_lite0", "resnetv2_50", "mobilenetv3_small_050", "rexnet_100"):
        net = spread_statistics(timm.create_model(name))
        x = torch.randn(1, 3, 128, 128, generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            want = net(x)
            torch.save(net.state_dict(), folder / f"{name}.pth")
            report = fuse(folder / f"{name}.pth", "--loader")
            if report["output"] is None:
                print(f"none   {name}: {report['note']}")
                continue
            fused = loader_of(report).apply_fusion(timm.create_model(name).eval())
            fused.load_state_dict(torch.load(report["output"]), strict=True)
            label = f"timm {name}, {len(report['folded'])} folded"
            results.append(agree(label, fused(x), want))
    return results


def sparse(folder):
    """A sparse encoder with residual blocks, through the loader and as drop-in."""
    # spconv adds up in an order of its own with several threads on a CPU.
    torch.set_num_threads(1)
    import make_sparse
    import spconv.pytorch as spconv

    features, indices = make_sparse.points()
    results = []
    with torch.no_grad():
        want = make_sparse.sparse_encoder()(features, indices)
        torch.save({"state_dict": make_sparse.sparse_encoder().state_dict()}, folder / "sparse.pth")
        eps = ["--eps", "1e-3", "--eps", "dense=1e-5", "--layout", "spconv2"]
        for mode in ("fold", "drop-in"):
            report = fuse(folder / "sparse.pth", "--mode", mode, "--loader", *eps)
            net = make_sparse.SparseEncoder().eval()
            if mode == "fold":
                net = loader_of(report).apply_fusion(net)
                assert not hasattr(net.block, "bn1") and not net.block.relu.inplace
                assert net.dense[0].inplace and not net.conv_input[2].inplace
            net.load_state_dict(torch.load(report["output"])["state_dict"], strict=True)
            for module in net.modules():
                # On a CPU, spconv adds a bias in training mode only.
                if isinstance(module, spconv.conv.SparseConvolution):
                    module.training = True
            label = f"spconv {mode}, {len(report['folded'])} folded"
            results.append(agree(label, net(features, indices), want))
    return results


def main():
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        results = wrappers(folder) + activations(folder) + sparse(folder)
    print(f"{sum(results)} of {len(results)} agree")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
