from PIL import Image, ImageDraw, ImageFont

img = Image.new('RGB', (400, 300), color=(250, 245, 230))
draw = ImageDraw.Draw(img)
draw.rectangle([40, 60, 180, 240], fill=(70, 130, 180), outline='black', width=3)
draw.ellipse([210, 80, 360, 230], fill=(220, 100, 80))
font = ImageFont.load_default()
draw.text((40, 20), 'Rectangle and circle', fill='black', font=font)
img.save('shapes.png')
