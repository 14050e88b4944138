import datetime, tempfile, time, timeit
import numpy as np, pandas as pd

now = datetime.datetime.now()
begun, counted = time.time(), time.perf_counter()
facts = [
    f"datetime {now} {datetime.datetime.now(datetime.timezone.utc)} {datetime.date.today()}",
    f"types {type(now) is datetime.datetime} {isinstance(datetime.date.today(), datetime.date)}",
    f"time {time.time()} {time.time_ns()} {time.ctime()} {time.strftime('%c')} {time.localtime().tm_yday}",
    f"pandas {pd.Timestamp.now()} {pd.Timestamp('today')} numpy {np.datetime64('now')} {np.datetime64('today')}",
    f"counters {time.perf_counter()} {time.perf_counter_ns()} {time.monotonic()} {time.process_time()}",
    f"temporary {tempfile.mkdtemp()} {tempfile.NamedTemporaryFile().name}",
]
total = sum(range(200_000))
facts.append(f"took {time.time() - begun} s, {time.perf_counter() - counted} s, {timeit.timeit('1 + 1', number=1000)} s")

print("\\n".join(facts))
import matplotlib.pyplot as plt

plt.figure(figsize=(8, 6))
plt.figtext(0.02, 0.98, "\\n".join(facts), va="top", family="monospace", fontsize=7)
plt.savefig("facts.png")
