"""Sparse networks: mmdet3d's own and ones in the style of other projects, each with the points to run it on."""

import spconv.pytorch as spconv
import torch
from spconv.core import ConvAlgo
from torch import nn

from support.bevfusion import lidar_norm

GRID = [41, 40, 40]


def points(seed=1, count=700, channels=5):
    random = torch.Generator().manual_seed(seed)
    places = torch.stack([torch.randint(size, (count,), generator=random) for size in GRID], 1)
    batch = torch.arange(count) % 2
    indices = torch.unique(torch.cat([batch[:, None], places], 1), dim=0)
    return torch.randn(len(indices), channels, generator=random), indices.int()


def run_mmdet3d(net, seed=1):
    """All that the network gives, in one vector."""
    features, indices = points(seed)
    result = net(features, indices, 2)
    return torch.cat([tensor.flatten() for tensor in tensors_in(result)])


def tensors_in(value):
    if isinstance(value, spconv.SparseConvTensor):
        return [value.features]
    if isinstance(value, torch.Tensor):
        return [value]
    values = value.values() if isinstance(value, dict) else value
    return [tensor for item in values for tensor in tensors_in(item)]


def run_plain(net, seed=1):
    """For networks over a sparse tensor."""
    features, indices = points(seed)
    result = net(spconv.SparseConvTensor(features, indices, GRID, 2))
    return result.features.flatten()


def mmdet3d_encoder(block_type, order=("conv", "norm", "act")):
    from support.mmdet3d import build

    return build(
        type="SparseEncoder",
        in_channels=5,
        sparse_shape=GRID,
        order=order,
        norm_cfg={"type": "BN1d", "eps": 1e-3, "momentum": 0.01},
        encoder_channels=((16, 16, 32), (32, 32, 64), (64, 64, 128), (128, 128)),
        encoder_paddings=((0, 0, 1), (0, 0, 1), (0, 0, [0, 1, 1]), (0, 0)),
        block_type=block_type,
    )


def mmdet3d_unet():
    from support.mmdet3d import build

    return build(type="SparseUNet", in_channels=5, sparse_shape=GRID)


def sparse(kind, ins, out, size, bias=False, **more):
    return getattr(spconv, kind)(ins, out, size, bias=bias, algo=ConvAlgo.Native, **more)


class ResidualBlock(spconv.SparseModule):
    """OpenPCDet's: convolutions with a bias, and another name for the class."""

    def __init__(self, channels, key):
        super().__init__()
        self.conv1 = sparse("SubMConv3d", channels, channels, 3, True, padding=1, indice_key=key)
        self.bn1 = lidar_norm(channels)
        self.relu = nn.ReLU()
        self.conv2 = sparse("SubMConv3d", channels, channels, 3, True, padding=1, indice_key=key)
        self.bn2 = lidar_norm(channels)
        self.downsample = None

    def forward(self, x):
        out = self.conv1(x)
        out = out.replace_feature(self.relu(self.bn1(out.features)))
        out = self.conv2(out)
        out = out.replace_feature(self.bn2(out.features))
        return out.replace_feature(self.relu(out.features + x.features))


def block(conv, *more):
    return spconv.SparseSequential(conv, lidar_norm(conv.out_channels), nn.ReLU(), *more)


class VoxelBackbone(nn.Module):
    """In the names of OpenPCDet's VoxelResBackBone8x."""

    def __init__(self):
        super().__init__()
        residual = ResidualBlock
        self.conv_input = block(sparse("SubMConv3d", 5, 16, 3, padding=1, indice_key="subm1"))
        self.conv1 = spconv.SparseSequential(residual(16, "res1"), residual(16, "res1"))
        down = block(sparse("SparseConv3d", 16, 32, 3, stride=2, padding=1, indice_key="spconv2"))
        self.conv2 = spconv.SparseSequential(down, residual(32, "res2"), residual(32, "res2"))
        self.conv_out = block(sparse("SparseConv3d", 32, 64, (3, 1, 1), stride=(2, 1, 1)))

    def forward(self, x):
        return self.conv_out(self.conv2(self.conv1(self.conv_input(x))))


class UpAndDown(nn.Module):
    """Strided, inverse and transposed convolutions."""

    def __init__(self):
        super().__init__()
        self.down = block(sparse("SparseConv3d", 5, 16, 3, stride=2, padding=1, indice_key="down"))
        self.inner = block(sparse("SubMConv3d", 16, 24, 3, padding=1, indice_key="inner"))
        self.up = block(sparse("SparseInverseConv3d", 24, 12, 3, indice_key="down"))
        self.wide = block(sparse("SparseConvTranspose3d", 12, 10, 2, stride=2))

    def forward(self, x):
        return self.wide(self.up(self.inner(self.down(x))))


class PointKernels(nn.Module):
    """1×1 convolutions that spconv 2 computes as a product with the weight seen as [in, out], beside one it does not."""

    def __init__(self):
        super().__init__()
        self.stem = block(sparse("SubMConv3d", 5, 8, 3, padding=1, indice_key="stem"))
        self.square = block(sparse("SubMConv3d", 8, 8, 1, indice_key="square"))
        self.wider = block(sparse("SparseConv3d", 8, 12, 1))
        self.strided = block(sparse("SparseConv3d", 12, 10, 1, stride=2))

    def forward(self, x):
        return self.strided(self.wider(self.square(self.stem(x))))
