"""A network in the shape of BEVFusion (MIT's, ResNet-50 and ConvFuser): its layers, names, registration order and eps.

What lies between the layers is simplified where it holds none: images are not lifted into a grid, boxes not decoded.
"""

import dataclasses

import spconv.pytorch as spconv
import torch
from spconv.core import ConvAlgo
from torch import nn
from torch.nn import functional as F

# On a CPU the threads of spconv 2.3 race for the same outputs: two runs of one network differ by tenths.
torch.set_num_threads(1)

CAMERA_BLOCKS = (3, 4, 6, 3)
HEADS = {"center": 2, "height": 1, "dim": 3, "rot": 2, "vel": 2, "heatmap": 10}
CLASSES = 10


@dataclasses.dataclass(frozen=True)
class Widths:
    """Channels; the defaults are BEVFusion's own."""

    stem: int = 64
    stages: tuple = (64, 128, 256, 512)
    neck: int = 256
    depth: tuple = (8, 32, 64)
    depth_bins: int = 118
    view: int = 80
    points: int = 5
    lidar: tuple = (16, 32, 64, 128)
    fused: int = 256
    decoder: tuple = (128, 256)
    upsampled: int = 256
    head: int = 128
    attribute: int = 64
    frustum: tuple = (118, 32, 88, 3)


FULL = Widths()
# Lidar channels stay above 7: smaller ones could be kernel sizes.
NARROW = Widths(
    stem=4,
    stages=(4, 4, 6, 6),
    neck=8,
    depth=(2, 4, 6),
    depth_bins=5,
    view=6,
    lidar=(8, 8, 8, 12),
    fused=8,
    decoder=(6, 8),
    upsampled=8,
    head=8,
    attribute=4,
    frustum=(5, 2, 3, 3),
)


def lidar_norm(channels):
    return nn.BatchNorm1d(channels, eps=1e-3, momentum=0.01)


