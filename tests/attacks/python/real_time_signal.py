import os
import signal

signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
os.kill(os.getpid(), 40)
