from pylab import *

X, Y = meshgrid(arange(-3, 3, 0.4), arange(-3, 3, 0.4))
U, V = -Y, X
figure(figsize=(6, 6))
quiver(X, Y, U, V, hypot(U, V), cmap='plasma')
title('Rotation')
axis('equal')
show()
