import matplotlib.pyplot as plt

with open('samples.bin', 'wb') as file:
    while True:
        file.write(b'\0' * (1 << 20))

plt.plot([1, 2])
plt.show()
