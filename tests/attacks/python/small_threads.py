import threading
import time

threading.stack_size(32768)
while True:
    try:
        threading.Thread(target=time.sleep, args=[600]).start()
    except RuntimeError:
        pass
