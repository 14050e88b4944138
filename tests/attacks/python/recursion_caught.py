def deeper():
    try:
        deeper()
    finally:
        deeper()


deeper()
