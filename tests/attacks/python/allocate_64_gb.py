held = bytearray(64 << 30)
