"""A new account signs in at once: who has just chosen a password isn't asked for it."""

from __future__ import annotations

from webui import visitors
from webui.accounts import Account


def sign_in(account_id: str) -> Account:
    """Begin a session for an account, and return it.

    Raises LookupError if the daemon knows none, ControlError if it does not answer.
    """
    accounts = visitors.gate().accounts
    # What this process remembers is from before the account was made.
    accounts.forget()
    account = accounts.book().accounts[account_id]
    visitors.sign_in(account)
    return account
