"""The generated loader: networks and files in any wrapper, and BatchNorms that do more than normalise."""

import pathlib
import tempfile
import unittest

import torch
from torch import nn

from support.fusebn import fuse
from support.networks import build, images, outputs
from support.statistics import relative_error, train_statistics

NETWORK = "shufflenet_v2_x0_5"
TOLERANCE = 1e-4
WRAPPERS = {
    "bare": lambda net: net,
    "DataParallel": nn.DataParallel,
    "compile": lambda net: torch.compile(net, backend="eager"),
    "compile in DataParallel": lambda net: nn.DataParallel(torch.compile(net, backend="eager")),
    "DataParallel in compile": lambda net: torch.compile(nn.DataParallel(net), backend="eager"),
}
# timm's BatchNormAct2d normalises, drops and activates; replacing it by Identity would lose the activation.
WITH_ACTIVATION = ["regnety_002", "efficientnet_lite0", "resnetv2_50", "mobilenetv3_small_050", "rexnet_100"]


class Loaders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_a_file_from_any_wrapper_fits_a_network_in_any_wrapper(self):
        want = outputs(build(NETWORK), images())
        for source, wrap_source in WRAPPERS.items():
            path = self.folder / f"from {source}.pth"
            torch.save(wrap_source(build(NETWORK)).state_dict(), path)
            fused = fuse(path, "--loader")
            loader = fused.loader()
            for target, wrap_target in WRAPPERS.items():
                with self.subTest(source=source, target=target):
                    net = wrap_target(build(NETWORK))
                    self.assertIs(loader.apply_fusion(net), net)
                    net.load_state_dict(torch.load(fused.output), strict=True)
                    self.assertLess(relative_error(outputs(net, images()), want), TOLERANCE)

    def test_it_may_be_applied_twice(self):
        torch.save(build(NETWORK).state_dict(), self.folder / "twice.pth")
        fused = fuse(self.folder / "twice.pth", "--loader")
        loader, net = fused.loader(), build(NETWORK)
        loader.apply_fusion(loader.apply_fusion(net)).load_state_dict(torch.load(fused.output))
        want = outputs(build(NETWORK), images())
        self.assertLess(relative_error(outputs(net, images()), want), TOLERANCE)

    def test_a_fused_network_saves_what_the_fused_file_has(self):
        torch.save(build(NETWORK).state_dict(), self.folder / "again.pth")
        fused = fuse(self.folder / "again.pth", "--loader")
        net = fused.loader().apply_fusion(build(NETWORK))
        state = torch.load(fused.output)
        net.load_state_dict(state)
        self.assertEqual(set(net.state_dict()), set(state))

    def test_batchnorms_that_hold_an_activation_stay_and_turn_neutral(self):
        try:
            import timm
        except ImportError as missing:
            self.skipTest(str(missing))
        for name in WITH_ACTIVATION:
            with self.subTest(name):
                torch.manual_seed(3)
                sample = lambda net: net(torch.randn(8, 3, 96, 96))
                net = train_statistics(timm.create_model(name), sample)
                want = outputs(net, images())
                torch.save(net.state_dict(), self.folder / f"{name}.pth")
                fused = fuse(self.folder / f"{name}.pth", "--loader")
                if fused.output is None:
                    print(f"  {name}: nothing proved", flush=True)
                    continue
                net = fused.loader().apply_fusion(timm.create_model(name).eval())
                net.load_state_dict(torch.load(fused.output), strict=True)
                error = relative_error(outputs(net, images()), want)
                print(f"  {name:24} {len(fused.folded):3} pairs  error {error:.1e}", flush=True)
                self.assertLess(error, TOLERANCE)


if __name__ == "__main__":
    unittest.main()
