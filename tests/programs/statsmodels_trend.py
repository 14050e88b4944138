import matplotlib.pyplot as plt
import numpy as np
import statsmodels.api as sm

rng = np.random.default_rng(12)
x = np.linspace(0, 10, 50)
y = 2.5 * x + rng.normal(0, 3, 50)
model = sm.OLS(y, sm.add_constant(x)).fit()

fig, axes = plt.subplots(1, 2, figsize=(11, 4))
axes[0].scatter(x, y, alpha=0.6)
axes[0].plot(x, model.fittedvalues, color='red', label=f'R² = {model.rsquared:.2f}')
axes[0].legend()
axes[0].set_title('OLS fit')
sm.qqplot(model.resid, line='s', ax=axes[1])
axes[1].set_title('Residuals')
plt.tight_layout()
plt.show()
