"""Makes the sample models: trains a small segmentation network on made-up scenes and exports it with its BatchNorms.

    python3 -m venv .venv && . .venv/bin/activate
    pip install torch numpy onnx
    python samples/make_samples.py

Trained, because the running statistics of a BatchNorm testify only when they are real. Takes about two minutes on
two cores; the seed is fixed.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

HERE = Path(__file__).parent
SIZE = 64
CLASSES = ("background", "disc", "box", "triangle")


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project: MobileNetV2's block."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        hidden = 4 * channels
        self.expand = nn.Sequential(nn.Conv2d(channels, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6())
        self.depthwise = nn.Sequential(
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6()
        )
        self.project = nn.Sequential(nn.Conv2d(hidden, out, 1, bias=False), nn.BatchNorm2d(out))
        self.is_residual = stride == 1 and channels == out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.is_residual else y


class SceneNet(nn.Module):
    """Segments scenes of discs, boxes and triangles. Small, with one of everything a fold meets."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.stage1 = nn.Sequential(InvertedResidual(16, 24, 2), InvertedResidual(24, 24, 1))
        self.stage2 = nn.Sequential(InvertedResidual(24, 40, 2), InvertedResidual(40, 40, 1), InvertedResidual(40, 40, 1))
        self.context = nn.Conv2d(40, 40, 3, 1, 1, bias=False)
        self.context_bn = nn.BatchNorm2d(40)
        # Left alone by the policy bevfusion.
        self.upsample = nn.Sequential(nn.ConvTranspose2d(40, 32, 2, 2, bias=False), nn.BatchNorm2d(32), nn.ReLU())
        self.lateral = nn.Sequential(nn.Conv2d(24, 32, 1), nn.BatchNorm2d(32), nn.ReLU())
        self.fuse = nn.Sequential(nn.Conv2d(64, 48, 3, 1, 1, bias=False), nn.BatchNorm2d(48), nn.ReLU())
        # A ReLU stands between: this BatchNorm has no convolution to fold into.
        self.mix = nn.Sequential(nn.Conv2d(48, 32, 1), nn.ReLU(), nn.BatchNorm2d(32))
        self.head = nn.Conv2d(32, len(CLASSES), 1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        quarter = self.stage1(self.stem(image))
        eighth = self.stage2(quarter)
        eighth = eighth + F.relu(self.context_bn(self.context(eighth)))
        x = torch.cat([self.upsample(eighth), self.lateral(quarter)], dim=1)
        x = self.head(self.mix(self.fuse(x)))
        return F.interpolate(x, scale_factor=4, mode="bilinear", align_corners=False)


def scenes(count: int, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Images [count, 3, SIZE, SIZE] of up to four coloured shapes on a noisy ground, and the class of each pixel."""
    ys, xs = np.mgrid[0:SIZE, 0:SIZE]
    images = np.empty((count, 3, SIZE, SIZE), np.float32)
    labels = np.zeros((count, SIZE, SIZE), np.int64)
    for image, label in zip(images, labels):
        image[:] = random.uniform(-1, 1, (3, 1, 1)) + random.normal(0, 0.1, (3, SIZE, SIZE))
        for _ in range(random.integers(1, 5)):
            kind = random.integers(1, len(CLASSES))
            y, x = random.uniform(8, SIZE - 8, 2)
            radius = random.uniform(5, 14)
            if kind == 1:
                inside = (ys - y) ** 2 + (xs - x) ** 2 < radius**2
            elif kind == 2:
                inside = (abs(ys - y) < radius) & (abs(xs - x) < radius)
            else:
                inside = (ys < y + radius) & (ys - y > 2 * abs(xs - x) - radius)
            image[:, inside] = random.uniform(-1, 1, (3, 1)) + random.normal(0, 0.1, (3, int(inside.sum())))
            label[inside] = kind
    return torch.from_numpy(images), torch.from_numpy(labels)


def train(steps: int = 700) -> SceneNet:
    torch.manual_seed(7)
    random = np.random.default_rng(7)
    network = SceneNet()
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, steps)
    for step in range(steps):
        images, labels = scenes(32, random)
        loss = F.cross_entropy(network(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            print(f"step {step}: loss {loss.item():.3f}")
    network.eval()
    images, labels = scenes(200, random)
    with torch.no_grad():
        accuracy = (network(images).argmax(1) == labels).float().mean().item()
    print(f"pixel accuracy on new scenes: {accuracy:.3f}")
    return network


def main() -> None:
    network = train()
    torch.save(network.state_dict(), HERE / "scenenet.pth")
    torch.onnx.export(
        network,
        (torch.zeros(1, 3, SIZE, SIZE),),
        str(HERE / "scenenet.onnx"),
        input_names=["image"],
        output_names=["logits"],
        dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
        opset_version=17,
        # The exporter would fold the BatchNorms itself, and leave no trace of what it did.
        training=torch.onnx.TrainingMode.PRESERVE,
        do_constant_folding=False,
        dynamo=False,
    )


if __name__ == "__main__":
    main()
