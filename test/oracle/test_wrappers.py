"""What training scripts put around a state_dict, and how its tensors lie: everything else must come back as it was."""

import collections
import dataclasses
import pathlib
import pickle
import tempfile
import unittest
import warnings

import torch
from torch import nn

from support.compare import check_rest
from support.folding import check_folded, check_neutral
from support.fusebn import fuse
from support.networks import build, images, outputs, pairs_of
from support.statistics import relative_error

NETWORK = "shufflenet_v2_x0_5"

warnings.filterwarnings("ignore")


class Holder(nn.Module):
    """As a LightningModule holds its network."""

    def __init__(self, net):
        super().__init__()
        self.model = net

    def forward(self, x):
        return self.model(x)


class Epoch:
    """A class that a checkpoint mentions and FuseBN has never seen."""

    def __init__(self, number):
        self.number, self.self = number, self


def optimizer_of(net):
    net.train()
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
    net(images()).square().mean().backward()
    optimizer.step()
    return optimizer.state_dict()


def bare(net):
    return net.state_dict()


def plain_dict(net):
    return dict(net.state_dict())


def parameters(net):
    return net.state_dict(keep_vars=True)


def under(key):
    return lambda net: {"epoch": 3, key: net.state_dict(), "best": torch.tensor(0.5)}


def two_dicts(net):
    other = build(NETWORK)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.mul_(1.25)
    return {"model": net.state_dict(), "ema": other.state_dict(), "updates": 40}


def training(net):
    state = collections.OrderedDict(net.state_dict())
    state._metadata = net.state_dict()._metadata
    return {"state_dict": state, "optimizer": optimizer_of(build(NETWORK)), "scheduler": {"last_epoch": 3}}


def mmcv(net):
    config = "model = dict(type='Net', norm_cfg=dict(type='BN', eps=1e-5))\n"
    meta = {"mmcv_version": "1.4.0", "config": config, "epoch": 6, "CLASSES": ("car", "bus"), "PALETTE": None}
    return {"meta": meta, "state_dict": net.state_dict(), "optimizer": optimizer_of(build(NETWORK))}


def lightning(net):
    return {
        "epoch": 2,
        "global_step": 40,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": Holder(net).state_dict(),
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"current": {"ready": 2}}}},
        "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(0.5)}},
        "optimizer_states": [optimizer_of(build(NETWORK))],
        "lr_schedulers": [],
        "hparams_name": "kwargs",
        "hyper_parameters": {"lr": 0.1, "epoch": Epoch(2)},
    }


def data_parallel(net):
    return {"state_dict": nn.DataParallel(net).state_dict()}


def compiled(net):
    return torch.compile(net).state_dict()


def compiled_in_parallel(net):
    return nn.DataParallel(torch.compile(net)).state_dict()


def channels_last(net):
    return net.to(memory_format=torch.channels_last).state_dict()


def one_storage(net):
    """As parameters flattened into one tensor are saved."""
    state = net.state_dict()
    floats = [key for key, tensor in state.items() if tensor.is_floating_point()]
    flat = torch.cat([state[key].flatten() for key in floats])
    at = 0
    for key in floats:
        shape = state[key].shape
        state[key] = flat[at : at + shape.numel()].view(shape)
        at += shape.numel()
    return state


def with_oddities(net):
    """Tensors that share storages, are empty, hold one element, or are no numbers of a layer."""
    state = net.state_dict()
    state["empty"] = torch.zeros(0, 3)
    state["scalar"] = torch.tensor(2.0)
    state["fc.copy"] = state["fc.weight"][1:3].t()
    state["mask"] = torch.tensor([True, False])
    state["complex"] = torch.tensor([1 + 2j])
    return state


def as_it_is(net):
    return net


@dataclasses.dataclass(frozen=True)
class Case:
    """One file: its states by key path and the prefix of their keys, and networks the loader must fit."""

    make: object
    states: tuple = ((),)
    prefix: str = ""
    wrap: object = as_it_is
    save: dict = dataclasses.field(default_factory=dict)
    dtype: torch.dtype = torch.float32
    tolerance: float = 1e-4
    # Whether a network has all tensors of the file.
    loads: bool = True


