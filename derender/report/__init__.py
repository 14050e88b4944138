"""What people look at: galleries, and later tables and figures."""

from .gallery import write_gallery

__all__ = ["write_gallery"]
