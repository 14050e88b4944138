import matplotlib.pyplot as plt

plt.rcParams['font.sans-serif'] = ['SimHei', 'Noto Sans CJK JP', 'WenQuanYi Zen Hei']
plt.rcParams['axes.unicode_minus'] = False

plt.figure(figsize=(7, 5))
plt.bar(['北京', '上海', '广州', '深圳'], [2189, 2487, 1868, 1756], color='salmon')
plt.title('城市人口')
plt.ylabel('人口（万）')
plt.show()
