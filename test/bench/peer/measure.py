"""
Times one workload in a process of its own: python measure.py REQUEST, a JSON object with `peer`, `method`, `cosine`, `batch`,
`psi`, `width`, `steps`, `warmup` and `threads`. An epoch is a training pass and a meta pass. Prints one JSON object: for each
pass the milliseconds of its steps and its peak memory above what the process had after its imports, in bytes.
"""

import json
import sys
import time
from pathlib import Path

import torch

from published import Published
from tuned import Tuned

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def resident(key):
    """Resident memory in bytes, now (`VmRSS`) or at its peak (`VmHWM`); None where the system doesn't tell."""
    if not STATUS.exists():
        return None
    return next(int(line.split()[1]) * 1024 for line in STATUS.read_text().splitlines() if line.startswith(key))


def reset_peak():
    if CLEAR.exists():
        CLEAR.write_text("5")


def walk(step, batches, base):
    """One pass."""
    times = []
    for batch in batches:
        began = time.perf_counter()
        step(*batch)
        times.append((time.perf_counter() - began) * 1000)
    peak = resident("VmHWM")
    reset_peak()
    return {"timesMs": times} | ({} if base is None else {"peakBytes": peak - base})


def main(request):
    torch.set_num_threads(request["threads"])
    base = resident("VmRSS")
    reset_peak()

    torch.manual_seed(1)
    psi, size = request["psi"], request["batch"]
    peer = {"published": Published, "tuned": Tuned}[request["peer"]](psi, request["width"])
    batches = [
        peer.prepare(torch.rand(size, 3, 32, 32), torch.randint(len(psi), (size,))) for _ in range(request["steps"])
    ]
    meta_step = peer.meta_step_finite_difference if request["method"] == "finite-difference" else peer.meta_step
    passes = {
        "train": walk(lambda *batch: peer.train_step(*batch, cosine=request["cosine"]), batches, base),
        "meta": walk(meta_step, batches, base),
    }
    for measured in passes.values():
        del measured["timesMs"][: request["warmup"]]
    print(json.dumps({"passes": passes, "baseBytes": base, "versions": {"torch": torch.__version__}}))


main(json.loads(sys.argv[1]))
