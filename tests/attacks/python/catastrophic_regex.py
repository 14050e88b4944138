import re

re.match(r"(a*)*\1*$", "a" * 40 + "b")
