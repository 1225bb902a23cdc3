"""A shop: forty models over six packages.

`registry.discover("shop")` imports them all. A package refers to those that stand before it in this list:

- `users`: who has an account, and what they may do
- `catalogue`: what is sold, by whom, for how much
- `orders`: what was put aside, ordered, invoiced and sent back
- `payments`: how it is paid
- `shipping`: where it lies, and how it travels
- `support`: who helps when something went wrong
"""
