"""The safetensors format: the length of a header, a JSON header, and floats."""

import json
import math
import struct
from pathlib import Path

from torch import Tensor


def load_file(file):
    data = Path(file).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        if entry["dtype"] != "F32" or last - first != 4 * math.prod(entry["shape"]):
            raise ValueError(name)
        floats = data[8 + length + first : 8 + length + last]
        tensors[name] = Tensor(entry["shape"], struct.unpack(f"<{len(floats) // 4}f", floats))
    order = sorted(tensors, key=lambda name: header[name]["data_offsets"])
    return {name: tensors[name] for name in order}
