"""Conversations with assistants: questions, answers, budgets."""
