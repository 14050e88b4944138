import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix

y_true = np.array([0, 1, 2, 2, 0, 1, 1, 2, 0, 2, 1, 0])
y_pred = np.array([0, 1, 2, 1, 0, 1, 2, 2, 0, 2, 1, 1])
cm = confusion_matrix(y_true, y_pred)
disp = ConfusionMatrixDisplay(cm, display_labels=['cat', 'dog', 'bird'])
disp.plot(cmap=plt.cm.Blues)
plt.title('Confusion Matrix')
plt.show()
