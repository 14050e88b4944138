import os

from forge import png

os.mkdir("closed")
with open("closed/in.png", "wb") as file:
    file.write(png())
with open("barred.png", "wb") as file:
    file.write(png())
os.chmod("barred.png", 0)
os.chmod("closed", 0)
os.chmod("../.derender", 0)
os.chmod("..", 0)
os.chmod(".", 0)
