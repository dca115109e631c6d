"""The service described to programs: OpenAPI 3.1, made from the contract of the loaded model."""

from app.openapi.document import document_of

__all__ = ["document_of"]
