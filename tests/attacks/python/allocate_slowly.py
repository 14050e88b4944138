held = []
while True:
    try:
        held.append(bytearray(1 << 22))
    except MemoryError:
        held.append(held[-1][:4096])
        break
for _ in range(3):
    try:
        held += [bytes([7]) * (1 << 16) for _ in range(1 << 20)]
    except MemoryError:
        pass
raise MemoryError
