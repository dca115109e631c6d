"""What the service counts, and how it tells Prometheus."""

from app.metrics.figures import Figures

__all__ = ["Figures"]
