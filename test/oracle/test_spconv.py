"""Sparse networks with real spconv, on the CPU: the same features before and after, in every way a file can be used."""

import copy
import pathlib
import tempfile
import types
import unittest

import torch
from torch import nn

try:
    from support import encoders
except ImportError as missing:
    raise unittest.SkipTest(f"sparse networks need spconv: {missing}")
from support.folding import check_folded, check_neutral
from support.fusebn import fuse, inspect
from support.sparse import in_spconv1, run_biases_on_cpu, to_spconv1, to_spconv2
from support.statistics import is_sparse, relative_error, train_statistics, true_pairs

TOLERANCE = 1e-4
EPS = ["--eps", "1e-3"]


class Sparse(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def everywhere(self, make, run):
        """State_dicts in both layouts and the whole network, in both modes."""
        torch.manual_seed(2)
        seeds = iter(range(10, 100))
        self.net = run_biases_on_cpu(train_statistics(make(), lambda net: run(net, next(seeds))))
        self.run_net = run
        self.pairs = true_pairs(self.net, run)
        self.want = self.features(self.net)
        state = self.net.state_dict()
        # NVIDIA's recipe leaves weights permuted over the storage they had.
        strided = to_spconv1(state, torch.Tensor.detach)
        for name, dense in (("spconv2", state), ("spconv1", to_spconv1(state)), ("strided", strided)):
            path = self.folder / f"{name}.pth"
            torch.save({"state_dict": dense}, path)
            pairs = self.pairs if name == "spconv2" else in_spconv1(self.pairs, dense)
            for mode, check in (("fold", check_folded), ("drop-in", check_neutral)):
                fused = fuse(path, *(["--loader"] if mode == "fold" else []), *EPS, mode=mode)
                after = torch.load(fused.output)["state_dict"]
                self.assertEqual(set(fused.folded), {pair.conv for pair in pairs})
                check(dense, after, pairs)
                net = copy.deepcopy(self.net)
                if mode == "fold":
                    net = fused.loader().apply_fusion(net)
                    self.check_recipe(net)
                net.load_state_dict(after if name == "spconv2" else to_spconv2(after), strict=True)
                self.check_features(f"{name} {mode}", net, fused)
        torch.save(self.net, self.folder / "module.pth")
        for mode in ("fold", "drop-in"):
            fused = fuse(self.folder / "module.pth", mode=mode)
            self.assertEqual(set(fused.folded), {pair.conv for pair in self.pairs})
            self.check_features(f"module {mode}", torch.load(fused.output, weights_only=False), fused)

    def features(self, net):
        with torch.no_grad():
            return self.run_net(run_biases_on_cpu(net))

    def check_features(self, label, net, fused):
        error = relative_error(self.features(net.eval()), self.want)
        print(f"  {self._testMethodName[5:]:28} {label:16} {len(fused.folded):3} pairs  error {error:.1e}", flush=True)
        self.assertLess(error, TOLERANCE)

    def check_recipe(self, net):
        """Residual blocks run without BatchNorm, and no ReLU beside a sparse convolution works in place."""
        for module in net.modules():
            if type(module).__name__ == "SparseBasicBlock":
                self.assertFalse(hasattr(module, "bn1") or hasattr(module, "bn2"))
                self.assertIsInstance(module.forward, types.MethodType)
                self.assertNotEqual(module.forward.__func__, type(module).forward)
            if any(map(is_sparse, module.children())):
                relus = [child for child in module.children() if isinstance(child, nn.ReLU)]
                self.assertFalse(any(relu.inplace for relu in relus))

    def test_mmdet3d_basic_blocks(self):
        self.everywhere(lambda: mmdet3d("mmdet3d_encoder", "basicblock"), encoders.run_mmdet3d)
        self.assertEqual(len(self.pairs), 21)

    def test_mmdet3d_conv_modules(self):
        self.everywhere(lambda: mmdet3d("mmdet3d_encoder", "conv_module"), encoders.run_mmdet3d)

    def test_mmdet3d_unet(self):
        self.everywhere(lambda: mmdet3d("mmdet3d_unet"), encoders.run_mmdet3d)

    def test_openpcdet_blocks_with_biases(self):
        self.everywhere(encoders.VoxelBackbone, encoders.run_plain)

    def test_inverse_and_transposed(self):
        self.everywhere(encoders.UpAndDown, encoders.run_plain)

    def test_mmdet3d_permutes_files_of_spconv_1_itself(self):
        """Its loader turns weights by the version in the file's metadata, which must come through a fold."""
        torch.manual_seed(2)
        seeds = iter(range(10, 100))
        self.run_net = encoders.run_mmdet3d
        self.net = train_statistics(
            mmdet3d("mmdet3d_encoder", "basicblock"), lambda net: self.run_net(net, next(seeds))
        )
        self.want = self.features(self.net)
        state = to_spconv1(self.net.state_dict())
        for facts in state._metadata.values():
            facts["version"] = 1
        torch.save({"state_dict": state, "meta": {"mmdet3d_version": "0.11.0"}}, self.folder / "old.pth")
        fused = fuse(self.folder / "old.pth", "--loader", *EPS)
        net = fused.loader().apply_fusion(copy.deepcopy(self.net))
        net.load_state_dict(torch.load(fused.output)["state_dict"], strict=True)
        self.check_features("fold", net, fused)

    def test_pre_activation_folds_nothing_wrong(self):
        """`norm, act, conv` modules: what goes into a BatchNorm is the convolution of the module before."""
        torch.manual_seed(2)
        seeds = iter(range(10, 100))
        run = encoders.run_mmdet3d
        net = train_statistics(
            mmdet3d("mmdet3d_encoder", "conv_module", ("norm", "act", "conv")),
            lambda net: run(net, next(seeds)),
        )
        truth = {(pair.conv, pair.bn) for pair in true_pairs(net, run)}
        torch.save(net.state_dict(), self.folder / "pre.pth")
        report = inspect(self.folder / "pre.pth", "--statistics")
        fusable = {(p["id"], p["bn"]["name"]) for p in report["pairs"] if p["verdict"] == "fusable"}
        self.assertEqual(fusable - truth, set())

    def test_point_kernels(self):
        """spconv 2 multiplies by the flat weight of a 1×1 as if it were [in, out], whatever its shape says."""
        torch.manual_seed(2)
        seeds = iter(range(10, 100))
        self.run_net = encoders.run_plain
        self.net = train_statistics(
            encoders.PointKernels(), lambda net: self.run_net(net, next(seeds)), batches=10
        )
        self.want = self.features(self.net)
        torch.save(self.net, self.folder / "module.pth")
        layouts = {pair["id"]: pair["conv"]["layout"] for pair in inspect(self.folder / "module.pth")["pairs"]}
        self.assertEqual(
            layouts, {"stem.0": "O*I", "square.0": "IO-flat", "wider.0": "IO-flat", "strided.0": "O*I"}
        )
        for mode in ("fold", "drop-in"):
            fused = fuse(self.folder / "module.pth", mode=mode)
            self.assertEqual(len(fused.folded), 4)
            self.check_features(f"module {mode}", torch.load(fused.output, weights_only=False), fused)
        # A state_dict holds no stride: without more, a 1×1 is left.
        torch.save(self.net.state_dict(), self.folder / "state.pth")
        report = inspect(self.folder / "state.pth", *EPS)
        reasons = {pair["id"]: [reason["code"] for reason in pair["reasons"]] for pair in report["pairs"]}
        for conv in ("square.0", "wider.0", "strided.0"):
            self.assertIn("LAYOUT_1X1_AMBIGUOUS", reasons[conv])
        # What is folded all the same, because the statistics proved a layout, is right.
        (self.folder / "listing.txt").write_text(str(self.net))
        for label, flags in (("statistics", []), ("listing", ["--structure", self.folder / "listing.txt"])):
            fused = fuse(self.folder / "state.pth", "--loader", *EPS, *flags)
            net = fused.loader().apply_fusion(copy.deepcopy(self.net))
            net.load_state_dict(torch.load(fused.output), strict=True)
            self.check_features(label, net, fused)
        self.assertEqual(len(fused.folded), 4, fused.left)


def mmdet3d(name, *arguments):
    try:
        return getattr(encoders, name)(*arguments)
    except ImportError as missing:
        raise unittest.SkipTest(f"mmdet3d is not installed: {missing}") from missing


if __name__ == "__main__":
    unittest.main()
