"""Why an SVG can't be drawn."""


class CannotDraw(Exception):
    """The document gives no picture; carries the failure's kind and, where it is known, the line."""

    def __init__(self, kind: str, message: str, line: int | None = None, detail: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.line = line
        self.detail = detail
