"""Conversations with assistants: questions, answers, budgets, citations and proposals."""
