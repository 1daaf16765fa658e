"""Stand-ins for NVIDIA's quantized layers: the class and module names, buffers and arithmetic of its recipe.

pytorch_quantization and the recipe's `lean` package are not on any index; a pickled network names them all the same.
"""

import sys
import types

import spconv.pytorch as spconv
import torch
from torch import nn
from torch.nn import functional as F

from support.bevfusion import Bottleneck, SparseBasicBlock, decoder_norm, lidar_norm, submanifold
from support.statistics import is_sparse

LEVELS = 127


class TensorQuantizer(nn.Module):
    """Rounds to eight bits; `_amax` is one number, or one for each channel of `_axis`."""

    def __init__(self, axis=None):
        super().__init__()
        self._num_bits, self._axis, self._disabled = 8, axis, False

    def calibrate(self, values):
        dims = [dim for dim in range(values.dim()) if dim != self._axis]
        amax = values.abs().amax() if self._axis is None else values.abs().amax(dims, keepdim=True)
        self.register_buffer("_amax", amax.detach().clone())

    def forward(self, values):
        if self._disabled or not hasattr(self, "_amax"):
            return values
        step = self._amax / LEVELS
        return (values / step).round().clamp(-LEVELS, LEVELS) * step


class QuantConv2d(nn.Conv2d):
    def forward(self, x):
        return self._conv_forward(self._input_quantizer(x), self._weight_quantizer(self.weight), self.bias)


class QuantConvTranspose2d(nn.ConvTranspose2d):
    def forward(self, x):
        x, weight = self._input_quantizer(x), self._weight_quantizer(self.weight)
        return F.conv_transpose2d(x, weight, self.bias, self.stride, self.padding)


class SparseConvolutionQunat(spconv.conv.SparseConvolution):
    """The recipe's own spelling."""

    def forward(self, x):
        weight, x = self.weight, x.replace_feature(self._input_quantizer(x.features))
        self.weight = nn.Parameter(self._weight_quantizer(weight))
        try:
            return super().forward(x)
        finally:
            self.weight = weight


class QuantAdd(nn.Module):
    def __init__(self):
        super().__init__()
        self._input_quantizer = TensorQuantizer()

    def forward(self, one, other):
        return self._input_quantizer(one) + self._input_quantizer(other)


class QuantBasicBlock(SparseBasicBlock):
    """What the recipe makes of a block: it hangs `quant_add` into the object and replaces `forward`."""

    def forward(self, x):
        out = self.conv1(x)
        out = out.replace_feature(self.relu(self.bn1(out.features)))
        out = self.conv2(out)
        out = out.replace_feature(self.bn2(out.features))
        return out.replace_feature(self.relu(self.quant_add(out.features, x.features)))


QuantBasicBlock.__name__ = QuantBasicBlock.__qualname__ = "SparseBasicBlock"


class QuantBottleneck(Bottleneck):
    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.relu(out + self.residual_quantizer(shortcut))


QuantBottleneck.__name__ = QuantBottleneck.__qualname__ = "Bottleneck"

PLACES = {
    "pytorch_quantization.nn.modules.tensor_quantizer": [TensorQuantizer],
    "pytorch_quantization.nn.modules.quant_conv": [QuantConv2d, QuantConvTranspose2d],
    "lean.quantize": [SparseConvolutionQunat, QuantAdd],
    "mmdet3d.ops.sparse_block": [QuantBasicBlock],
    "mmdet.models.backbones.resnet": [QuantBottleneck],
}


def install():
    """Puts the classes where a pickle looks for them; returns a function that takes them away for the real packages."""
    added = []
    for place, classes in PLACES.items():
        names = place.split(".")
        for depth in range(1, len(names) + 1):
            package = ".".join(names[:depth])
            if package not in sys.modules:
                sys.modules[package] = types.ModuleType(package)
                added.append(package)
        module = sys.modules[place]
        for one in classes:
            one.__module__ = place
            setattr(module, one.__name__, one)
    return lambda: [sys.modules.pop(package) for package in added]


class QuantizedNet(nn.Module):
    """Parts of BEVFusion with quantizers: a sparse sequence and block, a camera block, and a decoder's neck."""

    def __init__(self):
        super().__init__()
        lidar = nn.Module()
        norm = lidar_norm(8)
        lidar.conv_input = spconv.SparseSequential(submanifold(5, 8, "subm1"), norm, nn.ReLU(inplace=True))
        block = QuantBasicBlock(8, "subm1")
        block.quant_add = QuantAdd()
        lidar.encoder_layers = spconv.SparseSequential(block)
        camera = nn.Module()
        camera.conv1 = nn.Conv2d(3, 6, 3, 2, 1, bias=False)
        camera.bn1 = nn.BatchNorm2d(6)
        camera.relu = nn.ReLU(inplace=True)
        camera.layer1 = nn.Sequential(QuantBottleneck(6, 4, 1, True))
        camera.layer1[0].residual_quantizer = TensorQuantizer()
        self.encoders = nn.ModuleDict(
            {
                "camera": nn.ModuleDict({"backbone": camera}),
                "lidar": nn.ModuleDict({"backbone": lidar}),
            }
        )
        same, double = nn.Conv2d(16, 6, 1, bias=False), nn.ConvTranspose2d(16, 10, 2, 2, bias=False)
        neck = nn.Module()
        neck.deblocks = nn.ModuleList([nn.Sequential(same, decoder_norm(6)), nn.Sequential(double, decoder_norm(10))])
        self.decoder = nn.ModuleDict({"neck": neck})

    def forward(self, images, features, indices, shape):
        lidar, camera = (self.encoders[part]["backbone"] for part in ("lidar", "camera"))
        x = spconv.SparseConvTensor(features, indices, shape, 2)
        x = lidar.encoder_layers(lidar.conv_input(x)).features
        image = camera.layer1(camera.relu(camera.bn1(camera.conv1(images))))
        ups = [deblock(image) for deblock in self.decoder["neck"].deblocks]
        return torch.cat([x.flatten(), *(up.flatten() for up in ups)])


def quantize(net, sparse_axis, per_tensor=()):
    """Replaces convolutions by quantized ones and calibrates their weights; `per_tensor` names get one amax."""
    for name, module in list(net.named_modules()):
        kind = quantized_class(module)
        if kind is None:
            continue
        # As the recipe does: a new object of the other class around the same state.
        quantized = kind.__new__(kind)
        quantized.__dict__.update(vars(module))
        axis = sparse_axis if is_sparse(module) else int(isinstance(module, nn.ConvTranspose2d))
        quantized._input_quantizer = TensorQuantizer()
        quantized._weight_quantizer = TensorQuantizer(None if name in per_tensor else axis)
        quantized._weight_quantizer.calibrate(module.weight)
        parent, _, child = name.rpartition(".")
        net.get_submodule(parent)._modules[child] = quantized
    return net


def quantized_class(module):
    if is_sparse(module):
        return SparseConvolutionQunat
    return {nn.Conv2d: QuantConv2d, nn.ConvTranspose2d: QuantConvTranspose2d}.get(type(module))


def calibrate_inputs(net, run):
    """Every quantizer without an amax takes the largest value that comes by."""

    def on_input(module, inputs):
        if not hasattr(module, "_amax"):
            module.calibrate(inputs[0])

    hooks = [
        module.register_forward_pre_hook(on_input)
        for module in net.modules()
        if isinstance(module, TensorQuantizer)
    ]
    with torch.no_grad():
        run(net)
    for hook in hooks:
        hook.remove()
    return net
