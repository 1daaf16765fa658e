"""What the running statistics testify to, against the code of networks whose statistics are those of real data."""

import pathlib
import tempfile
import unittest

import torch

from support.fusebn import inspect
from support.networks import build, pairs_of
from support.wiring import true_feeds

NETWORKS = [
    "resnet18",
    "resnet50",
    "resnext50_32x4d",
    "mobilenet_v2",
    "mobilenet_v3_large",
    "efficientnet_b0",
    "mnasnet1_0",
    "regnet_y_400mf",
    "densenet121",
    "shufflenet_v2_x1_0",
    "googlenet",
    "vgg11_bn",
]
# Of the true pairs, at least; the images here are noise around 0, so the first convolution's means say little.
ENOUGH = 0.9


class Statistics(unittest.TestCase):
    def test_networks(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in NETWORKS:
                with self.subTest(name):
                    self.check(name, pathlib.Path(folder) / f"{name}.pth")

    def check(self, name, path):
        net = build(name)
        torch.save(net.state_dict(), path)
        report = inspect(path, "--statistics")
        path.unlink()
        true = {(pair.conv, pair.bn) for pair in pairs_of(name)}
        feeds = true_feeds(net)
        confirmed = named = 0
        wrong = []
        for pair in report["pairs"]:
            says = pair["statistics"]
            is_true = (pair["conv"]["name"], pair["bn"]["name"]) in true
            # A proof across an average pooling is no licence to fold: such a pair must be named by the user.
            is_error = says["says"] == "contradicts" if is_true else pair["verdict"] == "fusable"
            if is_error and says["says"] != "silent":
                wrong.append((pair["id"], says["sentence"]))
            if says["says"] != "confirms" or not is_true:
                continue
            confirmed += 1
            if says["from"] is None:
                continue
            named += 1
            ways = [feed.activation for feed in feeds[pair["conv"]["name"]] if feed.bn == says["from"]]
            # Where nothing reaches 6, relu6 is told as what it then is.
            accepted = {None, *ways, *("relu" for way in ways if way == "relu6")}
            if not ways or says["activation"] not in accepted:
                wrong.append((pair["id"], says["fedBy"], ways))
        print(
            f"  {name:22} {confirmed:3} of {len(true):3} true pairs confirmed, {named:3} predecessors named,"
            f" {len(wrong)} wrong",
            flush=True,
        )
        self.assertEqual(wrong, [])
        self.assertGreaterEqual(confirmed, ENOUGH * len(true))


if __name__ == "__main__":
    unittest.main()
