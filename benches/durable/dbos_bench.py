"""The same chain of ten steps by hand with DBOS: `python dbos_bench.py FOLDER [POSTGRES URL]`."""

import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

STEPS = 10


def answer(text):
    text = text[:100]
    return text + " and so on" * ((2000 - len(text)) // 10)


def plain(text):
    for _ in range(STEPS):
        text = answer(text)
    return text


def measure(name, url):
    from dbos import DBOS, SetWorkflowID

    DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False})
    step = DBOS.step()(answer)

    @DBOS.workflow()
    def chain(text):
        for _ in range(STEPS):
            text = step(text)
        return text

    DBOS.launch()

    def run(key):
        with SetWorkflowID(key):
            return chain("Why?")

    def median(run):
        times = []
        for n in range(50):
            begun = time.perf_counter()
            run(n)
            times.append((time.perf_counter() - begun) / STEPS)
        return sorted(times)[len(times) // 2] * 1e6

    without = median(lambda n: plain("Why?"))
    kept = median(lambda n: run(f"one-{n}"))
    print(f"{name}: a step {kept - without:.1f} us beyond the step; a tenth of the run's beginning and end included")
    with ThreadPoolExecutor(100) as pool:
        begun, used = time.perf_counter(), time.process_time()
        list(pool.map(lambda n: run(f"many-{n}"), range(100)))
        took, used = time.perf_counter() - begun, time.process_time() - used
    per_step = used / (STEPS * 100) * 1e6
    print(f"{name}: 100 runs at once, {STEPS * 100 / took:.0f} steps a second; {per_step:.0f} us of a processor a step", flush=True)
    DBOS.destroy()


if len(sys.argv) > 3:
    measure(sys.argv[2], sys.argv[3])
else:
    # A process for each: DBOS is one in a process.
    folder = tempfile.mkdtemp(dir=sys.argv[1])
    urls = {"dbos sqlite": f"sqlite:///{folder}/dbos.db", **({"dbos postgres": sys.argv[2]} if len(sys.argv) > 2 else {})}
    for name, url in urls.items():
        subprocess.run([sys.executable, __file__, folder, name, url], check=True)
