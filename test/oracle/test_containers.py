"""Networks of torchvision in every container: fused, loaded strictly by PyTorch, and run against the original."""

import json
import pathlib
import tempfile
import unittest
import warnings

import torch
from torch import nn
from safetensors.torch import load_file, save_file

from support.folding import check_folded, check_neutral
from support.fusebn import fuse
from support.networks import build, images, outputs, pairs_of
from support.statistics import relative_error, train_statistics, true_pairs

NETWORKS = [
    "resnet18",
    "resnet50",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "shufflenet_v2_x0_5",
    "googlenet",
    "inception_v3",
    "densenet121",
    "regnet_y_400mf",
    "efficientnet_b0",
    "mnasnet0_5",
    "vgg11_bn",
]
TOLERANCE = 1e-4
# Without data flow, names and order must prove a pair; how many of the true ones they do is another test's matter.
ENOUGH = 0.9

warnings.filterwarnings("ignore")


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3)
        self.tail, self.tail_bn = nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)

    def forward(self, x):
        for _ in range(2):
            x = torch.relu(self.bn(self.conv(x)))
        return self.tail_bn(self.tail(x))


class Containers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def check_outputs(self, label, net, fused):
        error = relative_error(outputs(net, self.images), self.wanted)
        print(f"  {label:36} {len(fused.folded):3} of {len(self.pairs):3} pairs  error {error:.1e}", flush=True)
        self.assertLess(error, TOLERANCE)

    def folded_pairs(self, fused):
        """The true pairs by the ids that were folded; nothing else may be among them."""
        by_conv = {pair.conv: pair for pair in self.pairs}
        strangers = [name for name in fused.folded if name not in by_conv]
        self.assertEqual(strangers, [])
        self.assertGreaterEqual(len(fused.folded), ENOUGH * len(self.pairs), fused.left)
        return [by_conv[name] for name in fused.folded]

    def state_dict(self, name, path, load):
        """Both modes of a checkpoint."""
        before = load(path)
        fused = fuse(path, "--loader")
        after = load(fused.output)
        pairs = self.folded_pairs(fused)
        check_folded(before, after, pairs)
        loads = can_load(name, before)
        if loads:
            net = fused.loader().apply_fusion(build(name))
            net.load_state_dict(after, strict=True)
            self.check_outputs(f"{path.name} fold", net, fused)
        dropped = fuse(path, mode="drop-in")
        self.assertEqual(dropped.folded, fused.folded)
        after = load(dropped.output)
        check_neutral(before, after, pairs)
        if loads:
            net = build(name)
            net.load_state_dict(after, strict=True)
            self.check_outputs(f"{path.name} drop-in", net, dropped)
        return fused, dropped

    def whole(self, path, load, modes=("fold", "drop-in")):
        """A file that is a network itself."""
        for mode in modes:
            fused = fuse(path, mode=mode)
            self.assertEqual(sorted(fused.folded), sorted(pair.conv for pair in self.pairs))
            self.check_outputs(f"{path.name} {mode}", load(fused.output), fused)

    def network(self, name):
        net = build(name)
        self.images, self.pairs = images(), pairs_of(name)
        self.wanted = outputs(net, self.images)
        state = net.state_dict()
        print(name, flush=True)

        torch.save(state, self.folder / "zip.pth")
        for fused in self.state_dict(name, self.folder / "zip.pth", torch.load):
            mapped = torch.load(fused.output, mmap=True, weights_only=True)
            for key, tensor in torch.load(fused.output).items():
                self.assertTrue(torch.equal(mapped[key], tensor), key)
        torch.save(state, self.folder / "legacy.pth", _use_new_zipfile_serialization=False)
        self.state_dict(name, self.folder / "legacy.pth", torch.load)
        save_file(state, self.folder / "one.safetensors")
        self.state_dict(name, self.folder / "one.safetensors", load_file)
        self.state_dict(name, save_shards(state, self.folder), load_shards)

        torch.save(net, self.folder / "module.pth")
        load = lambda path: torch.load(path, weights_only=False)
        self.whole(self.folder / "module.pth", load)
        torch.save(net, self.folder / "module-legacy.pth", _use_new_zipfile_serialization=False)
        self.whole(self.folder / "module-legacy.pth", load)
        # The code of a program stays, so that there is one way to fold it.
        torch.jit.script(net).save(str(self.folder / "scripted.pt"))
        self.whole(self.folder / "scripted.pt", torch.jit.load, modes=["fold"])
        torch.jit.trace(net, self.images, check_trace=False).save(str(self.folder / "traced.pt"))
        self.whole(self.folder / "traced.pt", torch.jit.load, modes=["fold"])
        torch.export.save(torch.export.export(net, (self.images,)), self.folder / "program.pt2")
        load = lambda path: torch.export.load(path).module()
        self.whole(self.folder / "program.pt2", load, modes=["fold"])

    def test_a_network_that_calls_its_layers_twice(self):
        torch.manual_seed(3)
        net = train_statistics(Siamese(), lambda net: net(torch.randn(8, 3, 16, 16)))
        self.images = torch.randn(2, 3, 16, 16)
        self.pairs = true_pairs(net, lambda net: net(self.images))
        self.wanted = outputs(net, self.images)
        programs = {
            "scripted.pt": lambda path: torch.jit.script(net).save(str(path)),
            "traced.pt": lambda path: torch.jit.trace(net, self.images).save(str(path)),
            "program.pt2": lambda path: torch.export.save(torch.export.export(net, (self.images,)), path),
        }
        for name, save in programs.items():
            save(self.folder / name)
            fused = fuse(self.folder / name)
            self.assertEqual({pair.split(":")[0] for pair in fused.folded}, {"conv", "tail"})
            self.assertEqual(len(fused.folded), 3)
            load = torch.jit.load if name.endswith(".pt") else lambda path: torch.export.load(path).module()
            self.check_outputs(name, load(fused.output), fused)

    def test_a_network_without_batchnorm_has_nothing_to_fold(self):
        torch.save(build("squeezenet1_1").state_dict(), self.folder / "zip.pth")
        fused = fuse(self.folder / "zip.pth")
        self.assertIsNone(fused.output)
        self.assertEqual((fused.files, fused.folded), ([], []))


def add_test(name):
    setattr(Containers, f"test_{name}", lambda self: self.network(name))


for name in NETWORKS:
    add_test(name)


def can_load(name, state):
    """Whether the network takes the original: mnasnet wants the version in the metadata, which safetensors does not keep."""
    try:
        build(name).load_state_dict(state, strict=True)
        return True
    except ValueError as error:
        print(f"  the original does not load: {error}", flush=True)
        return False


def save_shards(state, folder):
    """Three shards and their index, as the Hugging Face tools write them; returns the index."""
    keys = sorted(state)
    names = [f"model-{number:05}-of-00003.safetensors" for number in (1, 2, 3)]
    places = {key: names[index * 3 // len(keys)] for index, key in enumerate(keys)}
    for name in names:
        shard = {key: state[key] for key in keys if places[key] == name}
        save_file(shard, folder / name, metadata={"format": "pt"})
    size = sum(tensor.numel() * tensor.element_size() for tensor in state.values())
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": size}, "weight_map": places}))
    return index


def load_shards(index):
    """Every tensor of an index, in the order of its map."""
    places = json.loads(index.read_text())["weight_map"]
    shards = {name: load_file(index.parent / name) for name in set(places.values())}
    return {key: shards[name][key] for key, name in places.items()}


if __name__ == "__main__":
    unittest.main()
