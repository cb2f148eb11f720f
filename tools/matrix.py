"""Run the notebook comparison at 1 and 2 threads, each on the instructions of this CPU and of older ones.

Arguments: the command to run, with the notebooks. ``ATEN_CPU_CAPABILITY`` limits PyTorch's own kernels,
``ONEDNN_MAX_CPU_ISA`` those of oneDNN, ``MKL_ENABLE_INSTRUCTIONS`` those of MKL on an Intel CPU, and
``MKL_CBWR=COMPATIBLE`` those of MKL on any.
"""

import json
import os
import subprocess
import sys
import time

CPUS = {
    "this CPU": {},
    "avx2": {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
    "default": {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_CBWR": "COMPATIBLE"},
}
NAMES = {name for variables in CPUS.values() for name in variables}
PROBE = """
import hashlib, json, torch
torch.manual_seed(0)
def digest(result):
    return hashlib.sha256(result.detach().numpy().tobytes()).hexdigest()[:6]
product = torch.randn(256, 784) @ torch.randn(784, 300)
convolution = torch.nn.Conv2d(3, 16, 3)(torch.randn(8, 3, 28, 28))
recurrent = torch.nn.LSTM(28, 64)(torch.randn(28, 32, 28))[0]
found = [torch.get_num_threads(), torch.backends.cpu.get_cpu_capability()]
print(json.dumps(found + [digest(result) for result in (product, convolution, recurrent)]))
"""


def environment(threads: int, cpu: str) -> dict[str, str]:
    """This process's environment with the variables of one combination, and none that another one sets."""
    kept = {name: value for name, value in os.environ.items() if name not in NAMES}
    return kept | {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)} | CPUS[cpu]


def probe(threads: int, cpu: str) -> tuple[str, str, str, str]:
    """PyTorch's CPU capability under a combination, and digests of a matrix product, a convolution and an LSTM."""
    command = [sys.executable, "-c", PROBE]
    answer = subprocess.run(command, env=environment(threads, cpu), check=True, stdout=subprocess.PIPE, text=True)
    found, capability, *digests = json.loads(answer.stdout)
    if found != threads:
        sys.exit(f"{cpu}: PyTorch uses {found} threads instead of {threads}; run this where {threads} cores are free.")
    if cpu != "this CPU" and capability.lower() != cpu:
        sys.exit(f"{cpu}: PyTorch uses {capability} kernels; this PyTorch does not obey ATEN_CPU_CAPABILITY.")
    return capability, *digests


def main(command: list[str]) -> None:
    """Run ``command`` under each combination, print a table, and exit with 1 if any run failed."""
    native = probe(1, "this CPU")
    cpus = list(CPUS) if native[0].startswith("AVX") else ["this CPU"]
    if "default" in cpus and probe(1, "default")[1] == native[1]:
        sys.exit("The settings have no effect: a matrix product comes out the same on the oldest instructions.")
    failed = False
    print(f"threads  CPU       {'kernels; product, convolution, LSTM':<38}  result     time")
    for threads in (1, 2):
        for cpu in cpus:
            digests = " ".join(probe(threads, cpu))
            start = time.perf_counter()
            run = subprocess.run(command, env=environment(threads, cpu), capture_output=True, text=True)
            seconds = time.perf_counter() - start
            verdict = "failed" if run.returncode else "passed"
            print(f"{threads:>7}  {cpu:<8}  {digests:<38}  {verdict} {seconds:7.1f} s", flush=True)
            if run.returncode:
                failed = True
                print(run.stdout, run.stderr, sep="\n")
    sys.exit(failed)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("Say what to run: tools/matrix.py .venv/bin/pytest --nbval … chapters")
    main(sys.argv[1:])
