from qdash_core.documents.people import UserDocument as UserDocument
