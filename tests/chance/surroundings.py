import glob, locale, multiprocessing, os, platform, socket, sys, threading

for name in ("b.txt", "a.txt", "c.txt"):
    open(name, "w").close()
facts = [
    f"process {os.getpid()} {os.getppid()} {threading.get_native_id()} {threading.get_ident()}",
    f"folders {os.getcwd()} {os.path.expanduser('~')} {__file__} {sys.argv}",
    f"files {os.listdir()} {glob.glob('*.txt')}",
    f"processors {os.cpu_count()} {multiprocessing.cpu_count()} {len(os.sched_getaffinity(0))}",
    f"host {platform.node()} {socket.gethostname()}",
    f"locale {locale.getlocale()} {sys.getfilesystemencoding()}",
    f"environment {sorted(name for name in os.environ)}",
]

print("\\n".join(facts))
import matplotlib.pyplot as plt

plt.figure(figsize=(8, 6))
plt.figtext(0.02, 0.98, "\\n".join(facts), va="top", family="monospace", fontsize=7)
plt.savefig("facts.png")
