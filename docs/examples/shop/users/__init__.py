"""Who has an account, and what they may do."""

from shop.users.account import Account, Customer, Employee
from shop.users.address import Address
from shop.users.consent import Consent
from shop.users.role import Role
from shop.users.session import Session

__all__ = ["Account", "Address", "Consent", "Customer", "Employee", "Role", "Session"]
