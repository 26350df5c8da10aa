#!/usr/bin/env python3
"""The paper's two-tower network in PyTorch, as fast as PyTorch makes it: the bar for whole steps.

Question  How long does a training step, or a forward pass, of the same network take in PyTorch?
Unit      Milliseconds per step: the median of CUDA events; and images per second. One JSON line per variant.
Run       python3 torch_alexnet.py --batch 128 --batch 1024          (a GPU; --cpu for a try without one)
          python3 torch_alexnet.py --dry-run                         (needs no PyTorch)
          python3 torch_alexnet.py --check ./alexnet                 (compares outputs and gradients with ours)

Both towers are one module: conv2, conv4 and conv5 have two groups, LRN stays inside a tower's channels, conv3 and the
fully-connected layers see both. The image is padded right and bottom so that conv1 gives 55 x 55. The batch is in the
GPU's memory as floats; ours also crops and subtracts the mean. Dropout is PyTorch's (scaled while training), which
costs the same as the paper's. SGD is the paper's: momentum 0.9, decay 0.0005.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

# name: (kind, inputs of a filter or row, outputs); both towers together.
LAYERS = {
    "conv1": (3, 96, 11), "conv2": (48, 256, 5), "conv3": (256, 384, 3), "conv4": (192, 384, 3),
    "conv5": (192, 256, 3), "fc6": (9216, 4096, 1), "fc7": (4096, 4096, 1), "fc8": (4096, 1000, 1),
}
PARAMETERS = 60_965_224

# Quickest to set up first: a session that runs out of time keeps the first ones.
VARIANTS = [
    {"variant": f"{name}, LRN {lrn}", "lrn": lrn, **settings}
    for name, settings in {
        "eager fp32": dict(dtype="float32", tf32=False, channels_last=False, compiled=False),
        "eager tf32": dict(dtype="float32", tf32=True, channels_last=False, compiled=False),
        "channels_last bf16 autocast": dict(dtype="bfloat16", tf32=True, channels_last=True, compiled=False),
        "compile + CUDA graphs fp32": dict(dtype="float32", tf32=False, channels_last=True, compiled=True),
        "compile + CUDA graphs tf32": dict(dtype="float32", tf32=True, channels_last=True, compiled=True),
        "compile + CUDA graphs bf16": dict(dtype="bfloat16", tf32=True, channels_last=True, compiled=True),
    }.items()
    for lrn in ("library", "fused", "none, no groups")
]


def parameter_count():
    return sum(outputs * (inputs * size * size + 1) for inputs, outputs, size in LAYERS.values())


def make_network(torch, lrn, width=1.0, classes=1000):
    """The module; `lrn` is library, fused, or 'none, no groups' for the network that most benchmarks mean."""
    nn, functional = torch.nn, torch.nn.functional
    groups = 1 if lrn.startswith("none") else 2

    def scaled(count):
        return max(2, 2 * int(count * width / 2))

    def formula(x):
        """Sum over 5 channels of a tower by shifted slices: what a compiler makes one kernel of."""
        square = functional.pad(x * x, (0, 0, 0, 0, 2, 2))
        channels = x.shape[1]
        total = sum(square[:, i:i + channels] for i in range(5))
        d = 2.0 + 1e-4 * total
        root = torch.rsqrt(d)
        return x * (root * torch.sqrt(root))  # d^-3/4

    fused = torch.compile(formula) if lrn == "fused" else None

    def normalize(x):
        if lrn.startswith("none"):
            return x
        # Each tower's channels by themselves; PyTorch divides alpha by the size of the window.
        towers = [t for t in torch.chunk(x, 2, dim=1)]
        if fused is not None:
            return torch.cat([fused(t) for t in towers], dim=1)
        return torch.cat([functional.local_response_norm(t, 5, alpha=5e-4, beta=0.75, k=2.0) for t in towers], dim=1)

    class TwoTowers(nn.Module):
        def __init__(self):
            super().__init__()
            c = {name: scaled(outputs) for name, (_, outputs, _) in LAYERS.items()}
            self.conv1 = nn.Conv2d(3, c["conv1"], 11, stride=4)
            self.conv2 = nn.Conv2d(c["conv1"], c["conv2"], 5, padding=2, groups=groups)
            self.conv3 = nn.Conv2d(c["conv2"], c["conv3"], 3, padding=1)
            self.conv4 = nn.Conv2d(c["conv3"], c["conv4"], 3, padding=1, groups=groups)
            self.conv5 = nn.Conv2d(c["conv4"], c["conv5"], 3, padding=1, groups=groups)
            self.fc6 = nn.Linear(c["conv5"] * 36, c["fc6"])
            self.fc7 = nn.Linear(c["fc6"], c["fc7"])
            self.fc8 = nn.Linear(c["fc7"], classes)
            for name in LAYERS:
                layer = getattr(self, name)
                nn.init.normal_(layer.weight, std=0.01)
                nn.init.constant_(layer.bias, 1.0 if name in ("conv2", "conv4", "conv5", "fc6", "fc7") else 0.0)

        def drop(self, x):
            return functional.dropout(x, 0.5) if self.training else 0.5 * x

        def forward(self, x, seen=None):
            def keep(name, value):
                if seen is not None:
                    seen[name] = value
                    if value.requires_grad:
                        value.retain_grad()
                return value

            x = functional.pad(x, (0, 3, 0, 3))  # 224 to 227: zeros right and bottom
            x = keep("relu1", torch.relu(self.conv1(x)))
            x = keep("pool1", functional.max_pool2d(normalize(x), 3, 2))
            x = keep("relu2", torch.relu(self.conv2(x)))
            x = keep("pool2", functional.max_pool2d(normalize(x), 3, 2))
            x = keep("relu3", torch.relu(self.conv3(x)))
            x = keep("relu4", torch.relu(self.conv4(x)))
            x = keep("relu5", torch.relu(self.conv5(x)))
            x = keep("pool5", functional.max_pool2d(x, 3, 2)).flatten(1)
            x = keep("drop6", self.drop(torch.relu(self.fc6(x))))
            x = keep("drop7", self.drop(torch.relu(self.fc7(x))))
            return keep("fc8", self.fc8(x))

    return TwoTowers()


class Clock:
    """CUDA events on a GPU, the steady clock without one."""

    def __init__(self, torch, device):
        self.torch, self.cuda = torch, device.type == "cuda"

    def times_ms(self, step, samples):
        if not self.cuda:
            times = []
            for _ in range(samples):
                begin = time.perf_counter()
                step()
                times.append(1e3 * (time.perf_counter() - begin))
            return times
        events = [self.torch.cuda.Event(enable_timing=True) for _ in range(samples + 1)]
        events[0].record()
        for event in events[1:]:
            step()
            event.record()
        self.torch.cuda.synchronize()
        return [a.elapsed_time(b) for a, b in zip(events, events[1:])]


def make_step(torch, options, variant, purpose, batch, device):
    """One step as a function: forward, or forward, backward and update."""
    torch.backends.cuda.matmul.allow_tf32 = variant["tf32"]
    torch.backends.cudnn.allow_tf32 = variant["tf32"]
    torch.backends.cudnn.benchmark = True
    network = make_network(torch, variant["lrn"], options.width).to(device)
    x = 255 * torch.rand(batch, 3, 224, 224, device=device) - 128
    labels = torch.randint(0, 1000, (batch,), device=device)
    if variant["channels_last"]:
        network, x = network.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    network.train(purpose == "train")
    run = network
    if variant["compiled"]:
        run = torch.compile(network, mode="max-autotune" if options.max_autotune else "reduce-overhead")
    low = variant["dtype"] == "bfloat16"

    def forward():
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=low):
            return run(x)

    if purpose == "infer":
        def infer():
            with torch.inference_mode():
                return forward()
        return infer
    # A rate of 0 skips no work and keeps the weights where they are, however long this runs.
    settings = dict(lr=0.0, momentum=0.9, weight_decay=5e-4)
    fused = dict(fused=True) if device.type == "cuda" else {}
    optimizer = torch.optim.SGD(network.parameters(), **settings, **fused)

    def train():
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(forward().float(), labels)
        loss.backward()
        optimizer.step()
    return train


def measure(torch, options, variant, purpose, batch, device):
    step = make_step(torch, options, variant, purpose, batch, device)
    clock = Clock(torch, device)
    warm = clock.times_ms(step, options.warm_up)
    samples = max(3, min(options.samples, int(2000 / max(min(warm), 1e-3))))
    times = sorted(clock.times_ms(step, samples))
    median = statistics.median(times)
    spread = 100 * (times[int(0.9 * (samples - 1))] - times[int(0.1 * (samples - 1))]) / 2 / median
    return {"variant": variant["variant"], "purpose": purpose, "batch": batch, "ms": round(median, 4),
            "spread_percent": round(spread, 2), "images_per_second": round(1e3 * batch / median, 1), "samples": samples}


def describe(torch, device):
    line = {"torch": torch.__version__, "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version(),
            "python": sys.version.split()[0], "device": device.type}
    if device.type == "cuda":
        line["gpu"] = torch.cuda.get_device_name(device)
        try:
            line["clocks"] = subprocess.run(
                ["nvidia-smi", "--query-gpu=clocks.sm,clocks.mem,power.draw", "--format=csv,noheader"],
                capture_output=True, text=True, timeout=10).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            line["clocks"] = "unknown"
    return line


# ---- comparison with our network --------------------------------------------------------------------------------


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, value in tensors.items():
        end = offset + 4 * value.numel()
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for value in tensors.values():
            file.write(value.detach().contiguous().numpy().tobytes())


def read_safetensors(torch, path):
    with open(path, "rb") as file:
        data = bytearray(file.read())
    size = int.from_bytes(data[:8], "little")
    tensors = {}
    for name, info in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = info["data_offsets"]
            values = torch.frombuffer(data, dtype=torch.float32, offset=8 + size + begin, count=(end - begin) // 4)
            tensors[name] = values.reshape(info["shape"])
    return tensors


def check(torch, options):
    """Random weights through `alexnet activations` and through the module here: outputs and gradients must agree."""
    import numpy
    torch.manual_seed(1)
    network = make_network(torch, "library").eval()
    images = 100 * torch.randn(2, 224, 224, 3)
    labels = torch.tensor([3, 500])
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: os.path.join(folder, name) for name in ("w.safetensors", "x.npy", "y.npy", "a.safetensors")}
        write_safetensors(paths["w.safetensors"], dict(network.named_parameters()))
        numpy.save(paths["x.npy"], images.numpy())
        numpy.save(paths["y.npy"], labels.numpy().astype(numpy.int32))
        subprocess.run([options.check, "activations", "--preset", "paper-2012", "--weights", paths["w.safetensors"],
                        "--input", paths["x.npy"], "--labels", paths["y.npy"], "--out", paths["a.safetensors"]],
                       check=True, stdout=sys.stderr)
        ours = read_safetensors(torch, paths["a.safetensors"])
    seen = {}
    loss = torch.nn.functional.cross_entropy(network(images.permute(0, 3, 1, 2), seen), labels)
    loss.backward()
    theirs = dict(seen)
    theirs.update({f"grad.{name}": value.grad for name, value in seen.items()})
    theirs.update({f"grad.{name}": value.grad for name, value in network.named_parameters()})
    worst, compared = 0.0, 0
    for name, value in theirs.items():
        if name not in ours:
            continue
        value = value.detach()
        if name in seen or name.startswith("grad.") and name[5:] in seen:
            value = value.permute(0, 2, 3, 1) if value.dim() == 4 else value
        got = ours[name]
        if name.startswith("grad.relu"):
            # Where the rectifier gave 0, pooling's ties decide which of the zeros gets a gradient that none passes on.
            active = ours[name[5:]] > 0
            got, value = got * active, value * active
        error = float((got - value).norm() / value.norm())
        print(json.dumps({"tensor": name, "relative_error": error}))
        worst, compared = max(worst, error), compared + 1
    # Two fp32 libraries that add in different orders; the last layers' gradients pass through all of them.
    ok = worst < 1e-4 and compared >= 20
    print(json.dumps({"compared": compared, "worst": worst, "ok": ok}))
    return 0 if ok else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, action="append", help="images per step; may be repeated (default 128)")
    parser.add_argument("--purpose", choices=["train", "infer", "both"], default="both")
    parser.add_argument("--variant", default="", help="only variants whose name contains this")
    parser.add_argument("--samples", type=int, default=50, help="steps measured, at most (default 50)")
    parser.add_argument("--warm-up", type=int, default=5, help="steps before that (default 5)")
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no variant after this time")
    parser.add_argument("--width", type=float, default=1.0, help="factor on the layers' widths, for a try")
    parser.add_argument("--max-autotune", action="store_true", help="let the compiler search; minutes for each variant")
    parser.add_argument("--cpu", action="store_true", help="run on the CPU; its times are no bar for a GPU")
    parser.add_argument("--dry-run", action="store_true", help="list the variants; needs no PyTorch")
    parser.add_argument("--check", metavar="ALEXNET", help="compare with this launcher's `activations`")
    options = parser.parse_args()
    if parameter_count() != PARAMETERS:
        raise SystemExit(f"the layers have {parameter_count()} parameters, the paper's {PARAMETERS}")
    variants = [v for v in VARIANTS if options.variant in v["variant"]]
    purposes = ["train", "infer"] if options.purpose == "both" else [options.purpose]
    batches = options.batch or [128]
    if options.dry_run:
        for variant in variants:
            print(json.dumps({**variant, "purposes": purposes, "batches": batches}))
        return 0
    try:
        import torch
    except ImportError as e:
        print(f"torch_alexnet: PyTorch is not usable: {e}", file=sys.stderr)
        return 3
    if options.check:
        return check(torch, options)
    if not options.cpu and not torch.cuda.is_available():
        print("torch_alexnet: no CUDA device; --cpu runs it on the CPU", file=sys.stderr)
        return 4
    device = torch.device("cpu" if options.cpu else "cuda")
    print(json.dumps(describe(torch, device)), flush=True)
    begin, failed = time.perf_counter(), 0
    for batch in batches:
        for variant in variants:
            for purpose in purposes:
                if time.perf_counter() - begin > options.seconds:
                    print(f"torch_alexnet: out of time before '{variant['variant']}'", file=sys.stderr)
                    return 1 if failed else 0
                try:
                    print(json.dumps(measure(torch, options, variant, purpose, batch, device)), flush=True)
                except Exception as e:  # one variant that this PyTorch cannot run must not hide the others
                    failed += 1
                    line = f"torch_alexnet: '{variant['variant']}' {purpose}: {type(e).__name__}: {e}"
                    print(line[:500], file=sys.stderr)
                if device.type == "cuda":
                    torch._dynamo.reset()
                    torch.cuda.empty_cache()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
