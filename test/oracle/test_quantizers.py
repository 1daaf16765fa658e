"""Checkpoints with calibrated quantizers: the amax of a weight follows its channels, everything else stays."""

import copy
import pathlib
import tempfile
import unittest

import torch

try:
    from support.quantization import QuantizedNet, calibrate_inputs, install, quantize
except ImportError as missing:
    raise unittest.SkipTest(f"quantized sparse networks need spconv: {missing}")
from support.bevfusion import SHAPE, scene
from support.folding import Exact, DOUBLE_ROUNDING, check_same
from support.fusebn import fuse, inspect
from support.sparse import in_spconv1, run_biases_on_cpu, to_spconv1
from support.statistics import relative_error, train_statistics, true_pairs

# A weight that lies on the edge between two of 255 levels may fall to the other side.
TOLERANCE = 2e-3
TRANSPOSED = "decoder.neck.deblocks.1.0"
PER_TENSOR = "decoder.neck.deblocks.0.0"


def run(net, seed=1):
    images, _, features, indices, _ = scene(seed)
    return net(images, features, indices, SHAPE)


class Quantizers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(install())
        torch.manual_seed(4)
        seeds = iter(range(10, 100))
        net = train_statistics(QuantizedNet(), lambda net: run(net, next(seeds)))
        net = quantize(net, sparse_axis=0, per_tensor=(PER_TENSOR,))
        cls.net = calibrate_inputs(run_biases_on_cpu(net), run)
        # Stale after a fold, as reported: what it would round shows nothing.
        cls.net.get_submodule(PER_TENSOR)._weight_quantizer._disabled = True
        cls.pairs = true_pairs(cls.net, run)
        with torch.no_grad():
            cls.want = run(cls.net)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)

    def check_state(self, before, after, folded, pairs=None):
        pairs = [pair for pair in pairs or self.pairs if pair.conv in folded]
        for pair in pairs:
            mean, variance = (before[f"{pair.bn}.running_{key}"].double() for key in ("mean", "var"))
            scale = before[f"{pair.bn}.weight"].double() / torch.sqrt(variance + pair.eps)
            key = f"{pair.conv}._weight_quantizer._amax"
            amax = before[key].double()
            if pair.conv != PER_TENSOR:
                axes = [1] * amax.dim()
                axes[pair.out_axis] = -1
                amax = amax * scale.abs().reshape(axes)
            Exact(amax, 4 * DOUBLE_ROUNDING * amax).check(after[key], key)
            self.assertEqual(after[key].shape, before[key].shape)
        changed = tuple(f"{name}." for pair in pairs for name in (pair.conv, pair.bn))
        quantized = [key for key in before if "_input_quantizer" in key or "residual_quantizer" in key]
        for key in [key for key in before if not key.startswith(changed)] + quantized:
            check_same(before[key], after[key], key)

    def check_features(self, label, net, fused):
        with torch.no_grad():
            error = relative_error(run(run_biases_on_cpu(net)), self.want)
        print(f"  {label:20} {len(fused.folded):3} pairs  error {error:.1e}", flush=True)
        self.assertLess(error, TOLERANCE)

    def test_state_dict(self):
        path = self.folder / "state.pth"
        torch.save({"state_dict": self.net.state_dict()}, path)
        report = inspect(path)
        codes = {pair["id"]: {reason["code"] for reason in pair["reasons"]} for pair in report["pairs"]}
        self.assertEqual(set(codes), {pair.conv for pair in self.pairs})
        for conv, found in codes.items():
            self.assertIn("AMAX_STALE" if conv == PER_TENSOR else "AMAX_RESCALED", found)
            self.assertEqual("WEIGHTS_FAKE_QUANTIZED" in found, ".lidar." in conv)
        for policy, left in (("bevfusion", {TRANSPOSED}), ("all", set())):
            for mode in ("fold", "drop-in"):
                fused = fuse(path, *(["--loader"] if mode == "fold" else []), mode=mode, policy=policy)
                self.assertEqual({pair["id"] for pair in fused.left}, left)
                after = torch.load(fused.output)["state_dict"]
                self.check_state(self.net.state_dict(), after, fused.folded)
                net = copy.deepcopy(self.net)
                if mode == "fold":
                    net = fused.loader().apply_fusion(net)
                net.load_state_dict(after, strict=True)
                self.check_features(f"state {policy} {mode}", net, fused)

    def test_state_dict_of_spconv_1(self):
        """There the channels of a weight, and of its amax, are the last axis."""
        before = to_spconv1(self.net.state_dict())
        torch.save(before, self.folder / "spconv1.pth")
        for mode in ("fold", "drop-in"):
            fused = fuse(self.folder / "spconv1.pth", mode=mode)
            self.assertEqual(set(fused.folded), {pair.conv for pair in self.pairs})
            self.check_state(before, torch.load(fused.output), fused.folded, in_spconv1(self.pairs, before))

    def test_whole_network(self):
        torch.save(self.net, self.folder / "module.pth")
        for mode in ("fold", "drop-in"):
            fused = fuse(self.folder / "module.pth", mode=mode)
            self.assertEqual(set(fused.folded), {pair.conv for pair in self.pairs})
            net = torch.load(fused.output, weights_only=False)
            self.check_state(self.net.state_dict(), net.state_dict(), fused.folded)
            self.check_features(f"module {mode}", net, fused)


if __name__ == "__main__":
    unittest.main()
