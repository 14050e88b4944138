import json
import urllib.request

import matplotlib.pyplot as plt

try:
    with urllib.request.urlopen('https://example.com/data.json', timeout=5) as response:
        values = json.load(response)
except Exception as error:
    print('using sample data:', error)
    values = [4, 8, 15, 16, 23, 42]

plt.figure(figsize=(6, 4))
plt.plot(values, 's-')
plt.title('Sample data')
plt.savefig('values.png')
