from PIL import Image, ImageDraw

im = Image.new('L', (200, 120), 255)
d = ImageDraw.Draw(im)
for i in range(0, 200, 20):
    d.line([(i, 0), (199 - i, 119)], fill=i, width=2)
im.show()
