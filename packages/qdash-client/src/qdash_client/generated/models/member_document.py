from qdash_core.documents.people import MemberDocument as MemberDocument