CASES = {
    "bare": Case(bare),
    "plain-dict": Case(plain_dict),
    "parameters": Case(parameters),
    "state_dict": Case(under("state_dict"), (("state_dict",),)),
    "model_state": Case(under("model_state"), (("model_state",),)),
    "model_state_dict": Case(under("model_state_dict"), (("model_state_dict",),)),
    "model": Case(under("model"), (("model",),)),
    "net": Case(under("net"), (("net",),)),
    "model-and-ema": Case(two_dicts, (("model",), ("ema",))),
    "training": Case(training, (("state_dict",),)),
    "mmcv": Case(mmcv, (("state_dict",),)),
    "lightning": Case(lightning, (("state_dict",),), "model.", Holder),
    "data-parallel": Case(data_parallel, (("state_dict",),), "module.", nn.DataParallel),
    "compiled": Case(compiled, prefix="_orig_mod.", wrap=torch.compile),
    "compiled-in-parallel": Case(
        compiled_in_parallel,
        prefix="module._orig_mod.",
        wrap=lambda net: nn.DataParallel(torch.compile(net)),
    ),
    "channels-last": Case(channels_last),
    "one-storage": Case(one_storage),
    "oddities": Case(with_oddities, loads=False),
    "protocol-3": Case(bare, save={"pickle_protocol": 3}),
    "protocol-4": Case(bare, save={"pickle_protocol": 4}),
    "protocol-5": Case(training, (("state_dict",),), save={"pickle_protocol": 5}),
    "legacy-mmcv": Case(mmcv, (("state_dict",),), save={"_use_new_zipfile_serialization": False}),
    "legacy-two-dicts": Case(
        two_dicts, (("model",), ("ema",)), save={"_use_new_zipfile_serialization": False}
    ),
    "legacy-one-storage": Case(one_storage, save={"_use_new_zipfile_serialization": False}),
    "legacy-protocol-5": Case(
        bare, save={"_use_new_zipfile_serialization": False, "pickle_protocol": 5}
    ),
    "float64": Case(bare, dtype=torch.float64),
    "float16": Case(bare, dtype=torch.float16, tolerance=0.05),
    "bfloat16": Case(bare, dtype=torch.bfloat16, tolerance=0.4),
}


class Wrappers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def case(self, name):
        case = CASES[name]
        net = build(NETWORK).to(case.dtype)
        path = self.folder / f"{name}.pth"
        torch.save(case.make(net), path, **case.save)
        loads_safely = self.loads_safely(path)
        load = lambda path: torch.load(path, weights_only=loads_safely)
        for mode, check, flags in (("fold", check_folded, ["--loader"]), ("drop-in", check_neutral, [])):
            fused = fuse(path, *flags, mode=mode)
            before, after = load(path), load(fused.output)
            self.assertEqual(self.loads_safely(fused.output), loads_safely)
            states = [value_at(before, keys) for keys in case.states]
            check_rest(before, after, states)
            pairs = prefixed(pairs_of(NETWORK), case.prefix)
            # Of a second state_dict the ids start with its own name; of two the main one comes first.
            self.assertEqual(len(fused.folded), len(pairs) * len(case.states), fused.left)
            for keys, state in zip(case.states, states):
                check(state, value_at(after, keys), pairs)
            if case.loads:
                self.loads(case, fused, value_at(before, case.states[0]), value_at(after, case.states[0]))
        print(f"  {name}", flush=True)

    def loads(self, case, fused, before, after):
        """The network loads the fused state_dict in the wrapper it was saved from, and out of it."""
        original = case.wrap(build(NETWORK).double())
        original.load_state_dict(before)
        want = outputs(innermost(original), images().double())
        is_folded = any(file.endswith("_fused.py") for file in fused.files)
        bare_too = is_folded and case.prefix.startswith(("module.", "_orig_mod."))
        for wrap in [case.wrap, as_it_is] if bare_too else [case.wrap]:
            net = wrap(build(NETWORK).double())
            if is_folded:
                self.assertIs(fused.loader().apply_fusion(net), net)
            net.load_state_dict(after, strict=True)
            got = outputs(innermost(net), images().double())
            self.assertLess(relative_error(got, want), case.tolerance)

    def loads_safely(self, path):
        try:
            torch.load(path, weights_only=True)
            return True
        except pickle.UnpicklingError:
            return False

    def test_tied_storages_are_left_alone(self):
        """A copy would be right in the file, and lost again in a network that really ties its weights."""
        state = build(NETWORK).state_dict()
        [first, second] = [key for key, tensor in state.items() if tensor.shape == (24, 24, 1, 1)][:2]
        state[second] = state[first]
        torch.save(state, self.folder / "tied.pth")
        fused = fuse(self.folder / "tied.pth")
        left = {pair["id"]: [reason["code"] for reason in pair["reasons"]] for pair in fused.left}
        for key in (first, second):
            self.assertIn("SHARED_WEIGHT_TIED", left[key.removesuffix(".weight")])
        after = torch.load(fused.output)
        self.assertEqual(after[first].data_ptr(), after[second].data_ptr())
        pairs = [pair for pair in pairs_of(NETWORK) if pair.conv not in left]
        check_folded(state, after, pairs)


def value_at(value, keys):
    for key in keys:
        value = value[key]
    return value


def prefixed(pairs, prefix):
    rename = lambda pair: dataclasses.replace(pair, conv=prefix + pair.conv, bn=prefix + pair.bn)
    return [rename(pair) for pair in pairs]


def innermost(net):
    """The network inside DataParallel and torch.compile; running these would take minutes."""
    while True:
        inner = net.module if isinstance(net, nn.DataParallel) else net._modules.get("_orig_mod")
        if inner is None:
            return net
        net = inner


def add_test(name):
    setattr(Wrappers, f"test_{name.replace('-', '_')}", lambda self: self.case(name))


for name in CASES:
    add_test(name)

if __name__ == "__main__":
    unittest.main()
