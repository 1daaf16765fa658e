"""A checkpoint in the shape of BEVFusion at full size: its pairs by name and eps, its tensors and its outputs."""

import collections
import copy
import pathlib
import tempfile
import unittest

import torch

try:
    from support.bevfusion import BEVFusion, scene
except ImportError as missing:
    raise unittest.SkipTest(f"BEVFusion needs spconv: {missing}")
from support.folding import check_folded, check_neutral
from support.fusebn import fuse, inspect
from support.sparse import in_spconv1, run_biases_on_cpu, to_spconv1, to_spconv2
from support.statistics import relative_error, train_statistics, true_pairs

# Pairs and eps of each part; what the recipe of NVIDIA leaves alone is counted apart.
FOLDED = {
    "encoders.camera.backbone": (53, 1e-5),
    "encoders.camera.neck": (4, 1e-5),
    "encoders.camera.vtransform": (8, 1e-5),
    "encoders.lidar.backbone": (21, 1e-3),
    "fuser": (1, 1e-5),
    "decoder.backbone": (12, 1e-3),
    "decoder.neck": (1, 1e-3),
    "heads.object": (1, 1e-5),
}
SKIPPED = [
    "decoder.neck.deblocks.1.0",
    "heads.object.decoder.0.cross_posembed.position_embedding_head.0",
    "heads.object.decoder.0.self_posembed.position_embedding_head.0",
    *(
        f"heads.object.prediction_heads.0.{head}.0.conv"
        for head in ("center", "dim", "heatmap", "height", "rot", "vel")
    ),
]
TOLERANCE = 1e-4


class Checkpoint(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        torch.manual_seed(1)
        cls.net = BEVFusion()
        seeds = iter(range(100))
        train_statistics(cls.net, lambda net: net(*scene(next(seeds), 4)))
        cls.run_net = staticmethod(lambda net: net(*scene()))
        cls.pairs = true_pairs(cls.net, cls.run_net)
        with torch.no_grad():
            cls.wanted = cls.run_net(cls.net)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        meta = {"mmdet_version": "2.14.0", "CLASSES": ("car", "truck"), "epoch": 6}
        state = cls.net.state_dict()
        for name, dense in (("spconv2", state), ("spconv1", to_spconv1(state))):
            torch.save({"meta": meta, "state_dict": dense}, cls.folder / f"{name}.pth")

    def path(self, layout):
        return self.folder / f"{layout}.pth"

    def test_names_tell_the_pairs_and_their_eps(self):
        truth = {pair.conv: (pair.bn, pair.eps) for pair in self.pairs}
        for layout in ("spconv1", "spconv2"):
            for policy in ("bevfusion", "all"):
                report = inspect(self.path(layout), policy=policy)
                found = {pair["id"]: (pair["bn"]["name"], pair["bn"]["eps"]) for pair in report["pairs"]}
                self.assertEqual(found, truth)
                self.assertEqual(report["unpaired"], [])
                left = [pair["id"] for pair in report["pairs"] if pair["verdict"] != "fusable"]
                self.assertEqual(sorted(left), sorted(SKIPPED) if policy == "bevfusion" else [])
                if policy == "bevfusion":
                    self.assertEqual(parts(report["pairs"]), FOLDED)

    def test_weights_keep_their_layout(self):
        for layout, wanted in (("spconv1", "*IO"), ("spconv2", "O*I")):
            report = inspect(self.path(layout))
            lidar = [pair["conv"] for pair in report["pairs"] if ".lidar." in pair["id"]]
            self.assertEqual({conv["layout"] for conv in lidar}, {wanted})
            self.assertEqual({conv["outAxis"] for conv in lidar}, {4 if layout == "spconv1" else 0})

    def test_every_folded_tensor_is_the_nearest_number_and_the_network_computes_the_same(self):
        for layout in ("spconv1", "spconv2"):
            before = torch.load(self.path(layout))
            for policy in ("bevfusion", "all"):
                for mode, check in (("fold", check_folded), ("drop-in", check_neutral)):
                    with self.subTest(layout=layout, policy=policy, mode=mode):
                        flags = ["--loader"] if mode == "fold" else []
                        fused = fuse(self.path(layout), *flags, mode=mode, policy=policy)
                        after = torch.load(fused.output)
                        self.assertEqual(after["meta"], before["meta"])
                        state = before["state_dict"]
                        pairs = [pair for pair in self.pairs if pair.conv in fused.folded]
                        self.assertEqual(len(pairs), len(self.pairs) - (policy == "bevfusion") * len(SKIPPED))
                        check(state, after["state_dict"], in_spconv1(pairs, state) if layout == "spconv1" else pairs)
                        self.computes_the_same(fused, after["state_dict"], layout, mode)

    def computes_the_same(self, fused, state, layout, mode):
        net = copy.deepcopy(self.net)
        if mode == "fold":
            net = fused.loader().apply_fusion(net)
        net.load_state_dict(to_spconv2(state) if layout == "spconv1" else state, strict=True)
        with torch.no_grad():
            error = relative_error(self.run_net(run_biases_on_cpu(net)), self.wanted)
        print(f"  {layout} {mode:7} {len(fused.folded):3} pairs  error {error:.1e}", flush=True)
        self.assertLess(error, TOLERANCE)


def parts(pairs):
    """Fusable pairs and eps of each part of the network."""
    found = collections.defaultdict(list)
    for pair in pairs:
        if pair["verdict"] == "fusable":
            [part] = [part for part in FOLDED if pair["id"].startswith(f"{part}.")]
            found[part].append(pair["bn"]["eps"])
    return {part: (len(eps), max(set(eps))) for part, eps in found.items() if len(set(eps)) == 1}


if __name__ == "__main__":
    unittest.main()
