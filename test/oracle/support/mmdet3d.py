"""mmdet3d's networks without the compiled operators and data sets that it imports beside them.

Importing this module puts empty stand-ins in place of those; nothing that is tested ever calls one.
"""

import importlib.abc
import importlib.machinery
import sys
import types

ABSENT = (
    "mmcv._ext",
    "MinkowskiEngine",
    "imagecorruptions",
    "lyft_dataset_sdk",
    "lvis",
    "numba",
    "nuscenes",
    "open3d",
    "panopticapi",
    "plyfile",
    "pyquaternion",
    "skimage",
    "torchsparse",
    "trimesh",
    "waymo_open_dataset",
)


class Anything:
    """Stands for a function, class or decorator alike."""

    def __init__(self, *_, **__):
        pass

    def __call__(self, *arguments, **__):
        decorates = len(arguments) == 1 and callable(arguments[0])
        return arguments[0] if decorates else Anything()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __mro_entries__(self, _):
        return (object,)


class StandIn(types.ModuleType):
    __path__ = []
    __version__ = "99.0"

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {}) if name[0].isupper() else Anything()


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if any(name == absent or name.startswith(f"{absent}.") for absent in ABSENT):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


sys.meta_path.append(Finder())

import mmdet3d.models  # noqa: E402,F401  (fills the registry)
from mmdet3d.registry import MODELS  # noqa: E402
from mmengine.registry import init_default_scope  # noqa: E402


def build(**config):
    """A network of the registry."""
    init_default_scope("mmdet3d")
    return MODELS.build(config)