def decoder_norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class Bottleneck(nn.Module):
    def __init__(self, channels, planes, stride, downsamples):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, 4 * planes, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * planes)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if downsamples:
            shortcut = nn.Conv2d(channels, 4 * planes, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(4 * planes))

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, stem, stages):
        super().__init__()
        self.conv1 = nn.Conv2d(3, stem, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(stem)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = stem
        for stage, (planes, count) in enumerate(zip(stages, CAMERA_BLOCKS)):
            blocks = []
            for block in range(count):
                stride = 2 if stage > 0 and block == 0 else 1
                blocks.append(Bottleneck(channels, planes, stride, block == 0))
                channels = 4 * planes
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer1(x)
        second = self.layer2(x)
        third = self.layer3(second)
        return second, third, self.layer4(third)


class ConvModule(nn.Module):
    """mmcv's, in its usual order."""

    def __init__(self, conv, norm):
        super().__init__()
        self.conv, self.bn, self.activate = conv, norm, nn.ReLU(inplace=True)

    def forward(self, x):
        return self.activate(self.bn(self.conv(x)))


class Neck(nn.Module):
    def __init__(self, second, third, fourth, out):
        super().__init__()
        make = lambda ins, size: ConvModule(
            nn.Conv2d(ins, out, size, padding=size // 2, bias=False), nn.BatchNorm2d(out)
        )
        self.lateral_convs = nn.ModuleList([make(second + out, 1), make(third + fourth, 1)])
        self.fpn_convs = nn.ModuleList([make(out, 3), make(out, 3)])

    def forward(self, levels):
        second, third, fourth = levels
        for index, level in ((1, third), (0, second)):
            above = fourth if index == 1 else out
            above = F.interpolate(above, size=level.shape[-2:], mode="bilinear")
            out = self.fpn_convs[index](self.lateral_convs[index](torch.cat([level, above], 1)))
        return out


def conv_norm(ins, out, size, bias, stride=1):
    conv = nn.Conv2d(ins, out, size, stride, size // 2, bias=bias)
    return [conv, nn.BatchNorm2d(out), nn.ReLU(True)]


class ViewTransform(nn.Module):
    """The depth-aware one: its own parameters look like no layer."""

    def __init__(self, widths):
        super().__init__()
        first, second, third = widths.depth
        self.dx, self.bx = nn.Parameter(torch.rand(3), False), nn.Parameter(torch.rand(3), False)
        self.nx = nn.Parameter(torch.tensor([360, 360, 1]), False)
        self.frustum = nn.Parameter(torch.rand(widths.frustum), False)
        self.dtransform = nn.Sequential(
            *conv_norm(1, first, 1, True),
            *conv_norm(first, second, 5, True, 4),
            *conv_norm(second, third, 5, True, 2),
        )
        self.depthnet = nn.Sequential(
            *conv_norm(widths.neck + third, widths.neck, 3, True),
            *conv_norm(widths.neck, widths.neck, 3, True),
            nn.Conv2d(widths.neck, widths.depth_bins + widths.view, 1),
        )
        self.downsample = nn.Sequential(
            *conv_norm(widths.view, widths.view, 3, False),
            *conv_norm(widths.view, widths.view, 3, False, 2),
            *conv_norm(widths.view, widths.view, 3, False),
        )

    def forward(self, x, depth):
        depth = self.dtransform(F.interpolate(depth, scale_factor=1))
        depth = F.interpolate(depth, size=x.shape[-2:])
        x = self.depthnet(torch.cat([depth, x], 1))
        bins = x.shape[1] - self.downsample[0].in_channels
        likely = x[:, :bins].softmax(1).amax(1, keepdim=True)
        return self.downsample(likely * x[:, bins:])


class SparseBasicBlock(spconv.SparseModule):
    def __init__(self, channels, key):
        super().__init__()
        self.conv1 = submanifold(channels, channels, key)
        self.bn1 = lidar_norm(channels)
        self.conv2 = submanifold(channels, channels, key)
        self.bn2 = lidar_norm(channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        out = self.conv1(x)
        out = out.replace_feature(self.relu(self.bn1(out.features)))
        out = self.conv2(out)
        out = out.replace_feature(self.bn2(out.features))
        return out.replace_feature(self.relu(out.features + x.features))


def submanifold(ins, out, key):
    return spconv.SubMConv3d(
        ins, out, 3, padding=1, bias=False, indice_key=key, algo=ConvAlgo.Native
    )


def sparse_sequence(conv):
    return spconv.SparseSequential(conv, lidar_norm(conv.out_channels), nn.ReLU(inplace=True))


class SparseEncoder(nn.Module):
    """Three stages that end with a strided convolution, one that does not, and the output: 21 pairs."""

    def __init__(self, points, levels):
        super().__init__()
        strided = lambda ins, out, size, stride, padding, key: spconv.SparseConv3d(
            ins, out, size, stride, padding, bias=False, indice_key=key, algo=ConvAlgo.Native
        )
        self.conv_input = sparse_sequence(submanifold(points, levels[0], "subm1"))
        self.encoder_layers = spconv.SparseSequential()
        for stage, width in enumerate(levels):
            key = f"subm{stage + 1}"
            layers = [SparseBasicBlock(width, key), SparseBasicBlock(width, key)]
            if stage + 1 < len(levels):
                padding = [1, 1, 0] if stage == 2 else 1
                down = strided(width, levels[stage + 1], 3, 2, padding, f"spconv{stage + 1}")
                layers.append(sparse_sequence(down))
            self.encoder_layers.add_module(f"encoder_layer{stage + 1}", spconv.SparseSequential(*layers))
        last = strided(levels[-1], levels[-1], (1, 1, 3), (1, 1, 2), 0, "spconv_down2")
        self.conv_out = sparse_sequence(last)

    def forward(self, features, indices, shape):
        x = spconv.SparseConvTensor(features, indices, shape, int(indices[:, 0].max()) + 1)
        dense = self.conv_out(self.encoder_layers(self.conv_input(x))).dense()
        count, channels, width, height, depth = dense.shape
        return dense.permute(0, 1, 4, 2, 3).reshape(count, channels * depth, width, height)


class ConvFuser(nn.Sequential):
    def __init__(self, ins, out):
        super().__init__(nn.Conv2d(ins, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU(True))

    def forward(self, parts):
        return super().forward(torch.cat(parts, 1))


class Second(nn.Module):
    def __init__(self, ins, widths):
        super().__init__()
        self.blocks = nn.ModuleList()
        for index, width in enumerate(widths):
            layers = []
            for layer in range(6):
                stride = 2 if index > 0 and layer == 0 else 1
                conv = nn.Conv2d(ins, width, 3, stride, 1, bias=False)
                layers += [conv, decoder_norm(width), nn.ReLU(inplace=True)]
                ins = width
            self.blocks.append(nn.Sequential(*layers))

    def forward(self, x):
        first = self.blocks[0](x)
        return first, self.blocks[1](first)


class SecondNeck(nn.Module):
    def __init__(self, widths, out):
        super().__init__()
        make = lambda conv: nn.Sequential(conv, decoder_norm(out), nn.ReLU(inplace=True))
        same = nn.Conv2d(widths[0], out, 1, bias=False)
        double = nn.ConvTranspose2d(widths[1], out, 2, 2, bias=False)
        self.deblocks = nn.ModuleList([make(same), make(double)])

    def forward(self, levels):
        ups = [deblock(level) for deblock, level in zip(self.deblocks, levels)]
        return torch.cat([ups[0], ups[1][..., : ups[0].shape[-2], : ups[0].shape[-1]]], 1)


class PositionEmbedding(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.position_embedding_head = nn.Sequential(
            nn.Conv1d(2, width, 1), nn.BatchNorm1d(width), nn.ReLU(inplace=True), nn.Conv1d(width, width, 1)
        )

    def forward(self, x):
        return self.position_embedding_head(x)


class DecoderLayer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.self_posembed, self.cross_posembed = PositionEmbedding(width), PositionEmbedding(width)

    def forward(self, x, places):
        return x + self.self_posembed(places) + self.cross_posembed(places)


class Head(nn.Module):
    def __init__(self, ins, width, attribute):
        super().__init__()
        self.shared_conv = nn.Conv2d(ins, width, 3, padding=1)
        score = ConvModule(nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width))
        self.heatmap_head = nn.Sequential(score, nn.Conv2d(width, CLASSES, 3, padding=1))
        self.class_encoding = nn.Conv1d(CLASSES, width, 1)
        self.decoder = nn.ModuleList([DecoderLayer(width)])
        make = lambda out: nn.Sequential(
            ConvModule(nn.Conv1d(width, attribute, 1, bias=False), nn.BatchNorm1d(attribute)),
            nn.Conv1d(attribute, out, 1),
        )
        self.prediction_heads = nn.ModuleList(
            [nn.ModuleDict({name: make(out) for name, out in HEADS.items()})]
        )

    def forward(self, x):
        x = self.shared_conv(x)
        x = x.flatten(2) + self.class_encoding(self.heatmap_head(x).flatten(2))
        places = torch.linspace(-1, 1, x.shape[2]).expand(x.shape[0], 2, -1)
        x = self.decoder[0](x, places.contiguous().to(x.dtype))
        return torch.cat([head(x) for head in self.prediction_heads[0].values()], 1)


class BEVFusion(nn.Module):
    def __init__(self, widths=FULL):
        super().__init__()
        stages = [4 * planes for planes in widths.stages]
        camera = nn.ModuleDict(
            {
                "backbone": ResNet(widths.stem, widths.stages),
                "neck": Neck(*stages[1:], widths.neck),
                "vtransform": ViewTransform(widths),
            }
        )
        lidar = nn.ModuleDict({"backbone": SparseEncoder(widths.points, widths.lidar)})
        self.encoders = nn.ModuleDict({"camera": camera, "lidar": lidar})
        self.fuser = ConvFuser(widths.view + 2 * widths.lidar[-1], widths.fused)
        self.decoder = nn.ModuleDict(
            {
                "backbone": Second(widths.fused, widths.decoder),
                "neck": SecondNeck(widths.decoder, widths.upsampled),
            }
        )
        self.heads = nn.ModuleDict({"object": Head(2 * widths.upsampled, widths.head, widths.attribute)})

    def forward(self, images, depth, features, indices, shape):
        camera, lidar = self.encoders["camera"], self.encoders["lidar"]
        view = camera["vtransform"](camera["neck"](camera["backbone"](images)), depth)
        grid = lidar["backbone"](features, indices, shape)
        fused = self.fuser([F.interpolate(view, size=grid.shape[-2:]), grid])
        return self.heads["object"](self.decoder["neck"](self.decoder["backbone"](fused)))


SHAPE = [40, 40, 41]


def scene(seed=1, count=2, points=600, channels=5):
    """Images, their depths, and points in a small grid."""
    random = torch.Generator().manual_seed(seed)
    images = torch.randn(count, 3, 64, 96, generator=random)
    depth = torch.rand(count, 1, 64, 96, generator=random)
    places = torch.stack([torch.randint(size, (points,), generator=random) for size in SHAPE], 1)
    number = torch.arange(points) % count
    indices = torch.unique(torch.cat([number[:, None], places], 1), dim=0)
    features = torch.randn(len(indices), channels, generator=random)
    return images, depth, features, indices.int(), SHAPE
